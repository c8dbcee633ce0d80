// Pictures of people and of the app: initials on a colour of their own, or the app's mark.

import { h } from "./dom.js";
import { personName } from "./workspace.js";

const COLOURS = ["#7a4fb5", "#1f6f8b", "#a8452c", "#2f7d4f", "#8a3d6b", "#5a6b1f", "#35569c"];

/** A person's or the app's picture: initials on their colour. */
export function avatar(one, size = "") {
  const hidden = { "aria-hidden": "true" };
  const mark = () => h("img", { src: "/page/icon.svg", alt: "" });
  if (!one || one.app) return h("span", { class: `avatar avatar--app ${size}`, ...hidden }, mark());
  const initials = personName(one).split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const sum = [...one.id].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  const fill = /^[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color}` : COLOURS[sum % COLOURS.length];
  const style = `background:color-mix(in srgb, ${fill} 65%, black)`;
  return h("span", { class: `avatar ${size}`, style, ...hidden }, initials);
}
