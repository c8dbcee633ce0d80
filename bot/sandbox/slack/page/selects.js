// Selects of every kind: one combobox with a filter and a listbox, and a table of where each kind's options come from.

import { h, icon } from "./dom.js";
import { plain, textNodes } from "./mrkdwn.js";
import { openPopup } from "./popup.js";
import { channelName, person, personName, world } from "./workspace.js";

const entry = (key, text, value, hint) => ({ key, text, value, hint });
const ofOption = (option) => entry(option.value, option.text.text, option, option.description);
const matches = (query) => (item) => item.text.toLowerCase().includes(query.toLowerCase());
const ofPerson = (one) => entry(one.id, personName(one), one.id);
const sign = (one) => (one.kind === "dm" || one.kind === "app" ? "" : "#");
const ofChannel = (one) => entry(one.id, sign(one) + channelName(one), one.id);

const people = () => [{ items: [...world.people.values()].filter((one) => !one.deleted).map(ofPerson) }];
const rooms = () => world.channels.filter((one) => one.kind === "channel" || one.kind === "private");
const KIND_OF = { public: "channel", private: "private", im: "dm" };

function conversations(spec) {
  const wanted = spec.filter?.include?.map((kind) => KIND_OF[kind]);
  const shown = world.channels.filter((one) => !wanted || wanted.includes(one.kind));
  return [{ items: shown.map(ofChannel) }];
}

const groupsOf = (answer) =>
  answer.option_groups
    ? answer.option_groups.map((group) => ({ label: plain(group.label.text), items: group.options.map(ofOption) }))
    : [{ items: (answer.options ?? []).map(ofOption) }];

// How each kind finds its groups of options, and how it shows a value chosen earlier.
const SOURCES = {
  static: { find: groupsOf, show: ofOption, narrow: true },
  external: { find: (spec, query, place) => asked(spec, query, place), show: ofOption },
  users: { find: people, show: (id) => ofPerson(person(id) ?? { id, name: id }), narrow: true },
  channels: { find: () => [{ items: rooms().map(ofChannel) }], show: (id) => channelEntry(id), narrow: true },
  conversations: { find: conversations, show: (id) => channelEntry(id), narrow: true },
};

const channelEntry = (id) => {
  const found = world.channels.find((one) => one.id === id);
  return found ? ofChannel(found) : entry(id, id, id);
};

async function asked(spec, query, place) {
  if (query.length < (spec.min_query_length ?? 3)) return [{ items: [], note: "Keep typing to search" }];
  const answer = await place.surface.options(place, spec, query);
  return answer.ok ? groupsOf(answer) : [{ items: [], note: "Options couldn’t be loaded" }];
}

/** One select, single or multi, of any kind. */
export function select(spec, place) {
  const multi = spec.type.startsWith("multi_");
  const source = SOURCES[spec.type.replace(/^multi_/, "").replace(/_select$/, "")];
  const picked = () => [place.surface.value(place.blockId, spec)].flat().filter(Boolean).map(source.show);
  const label = spec.placeholder?.text ?? place.label ?? "Choose an option";
  const aria = { role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false" };
  const box = h("div", { class: "select", tabindex: 0, ...aria, "aria-label": place.label ?? label,
    ...place.marks(spec) });
  const draw = () => box.replaceChildren(...shown(picked(), label, multi, remove), icon("chevron"));
  const store = async (items) => {
    const values = items.map((item) => item.value);
    await place.surface.change(place, spec, multi ? values : values[0] ?? null);
    draw();
  };
  const remove = (key) => store(picked().filter((item) => item.key !== key));
  const open = () => openList({ box, spec, place, source, multi, picked, store, draw });
  box.addEventListener("click", (event) => !event.target.closest(".chip button") && open());
  box.addEventListener("keydown", (event) => {
    if (!["Enter", " ", "ArrowDown"].includes(event.key) || event.target !== box) return;
    event.preventDefault();
    open();
  });
  draw();
  return box;
}

function shown(items, label, multi, remove) {
  if (!items.length) return [h("span", { class: "placeholder" }, label)];
  if (!multi) return [h("span", { class: "select-value" }, plain(items[0].text))];
  const cross = (item) => ({ type: "button", "aria-label": `Remove ${item.text}`, click: () => remove(item.key) });
  return items.map((item) => h("span", { class: "chip" }, plain(item.text), h("button", cross(item), icon("close"))));
}

function openList(control) {
  const { box, spec, place, source, multi, store } = control;
  const first = control.picked();
  let chosen = first;
  const several = { "aria-multiselectable": multi && "true" };
  const list = h("div", { class: "listbox", role: "listbox", id: "listbox-open", ...several });
  const aria = { role: "combobox", "aria-label": "Filter", "aria-expanded": "true", "aria-controls": "listbox-open" };
  const filter = h("input", { class: "filter", type: "text", placeholder: "Search…", autocomplete: "off", ...aria });
  const popup = h("div", { class: "listpop", "data-testid": "listbox" }, filter, list);
  const same = () => chosen.length === first.length && chosen.every((item, at) => item.key === first[at].key);
  const closed = () => multi && !same() && store(chosen);
  const { close, place: move } = openPopup(box, popup, { closed, width: box.offsetWidth });

  const pick = (item) => {
    if (!multi) {
      close();
      box.focus();
      return store([item]);
    }
    const had = chosen.some((one) => one.key === item.key);
    if (!had && chosen.length >= (spec.max_selected_items ?? Infinity)) return undefined;
    chosen = had ? chosen.filter((one) => one.key !== item.key) : [...chosen, item];
    return refresh();
  };
  let asking = 0;
  const refresh = async () => {
    const mine = ++asking;
    const groups = await source.find(spec, filter.value, place);
    if (mine !== asking) return;
    const fits = source.narrow ? matches(filter.value) : () => true;
    drawList(list, groups.map((group) => ({ ...group, items: group.items.filter(fits) })), chosen, pick);
    move();
  };
  let pause;
  filter.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(refresh, source.narrow ? 0 : 200);
  });
  filter.addEventListener("keydown", (event) => steer(event, list));
  refresh();
  filter.focus();
}

function drawList(list, groups, chosen, pick) {
  const filled = groups.filter((group) => group.items.length);
  const note = groups.find((group) => group.note)?.note ?? "No matches";
  const option = (item) => {
    const on = chosen.some((one) => one.key === item.key);
    const marks = { role: "option", "aria-selected": String(on), "data-value": item.key };
    return h("div", { class: "option", click: () => pick(item), ...marks },
      h("span", {}, plain(item.text), item.hint && h("small", {}, textNodes(item.hint))), on && icon("check"));
  };
  const title = (label) => label && h("div", { class: "group-label", role: "presentation" }, label);
  const group = ({ label, items }) => [title(label), items.map(option)];
  const nodes = filled.map(group).flat(3).filter(Boolean);
  list.replaceChildren(...(nodes.length ? nodes : [h("p", { class: "note" }, note)]));
  mark(list, list.querySelector("[aria-selected=true]") ?? list.querySelector(".option"));
}

/** Makes this option of a listbox the active one; the filter stands just before the list. */
export function mark(list, option) {
  list.querySelector(".is-active")?.classList.remove("is-active");
  option?.classList.add("is-active");
  option?.scrollIntoView({ block: "nearest" });
  if (option) option.id = "option-active";
  list.querySelectorAll("#option-active").forEach((node) => node !== option && node.removeAttribute("id"));
  list.previousElementSibling?.setAttribute("aria-activedescendant", option ? "option-active" : "");
}

/** Arrow keys move through the options while the typing stays in the filter; Enter picks. */
export function steer(event, list) {
  const options = [...list.querySelectorAll(".option")];
  const at = options.findIndex((option) => option.classList.contains("is-active"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(list, options[(at + step + options.length) % options.length]);
  else if (event.key === "Enter") options[at]?.click();
  else return;
  event.preventDefault();
}
