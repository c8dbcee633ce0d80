// Ctrl+K or ⌘K: a few letters of a name, Enter, and one is in that conversation.

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { mark, steer } from "./selects.js";
import { roomMark, writeTo } from "./sidebar.js";
import { channelName, partner, personName, world } from "./workspace.js";

function roomEntries(session) {
  const go = (one) => () => session.go({ channel: one.id, tab: undefined, thread: undefined });
  const hint = (one) => (one.kind === "dm" ? partner(one).title : one.topic);
  return world.channels.map((one) => ({ name: channelName(one), hint: hint(one), mark: roomMark(one), go: go(one) }));
}

function peopleEntries(session) {
  const known = new Set(world.channels.filter((one) => one.kind === "dm").map((one) => partner(one).id));
  const others = [...world.people.values()].filter((one) => one !== world.me && !one.deleted && !known.has(one.id));
  return others.map((one) => ({
    name: personName(one), hint: one.title, mark: avatar(one, "avatar--tiny"), go: () => writeTo(session, one),
  }));
}

/** Asks where to go. */
export function openSwitcher(session) {
  const entries = [...roomEntries(session), ...peopleEntries(session)];
  const list = h("div", { class: "listbox", role: "listbox", id: "switcher-list", "aria-label": "Conversations" });
  const aria = { role: "combobox", "aria-label": "Go to", "aria-expanded": "true", "aria-controls": "switcher-list" };
  const filter = h("input", { class: "field", type: "text", placeholder: "Where to?", autocomplete: "off", ...aria });
  const dialog = h("dialog", { class: "dialog dialog--switcher", "aria-label": "Go to", "data-testid": "switcher" },
    filter, list);
  const pick = (entry) => () => {
    dialog.close();
    entry.go();
  };
  const option = (entry) => h("div", { class: "option", role: "option", "aria-selected": "false", click: pick(entry) },
    entry.mark, h("span", {}, entry.name, entry.hint && h("small", {}, entry.hint)));
  const draw = () => {
    const wanted = filter.value.toLowerCase();
    const found = entries.filter((entry) => entry.name.toLowerCase().includes(wanted));
    list.replaceChildren(...(found.length ? found.map(option) : [h("p", { class: "note" }, "No matches")]));
    mark(list, list.querySelector(".option"));
  };
  filter.addEventListener("input", draw);
  filter.addEventListener("keydown", (event) => steer(event, list));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  draw();
}
