// Slack's rich_text and its markdown block as DOM nodes.

import { h, link } from "./dom.js";
import { channelMention, dateNode, emoji, EMOJI_RULE, inline, mention, URL_RULE, weave } from "./mrkdwn.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };

function styledNode(style, node) {
  return Object.entries(STYLES).reduce((inner, [name, tag]) => (style?.[name] ? h(tag, {}, inner) : inner), node);
}

const hex = (digits) => parseInt(digits, 16);
const COLOUR = /^#[0-9a-f]{3,8}$/i;

const INLINE = {
  text: (e) => e.text,
  link: (e) => link(e.url, e.text || e.url),
  user: (e) => mention(e.user_id),
  usergroup: (e) => h("span", { class: "mention" }, `@${e.usergroup_id}`),
  channel: (e) => channelMention(e.channel_id),
  team: (e) => h("span", { class: "mention" }, `@${e.team_id}`),
  broadcast: (e) => h("span", { class: "mention mention--me" }, `@${e.range}`),
  emoji: (e) => (e.unicode ? String.fromCodePoint(...e.unicode.split("-").map(hex)) : emoji(e.name)),
  date: (e) => dateNode(e.timestamp, e.format, e.fallback, e.url),
  color: (e) => [h("span", { class: "swatch", style: COLOUR.test(e.value) && `background:${e.value}` }), e.value],
};

const span = (e) => (INLINE[e.type] ? styledNode(e.style, INLINE[e.type](e)) : `[${e.type}]`);
const spans = (e) => (e.elements ?? []).map(span);

// What stands before a list's items, by how deep the list is.
const MARKS = { bullet: ["disc", "circle", "square"], ordered: ["decimal", "lower-alpha", "lower-roman"] };
const deep = (style, depth) => `margin-left:${24 * depth}px;list-style-type:${MARKS[style][depth % 3]}`;

const BLOCKS = {
  rich_text_section: (e) => h("p", {}, spans(e)),
  rich_text_quote: (e) => h("blockquote", {}, spans(e)),
  rich_text_preformatted: (e) => h("pre", {}, spans(e)),
  rich_text_list: (e) =>
    h(e.style === "ordered" ? "ol" : "ul",
      { style: deep(e.style === "ordered" ? "ordered" : "bullet", e.indent ?? 0), start: (e.offset ?? 0) + 1 },
      e.elements.map((item) => h("li", {}, spans(item)))),
};

/** The parts of a rich_text object, in order. */
export const richText = (block) => (block.elements ?? []).map((e) => BLOCKS[e.type]?.(e) ?? h("p", {}, `[${e.type}]`));

const MARKDOWN = [
  [/`([^`\n]+)`/, (m) => h("code", {}, m[1])],
  [/!\[([^\]]*)\]\(([^)\s]+)\)/, (m) => link(m[2], m[1])],
  [/\[([^\]]+)\]\(([^)\s]+)\)/, (m) => link(m[2], marked(m[1]))],
  [/<(?:[@#!]|https?:|mailto:)[^<>\n]+>/, (m) => inline(m[0])],
  [/\\([\\`*_{}[\]()#+\-.!~|>])/, (m) => m[1]],
  URL_RULE,
  EMOJI_RULE,
  [/(\*\*|__)(?=\S)(.+?\S|\S)\1/, (m) => h("strong", {}, marked(m[2]))],
  [/(?<![\w*])([*_])(?=[^\s*_])(.*?[^\s*_])\1(?![\w*])/, (m) => h("em", {}, marked(m[2]))],
  [/~~(?=\S)(.+?)~~/, (m) => h("s", {}, marked(m[1]))],
];

const marked = (text) => weave(text, MARKDOWN);
const cells = (row) => row.trim().replace(/^\||\|$/g, "").split("|").map((cell) => marked(cell.trim()));
const strip = (pattern) => (rows) => rows.map((row) => row.replace(pattern, ""));

function pipeTable(rows) {
  const [head, , ...body] = rows.map(cells);
  const line = (tag) => (row) => h("tr", {}, row.map((cell) => h(tag, {}, cell)));
  const table = h("table", {}, h("thead", {}, line("th")(head)), h("tbody", {}, body.map(line("td"))));
  return h("div", { class: "table-scroll" }, table);
}

function listItem(row) {
  const [, box, text] = /^(?:\[([ x])\]\s+)?(.*)$/is.exec(row.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, ""));
  const state = { type: "checkbox", disabled: true, checked: box !== " ", "aria-label": text };
  const tick = box === undefined ? null : h("input", state);
  const depth = Math.min(8, Math.floor(/^\s*/.exec(row)[0].length / 2));
  const number = parseInt(row, 10);
  const style = deep(number >= 0 ? "ordered" : "bullet", depth);
  return h("li", { class: tick && "task", style, value: number >= 0 ? number : null }, tick, marked(text));
}

/** A heading two levels down: the page has its own first and second. */
const heading = (row) => h(`h${Math.min(6, row.indexOf(" ") + 2)}`, {}, marked(row.replace(/^#+\s/, "")));

// Each kind of line: how to know it, and how to draw the run of such lines.
const LINES = [
  [/^\s*$/, () => null],
  [/^#{1,6}\s/, (rows) => rows.map(heading)],
  [/^\s*(?:---+|\*\*\*+|___+)\s*$/, () => h("hr")],
  [/^>\s?/, (rows) => h("blockquote", {}, markdownLines(strip(/^>\s?/)(rows)))],
  [/^\s*[-*+]\s/, (rows) => h("ul", {}, rows.map(listItem))],
  [/^\s*\d+[.)]\s/, (rows) => h("ol", { start: parseInt(rows[0], 10) }, rows.map(listItem))],
  [/^\s*\|.*\|\s*$/, (rows) => (rows.length > 1 ? pipeTable(rows) : h("p", {}, marked(rows[0])))],
  [/^/, (rows) => h("p", {}, rows.flatMap((row, at) => [at ? h("br") : null, ...marked(row)]))],
];

function markdownLines(rows) {
  const runs = [];
  for (const row of rows) {
    const kind = LINES.find(([pattern]) => pattern.test(row));
    if (runs.at(-1)?.kind === kind) runs.at(-1).rows.push(row);
    else runs.push({ kind, rows: [row] });
  }
  return runs.map(({ kind, rows: run }) => kind[1](run));
}

/** Standard Markdown, as Slack's markdown block takes it. */
export function markdown(text) {
  const pieces = text.split(/^```[^\n]*\n([\s\S]*?)^```[ \t]*$/m);
  const code = (piece) => h("pre", {}, piece.replace(/\n$/, ""));
  return pieces.map((piece, at) => (at % 2 ? code(piece) : markdownLines(piece.split("\n"))));
}
