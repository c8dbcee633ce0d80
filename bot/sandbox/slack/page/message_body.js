// What a message says: its blocks or its text, its files, and the mark that it was edited.

import { blocks } from "./blocks.js";
import { fullTime } from "./dates.js";
import { h, icon, imageUrl, link } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** Bytes as people say them. */
function sizeOf(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function fileNode(file) {
  const own = `/files/${file.id}/${encodeURIComponent(file.name ?? "file")}`;
  const url = imageUrl(file.url_private ?? file.permalink ?? own);
  const title = file.title || file.name || file.id;
  if (file.mimetype?.startsWith("image/")) {
    const picture = h("img", { src: url, alt: file.alt_txt ?? file.alt_text ?? title });
    return h("figure", { class: "file-image" }, h("figcaption", {}, title), link(url, picture));
  }
  const kind = [file.pretty_type ?? file.filetype, sizeOf(file.size)].filter(Boolean).join(" · ");
  const words = h("span", {}, h("strong", {}, title), h("small", {}, kind));
  return link(url, [h("span", { class: "file-mark" }, icon("file")), words], { class: "file", download: file.name });
}

/** An attachment of the older kind: a coloured bar beside text or blocks. */
function attachment(spec, surface) {
  const colour = /^#?[0-9a-f]{6}$/i.test(spec.color ?? "") ? `border-color:#${spec.color.replace("#", "")}` : null;
  const title = spec.title && h("strong", {}, spec.title_link ? link(spec.title_link, spec.title) : spec.title);
  const prose = (text) => h("div", { class: "prose" }, mrkdwn(text));
  const words = spec.blocks ? blocks(spec.blocks, surface) : [title, prose(spec.text ?? spec.fallback)];
  return [spec.pretext && prose(spec.pretext), h("div", { class: "attachment", style: colour }, words)];
}

function edited(message) {
  const title = `Edited ${fullTime(message.edited.ts ?? message.ts)}`;
  return h("span", { class: "edited", title }, "(edited)");
}

const ENDS_IN_WORDS =
  ".prose, .block--section:not(:has(.accessory, .section-fields)), .block--context, .block--rich_text";

/** The mark stands behind the last words where the message ends in words, else under it. */
function place(mark, nodes) {
  const last = nodes.at(-1);
  const line = last?.matches(ENDS_IN_WORDS) ? [...last.querySelectorAll("p")].at(-1) : undefined;
  if (line) line.append(" ", mark);
  else last?.after(" ", mark);
}

/** What a message says: its blocks, or its text where it has none; then its files. */
export function body(message, surface) {
  const drawn = blocks(message.blocks, surface);
  const words = drawn.length || !message.text ? drawn : [h("div", { class: "prose" }, mrkdwn(message.text))];
  const node = h("div", { class: "message-body" }, words);
  if (message.edited) place(edited(message), words);
  node.append(...(message.attachments ?? []).flatMap((spec) => attachment(spec, surface)).filter(Boolean));
  node.append(...(message.files ?? []).map(fileNode));
  if (message.failed) {
    const props = { class: "failure", role: "alert", "data-testid": "failure" };
    node.append(h("p", props, icon("warn"), h("span", {}, message.failed)));
  }
  return node;
}
