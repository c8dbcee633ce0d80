// Slack's mrkdwn as DOM nodes. Everything a writer typed ends as text; only Slack's own <…> references become links,
// mentions and dates.

import { formatDate, fullTime } from "./dates.js";
import { h, link } from "./dom.js";
import { emojiFor, isDrawable } from "./emoji.js";
import { channelOf, person, personName, world } from "./workspace.js";

export const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Cuts `text` at the first match of any rule, again and again: rules are `[pattern, build(match)]`. */
export function weave(text, rules) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const hits = rules.map(([pattern, build]) => ({ match: pattern.exec(rest), build })).filter((hit) => hit.match);
    if (!hits.length) break;
    const { match, build } = hits.reduce((first, hit) => (hit.match.index < first.match.index ? hit : first));
    nodes.push(decode(rest.slice(0, match.index)), build(match, nodes.length === 0 && match.index === 0));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, decode(rest)];
}

export function emoji(name, raw = `:${name}:`) {
  const glyph = emojiFor(name);
  if (!glyph) return raw;
  const marks = { role: "img", "aria-label": name.replaceAll("_", " "), title: raw };
  if (isDrawable(glyph)) return h("span", { class: "emoji", ...marks }, glyph);
  return h("span", { class: "emoji emoji--named", "data-name": raw, ...marks }, glyph);
}

export function mention(id, label) {
  const known = person(id);
  const props = { class: id === world.me?.id ? "mention mention--me" : "mention", "data-user": id };
  const bot = id === world.app.bot_user_id ? world.app.name : label;
  return h("span", props, `@${known ? personName(known) : bot || id}`);
}

export function channelMention(id, label) {
  const known = channelOf(id);
  const place = `?as=${world.me?.name}&channel=${id}`;
  return h("a", { class: "mention", href: place, "data-go-channel": id }, `#${known?.name ?? label ?? id}`);
}

export function dateNode(epoch, format, fallback, url, first) {
  const text = Number.isFinite(epoch) ? formatDate(epoch, format, first) : fallback;
  const node = h("time", { title: Number.isFinite(epoch) ? fullTime(epoch) : null }, text);
  return url ? link(url, node) : node;
}

const broadcast = (name) => h("span", { class: "mention mention--me" }, `@${name}`);

function special(body, first) {
  const [what, label] = body.split("|");
  const [kind, ...rest] = what.split("^");
  if (kind === "date") return dateNode(Number(rest[0]), decode(rest[1] ?? ""), decode(label ?? ""), rest[2], first);
  if (kind === "subteam") return h("span", { class: "mention" }, label ?? `@${rest[0]}`);
  return broadcast(kind);
}

function reference(body, first) {
  const [target, label] = body.split(/\|(.*)/s);
  if (body[0] === "@") return mention(target.slice(1), label);
  if (body[0] === "#") return channelMention(target.slice(1), label);
  if (body[0] === "!") return special(body.slice(1), first);
  if (!/^[a-z]+:/i.test(target)) return decode(`<${body}>`);
  return link(decode(target), label ? inline(label) : decode(target).replace(/^mailto:/, ""));
}

/** A mark such as * around text, not inside a word; a space without width is a space. */
function styled(mark) {
  const edge = `[\\p{L}\\p{N}${mark}]`;
  const solid = "[^\\s\\u200b]";
  return new RegExp(`(?<!${edge})[${mark}](${solid}(?:[^\\n]*?${solid})?)[${mark}](?!${edge})`, "u");
}

export const EMOJI_RULE = [/:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/i, (m) => emoji(m[1], m[0])];
export const URL_RULE = [/https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)"'*_~`]/, (m) => link(decode(m[0]), decode(m[0]))];

const SPANS = [
  [/`([^`\n]+)`/, (m) => h("code", {}, weave(m[1], [[/<([^<>\n]+)>/, (r, f) => reference(r[1], f)]]))],
  [/<([^<>\n]+)>/, (m, first) => reference(m[1], first)],
  EMOJI_RULE,
];
const marked = (within) => [
  [styled("*"), (m) => h("strong", {}, within(m[1]))],
  [styled("_"), (m) => h("em", {}, within(m[1]))],
  [styled("~"), (m) => h("s", {}, within(m[1]))],
];
const RULES = [...SPANS, URL_RULE, ...marked((text) => inline(text))];
const VERBATIM_RULES = [...SPANS, ...marked((text) => verbatimInline(text))];

export const inline = (text) => weave(text, RULES);

/** The same for a text whose bare addresses stay text. */
const verbatimInline = (text) => weave(text, VERBATIM_RULES);

const lines = (rows, draw) => rows.flatMap((row, at) => (at ? [h("br"), draw(row)] : [draw(row)]));
const QUOTE = /^(?:&gt;|>)\s?/;
const BULLET = /^\s*•\s+/;
const LINE_KINDS = [
  [QUOTE, (rows, draw) => h("blockquote", {}, lines(rows.map((row) => row.replace(QUOTE, "")), draw))],
  [BULLET, (rows, draw) => h("ul", {}, rows.map((row) => h("li", {}, draw(row.replace(BULLET, "")))))],
  [/^/, (rows, draw) => h("p", {}, lines(rows, draw))],
];
const kindOf = (row) => LINE_KINDS.find(([pattern]) => pattern.test(row));

function paragraphs(text, draw) {
  const groups = [];
  for (const row of text.split("\n")) {
    const kind = kindOf(row);
    if (groups.at(-1)?.kind === kind) groups.at(-1).rows.push(row);
    else groups.push({ kind, rows: [row] });
  }
  return groups.map(({ kind, rows }) => kind[1](rows, draw));
}

const trimmed = (text) => text.replace(/^\n|\n$/g, "");

/** mrkdwn as block nodes: paragraphs, quotes, bulleted lines and ``` code. */
export function mrkdwn(text, verbatim = false) {
  const draw = verbatim ? verbatimInline : inline;
  const pieces = (text ?? "").split(/```([\s\S]*?)```/);
  return pieces.map((piece, at) => {
    if (at % 2) return h("pre", {}, decode(trimmed(piece)));
    return trimmed(piece) ? paragraphs(trimmed(piece), draw) : null;
  });
}

/** A text object, mrkdwn or plain; plain text knows emoji only. */
export function textNodes(text) {
  if (!text) return [];
  if (typeof text === "string") return [text];
  if (text.type === "mrkdwn") return mrkdwn(text.text, text.verbatim);
  return text.emoji === false ? [text.text] : plain(text.text);
}

/** Plain text: its emoji names are drawn, all else is as typed. */
export function plain(text) {
  const parts = decode(text ?? "").split(/(:[a-z0-9_+'-]+:)/i);
  return parts.map((part, at) => (at % 2 ? emoji(part.slice(1, -1), part) : part));
}
