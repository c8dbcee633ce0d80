// Things that float: menus, listboxes and confirm dialogs. One floats at a time; Esc and a click elsewhere close it.

import { h } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

let current = null;

/** Closes what floats, if anything does. */
export function closePopup() {
  current?.();
}

const TALLEST = 420; // pixels
const SHORTEST = 160;

/** Below the anchor, or above where more room is; as tall as the room allows, so that the anchor stays in sight. */
function position(anchor, node, align) {
  const at = anchor.getBoundingClientRect();
  const rooms = { below: innerHeight - at.bottom - 12, above: at.top - 12 };
  node.style.maxHeight = `${TALLEST}px`;
  const up = node.offsetHeight > rooms.below && rooms.above > rooms.below;
  node.style.maxHeight = `${Math.max(SHORTEST, Math.min(TALLEST, up ? rooms.above : rooms.below))}px`;
  const { offsetWidth: width, offsetHeight: height } = node;
  const left = align === "end" ? at.right - width : at.left;
  const top = up ? at.top - height - 4 : at.bottom + 4;
  node.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

/** Floats `node` at `anchor`; `closed` runs when it goes. Answers the function that closes it. */
export function openPopup(anchor, node, { closed, align, width } = {}) {
  closePopup();
  node.classList.add("popup");
  if (width) node.style.minWidth = `${width}px`;
  (anchor.closest("dialog") ?? document.body).append(node);
  const place = () => position(anchor, node, align);
  const outside = (event) => !node.contains(event.target) && !anchor.contains(event.target) && close();
  const leave = (event) => {
    if (event.key !== "Escape" && event.key !== "Tab") return;
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    close();
    anchor.focus();
  };
  const close = () => {
    if (current !== close) return;
    current = null;
    node.remove();
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", leave, true);
    anchor.setAttribute("aria-expanded", "false");
    closed?.();
  };
  current = close;
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", leave, true);
  anchor.setAttribute("aria-expanded", "true");
  place();
  return { close, place };
}

/** Arrow keys, Home and End walk the items that match `selector`. */
export function walk(container, selector) {
  container.addEventListener("keydown", (event) => {
    const items = [...container.querySelectorAll(selector)];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    items[(to + items.length) % items.length]?.focus();
  });
}

/** A menu of buttons; `items` are `{ label, hint, pick, props }`. */
export function openMenu(anchor, items, options = {}) {
  const menu = h("div", { class: "menu", role: "menu", "aria-label": options.label, "data-testid": options.testid });
  const { close, place } = openPopup(anchor, menu, options);
  menu.append(...items.map(({ label, hint, pick, props }) => {
    const click = () => {
      close();
      anchor.focus();
      pick();
    };
    return h("button", { type: "button", role: "menuitem", class: "menu-item", click, ...props }, h("span", {}, label),
      hint && h("small", {}, hint));
  }));
  walk(menu, "[role^=menuitem]");
  place();
  (menu.querySelector("[aria-checked=true]") ?? menu.firstElementChild)?.focus();
}

/** Asks a Block Kit confirm object's question; true when the person agreed. */
export function confirmDialog(spec) {
  const danger = spec.style === "danger";
  const answer = (value) => () => dialog.close(value);
  const button = (name, style, text) => h("button",
    { type: "button", class: style, click: answer(name), "data-testid": `confirm-${name}` }, textNodes(text));
  const label = { "aria-labelledby": "confirm-title", "data-testid": "confirm" };
  const dialog = h("dialog", { class: "dialog dialog--confirm", ...label },
    h("h2", { id: "confirm-title" }, textNodes(spec.title)),
    h("div", { class: "prose" }, textNodes(spec.text)),
    h("div", { class: "dialog-actions" },
      button("deny", "btn", spec.deny),
      button("yes", `btn ${danger ? "btn--danger-fill" : "btn--primary"}`, spec.confirm)));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(danger ? "[data-testid=confirm-deny]" : "[data-testid=confirm-yes]").focus();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
  });
}
