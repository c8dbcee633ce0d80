// The message box's two rows of buttons: marks around the selected words above it, what opens a menu below.

import { h, iconButton } from "./dom.js";

// What each button puts around the selection, and the key that does the same with Ctrl or ⌘.
const MARKS = [
  { drawing: "bold", label: "Bold", around: "*", key: "b" },
  { drawing: "italic", label: "Italic", around: "_", key: "i" },
  { drawing: "strike", label: "Strikethrough", around: "~", key: "x", shift: true },
  { drawing: "code", label: "Code", around: "`", key: "c", shift: true },
];

/** A click here must not take the caret out of the message box. */
const keep = { pointerdown: (event) => event.preventDefault(), tabindex: -1 };

/** Puts `around` on both sides of what is selected; the caret stays within. */
export function surround(box, around) {
  const { selectionStart: from, selectionEnd: to, value } = box;
  const text = value.slice(0, from) + around + value.slice(from, to) + around + value.slice(to);
  return { text, from: from + around.length, to: to + around.length };
}

/** What a key with Ctrl or ⌘ puts around the selection, if anything. */
export function markOf(event) {
  if (!event.ctrlKey && !event.metaKey) return undefined;
  const key = event.key.toLowerCase();
  return MARKS.find((one) => one.key === key && Boolean(one.shift) === event.shiftKey)?.around;
}

/** The row above the text. */
export function markRow(apply) {
  const button = ({ drawing, label, around }) => iconButton(drawing, label, () => apply(around), keep);
  return h("div", { class: "composer-marks", role: "toolbar", "aria-label": "Formatting" }, MARKS.map(button));
}

/** The buttons under the text: whom to mention and, where they are taken, the commands. */
export function openers(begin, takesCommands) {
  return h("div", { class: "composer-openers" },
    takesCommands && iconButton("slash", "Commands", () => begin("/"), { ...keep, "data-testid": "commands" }),
    iconButton("at", "Mention somebody", () => begin("@"), keep));
}
