// Builds every node of the page. Data only ever becomes text nodes and attributes, never markup: nothing here, and
// nothing that uses it, may parse a string as HTML.

const SVG = "http://www.w3.org/2000/svg";
const LIVE = new Set(["value", "checked", "disabled", "indeterminate", "hidden", "open", "selected"]);
const SAFE_URL = /^(https?:|mailto:|tel:|slack:|\/|blob:|data:image\/(png|gif|jpeg|webp);)/i;

/** Gives a node its attributes, live values and listeners. */
export function dress(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (LIVE.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
}

function fill(node, props, children) {
  dress(node, props);
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

/** An HTML element: functions become listeners (`click`), the rest attributes; empty children are left out. */
export const h = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children);

/** The same for SVG. */
export const svg = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** A link that opens elsewhere, or only its text where the address could run code. */
export function link(url, children, props = {}) {
  if (!SAFE_URL.test(url)) return h("span", {}, children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...props }, children);
}

/** An address that an image may be loaded from; others yield nothing, so the alternative text shows. */
export const imageUrl = (url) => (url && SAFE_URL.test(url) ? url : undefined);

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  menu: "M4 7h16M4 12h16M4 17h16",
  send: "M4 12l16-8-5 16-3.5-6.5z",
  thread: "M4 5h16v11H10l-5 4v-4H4z",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  hash: "M5 9h15M4 15h15M10 4L8 20M16 4l-2 16",
  chevron: "M6 9l6 6 6-6",
  check: "M5 12.5l4.5 4.5L19 7",
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  moon: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M5 5l1 1M18 18l1 1M2 12h2M20 12h2M5 19l1-1M18 6l1-1",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  warn: "M12 4l9.5 16h-19zM12 10v4.5M12 17.5v.01",
  clock: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3.5 2",
  down: "M12 5v14M6 13l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  at: "M16 8v5a2.5 2.5 0 0 0 5 0v-1a9 9 0 1 0-3.6 7.2M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  slash: "M4 4h16v16H4zM14.5 8l-5 8",
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z",
  italic: "M10 5h8M6 19h8M14.5 5l-5 14",
  strike: "M4 12h16M16.5 8c-.5-2-2.2-3-4.5-3s-4.5 1.1-4.5 3.2M7.5 16c.5 2 2.2 3 4.5 3s4.5-1.1 4.5-3.2",
  code: "M9 8l-5 4 5 4M15 8l5 4-5 4",
  quote: "M5 5v14M10 7h10M10 12h10M10 17h6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  thumbUp:
    "M7 11v9H4v-9zM7 11l4-7c1.6 0 2.5 1 2.2 2.6L12.7 10H19a1.6 1.6 0 0 1 1.6 2l-1.7 6.6a2 2 0 0 1-2 1.4H7",
  thumbDown:
    "M7 13V4H4v9zM7 13l4 7c1.6 0 2.5-1 2.2-2.6L12.7 14H19a1.6 1.6 0 0 0 1.6-2l-1.7-6.6a2 2 0 0 0-2-1.4H7",
  play: "M8 5l11 7-11 7z",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.500L20 20",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 20c1-4 4-6 8-6s7 2 8 6",
};

/** A line drawing from the table above, dots where it has none; decorative, so hidden from screen readers. */
export function icon(name) {
  const path = svg("path", { d: ICONS[name] ?? ICONS.dots });
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, path);
}

/** A square button with a drawing and a spoken name. */
export function iconButton(name, label, click, props = {}) {
  const spoken = { "aria-label": label, title: label };
  return h("button", { type: "button", class: "icon-btn", click, ...spoken, ...props }, icon(name));
}

// What the pointer is pressing: a browser drops the click on what is drawn anew between the pointer's going down and
// its coming up, so the heir is clicked instead.
let pressed = null; // `{ control, key, heir }`

const keyOf = (node) => (node?.localName === "label" ? node.querySelector("[data-focus]") : node)?.dataset.focus;
const heirOf = (key, next) => (key ? next.querySelector(`[data-focus="${CSS.escape(key)}"]`) : null);

addEventListener("pointerdown", ({ target, button }) => {
  const control = button === 0 && target.closest?.("label, [data-focus]");
  pressed = control && { control, key: keyOf(control), heir: null };
}, true);
addEventListener("pointerup", ({ target }) => {
  const heir = pressed?.heir;
  pressed = null;
  if (heir && (heir.closest("label") ?? heir).contains(target)) heir.click();
}, true);
addEventListener("pointercancel", () => (pressed = null), true);

/** Puts `next` where `old` is; whoever typed, tabbed or pressed in it goes on in the same control of the new. */
export function replaceKeepingFocus(old, next) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const caret = focused && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  const scroll = old.scrollTop;
  if (pressed && old.contains(pressed.heir ?? pressed.control)) pressed.heir = heirOf(pressed.key, next);
  old.replaceWith(next);
  next.scrollTop = scroll;
  if (!focused) return;
  const heir = heirOf(keyOf(focused.closest("[data-focus]")), next);
  (heir || (next.hasAttribute("tabindex") ? next : null))?.focus({ preventScroll: true });
  if (heir && caret?.[0] != null && "setSelectionRange" in heir) heir.setSelectionRange(...caret);
}

/** The same for a row of nodes that always stand there, of which only those that look otherwise are replaced. */
export function redraw(parent, nodes) {
  if (!parent.children.length) parent.append(...nodes);
  nodes.forEach((next, at) => {
    const old = parent.children[at];
    if (!old.isEqualNode(next)) replaceKeepingFocus(old, next);
  });
}
