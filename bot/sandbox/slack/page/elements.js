// Block Kit's interactive elements: one row of a table each.

import { ofWallClock, wallClock } from "./dates.js";
import { h, icon, iconButton, imageUrl } from "./dom.js";
import { plain, textNodes } from "./mrkdwn.js";
import { openMenu } from "./popup.js";
import { select } from "./selects.js";

const SHOWN = 30; // characters of a button's text that fit for certain; Slack cuts the rest off as well

function button(spec, place) {
  const press = () => {
    if (spec.url) window.open(spec.url, "_blank", "noopener");
    place.surface.press(place, spec, spec.value === undefined ? {} : { value: spec.value });
  };
  const style = { primary: "btn btn--primary", danger: "btn btn--danger" }[spec.style] ?? "btn";
  const title = spec.text.text.length > SHOWN ? spec.text.text : null;
  const node = h("button", { type: "button", class: style, "aria-label": spec.accessibility_label, click: press,
    title, "data-value": spec.value, ...place.marks(spec) }, h("span", {}, textNodes(spec.text)));
  return node;
}

function overflow(spec, place) {
  const pick = (option) => () => {
    if (option.url) window.open(option.url, "_blank", "noopener");
    place.surface.press(place, spec, { selected_option: option });
  };
  const items = () => spec.options.map((option) => ({
    label: plain(option.text.text), hint: option.description && plain(option.description.text), pick: pick(option),
    props: { "data-value": option.value },
  }));
  const label = "More actions";
  const click = () => openMenu(node, items(), { align: "end", label, testid: "overflow" });
  const node = h("button", { type: "button", class: "icon-btn btn-overflow", click, "aria-label": label,
    "aria-haspopup": "menu", "aria-expanded": "false", ...place.marks(spec) }, icon("dots"));
  return node;
}

/** A group of radio buttons or checkboxes. */
const choices = (type) => (spec, place) => {
  const radio = type === "radio";
  const kept = [place.surface.value(place.blockId, spec)].flat().filter(Boolean).map((option) => option.value);
  const name = `${place.blockId}/${spec.action_id}/${place.surface.address.view_id ?? place.surface.address.ts}`;
  const change = async () => {
    const on = [...node.querySelectorAll("input")].flatMap((input, at) => (input.checked ? [spec.options[at]] : []));
    const taken = await place.surface.change(place, spec, radio ? on[0] ?? null : on);
    if (!taken) node.replaceWith(choices(type)(spec, place));
  };
  const option = (one) => h("label", { class: "choice", "data-value": one.value },
    h("input", { type, name, checked: kept.includes(one.value), change, "data-focus": `${name}/${one.value}` }),
    h("span", {}, h("span", {}, textNodes(one.text)), one.description && h("small", {}, textNodes(one.description))));
  const role = radio ? "radiogroup" : "group";
  const node = h("div", { class: "choices", role, "aria-label": place.label, ...place.marks(spec) },
    spec.options.map(option));
  return node;
};

const toLocal = (epoch) => (epoch ? wallClock(epoch) : "");
const toEpoch = (text) => (text ? ofWallClock(text) : null);
const PICKERS = {
  datepicker: { type: "date", show: (value) => value, read: (text) => text || null },
  timepicker: { type: "time", show: (value) => value, read: (text) => text || null },
  datetimepicker: { type: "datetime-local", show: toLocal, read: toEpoch },
};

function picker(spec, place) {
  const kind = PICKERS[spec.type];
  const shown = () => kind.show(place.surface.value(place.blockId, spec)) ?? "";
  const label = place.label ?? spec.placeholder?.text ?? "Choose";
  const mark = () => node.toggleAttribute("data-empty", !node.value);
  const changed = async () => {
    mark();
    if (!(await place.surface.change(place, spec, kind.read(node.value)))) node.value = shown();
    mark();
  };
  const node = h("input", { type: kind.type, class: "field field--picker", value: shown(), change: changed,
    "aria-label": label, title: label, placeholder: spec.placeholder?.text, ...place.marks(spec) });
  mark();
  return node;
}

const INPUTS = {
  plain_text_input: {},
  number_input: { inputmode: "decimal", class: "field field--number" },
  email_text_input: { type: "email" },
  url_text_input: { type: "url" },
  rich_text_input: { multiline: true },
};

const richSection = (text) => ({ type: "rich_text_section", elements: [{ type: "text", text }] });
const richValue = (text) => ({ type: "rich_text", elements: [richSection(text)] });
const richWords = (value) => value.elements.flatMap((e) => e.elements ?? []).map((e) => e.text ?? "").join("");
const asText = (value) => (typeof value === "object" && value ? richWords(value) : value ?? "");

function typing(spec, place) {
  const { multiline, ...kind } = INPUTS[spec.type];
  const rich = spec.type === "rich_text_input";
  const triggers = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const quiet = { ...place, dispatch: false };
  const read = () => (node.value === "" ? null : rich ? richValue(node.value) : node.value);
  const store = (how) => place.surface.change(how, spec, read());
  const input = () => store(triggers.includes("on_character_entered") ? place : quiet);
  const keydown = (event) => {
    const enter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (enter && triggers.includes("on_enter_pressed")) store(place);
    if (enter && tag === "input") event.preventDefault();
  };
  const tag = spec.multiline || multiline ? "textarea" : "input";
  const node = h(tag, { type: tag === "input" ? "text" : null, class: "field", rows: tag === "textarea" ? 4 : null,
    placeholder: spec.placeholder?.text, maxlength: spec.max_length, "aria-label": place.label, autocomplete: "off",
    autofocus: spec.focus_on_load, value: asText(place.surface.value(place.blockId, spec)), input, keydown, ...kind,
    ...place.marks(spec) });
  return node;
}

function fileInput(spec, place) {
  const names = h("span", { class: "note" });
  const change = () => {
    const chosen = [...node.querySelector("input").files];
    const files = chosen.map((file) => ({ name: file.name, size: file.size, mimetype: file.type }));
    names.textContent = files.map((file) => file.name).join(", ");
    place.surface.change(place, spec, files);
  };
  const accept = spec.filetypes?.map((type) => `.${type}`).join(",");
  const node = h("label", { class: "file-input", ...place.marks(spec) }, icon("file"), h("span", {}, "Add a file"),
    h("input", { type: "file", multiple: spec.max_files !== 1, accept, change, "aria-label": place.label }), names);
  return node;
}

function image(spec) {
  const file = spec.slack_file;
  const src = imageUrl(spec.image_url ?? file?.url ?? (file && `/files/${file.id}/image`));
  return h("img", { class: "thumb", src, alt: spec.alt_text ?? "", title: spec.alt_text });
}

function feedback(spec, place) {
  const one = ({ text, value, accessibility_label: label }, glyph) => {
    const click = () => place.surface.press(place, spec, { value });
    const marks = { ...place.marks(spec), "data-value": value, "data-focus": `${place.blockId}/feedback/${value}` };
    return iconButton(glyph, label ?? text?.text, click, marks);
  };
  return h("span", { class: "feedback" },
    one(spec.positive_button, "thumbUp"), one(spec.negative_button, "thumbDown"));
}

/** A button that is only a drawing; its text is what it is called. */
function drawingButton(spec, place) {
  const press = () => place.surface.press(place, spec, spec.value === undefined ? {} : { value: spec.value });
  const name = spec.accessibility_label ?? spec.text?.text;
  return iconButton(spec.icon, name, press, place.marks(spec));
}

const KINDS = {
  button, overflow, image, workflow_button: button, icon_button: drawingButton,
  feedback_buttons: feedback, file_input: fileInput,
  radio_buttons: choices("radio"), checkboxes: choices("checkbox"),
  datepicker: picker, timepicker: picker, datetimepicker: picker,
  ...Object.fromEntries(Object.keys(INPUTS).map((type) => [type, typing])),
  ...Object.fromEntries(["static", "external", "users", "channels", "conversations"].flatMap((kind) =>
    [[`${kind}_select`, select], [`multi_${kind}_select`, select]])),
};

/** One element; `place` says which surface and block it is in, its label, and whether it dispatches. */
export function element(spec, place) {
  const build = KINDS[spec.type];
  return build ? build(spec, place) : h("span", { class: "unsupported" }, `Unsupported element: ${spec.type}`);
}
