// Block Kit's blocks as DOM nodes: one row of a table each. A block that isn't in the table is shown as such.

import { chart } from "./charts.js";
import { h, icon, imageUrl, link } from "./dom.js";
import { element } from "./elements.js";
import { plain, textNodes } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";
import { FIELDS } from "./surface.js";
import { dataTable, table } from "./tables.js";

/** Where an element stands, for the element itself and for whoever looks for it. */
function placeIn(surface, blockId) {
  const focus = (spec) => `${blockId}/${spec.action_id}`;
  const marks = (spec) => ({ "data-action-id": spec.action_id, "data-type": spec.type, "data-focus": focus(spec) });
  return { surface, blockId, marks, dispatch: true };
}

const prose = (text) => h("div", { class: "prose" }, textNodes(text));

function section(block, place) {
  const fields = block.fields && h("div", { class: "section-fields" }, block.fields.map(prose));
  const accessory = block.accessory && h("div", { class: "accessory" }, element(block.accessory, place));
  return [h("div", { class: "section-body" }, block.text && prose(block.text), fields), accessory];
}

const picture = (spec, style) =>
  h("img", { class: style, src: imageUrl(spec.image_url), alt: spec.alt_text ?? "", title: spec.alt_text });

// What a context block holds; anything else is named, never left out.
const CONTEXT = { image: (spec) => picture(spec, "context-image"), mrkdwn: prose, plain_text: prose };
const contextPart = (spec) => CONTEXT[spec.type]?.(spec) ?? `[${spec.type}]`;

function input(block, place) {
  const label = plain(block.label.text);
  const inner = element(block.element, { ...place, dispatch: block.dispatch_action === true, label: block.label.text });
  const error = place.surface.errors?.[place.blockId];
  const id = `about-${place.blockId}`;
  if (error) inner.setAttribute("aria-invalid", "true");
  inner.setAttribute("aria-describedby", `${id}-error ${id}-hint`);
  return [
    h("div", { class: "label" }, label, block.optional && h("span", { class: "optional" }, " (optional)")),
    inner,
    error && h("p", { class: "error", id: `${id}-error`, role: "alert", "data-testid": "input-error" },
      icon("warn"), h("span", {}, plain(error))),
    block.hint && h("p", { class: "hint", id: `${id}-hint` }, textNodes(block.hint)),
  ];
}

function image(block) {
  const file = block.slack_file;
  const url = imageUrl(block.image_url ?? file?.url ?? (file && `/files/${file.id}/image`));
  return h("figure", {}, block.title && h("figcaption", {}, textNodes(block.title)),
    h("img", { src: url, alt: block.alt_text, loading: "lazy" }));
}

const ALERTS = { info: "Info", warning: "Warning", error: "Error", success: "Success" };

function alertBlock(block) {
  const style = `alert alert--${block.level ?? "default"}`;
  return h("div", { class: style, role: "note", "aria-label": ALERTS[block.level] },
    icon(block.level === "success" ? "check" : "warn"), prose(block.text));
}

function card(block, place) {
  const part = (name) => block[name] && h("div", { class: `card-${name}` }, textNodes(block[name]));
  const { hero_image: hero, icon: mark, actions = [] } = block;
  return h("div", { class: "card" }, hero && picture(hero, "card-hero"),
    h("div", { class: "card-head" }, mark && picture(mark, "card-icon"), h("div", {}, part("title"), part("subtitle"))),
    part("body"), part("subtext"), h("div", { class: "row" }, actions.map((spec) => element(spec, place))));
}

function container(block, place) {
  const inner = blocks(block.child_blocks, place.surface);
  const title = [block.rich_text_title ? richText(block.rich_text_title) : h("strong", {}, textNodes(block.title)),
    block.subtitle && h("small", {}, textNodes(block.subtitle))];
  const [outer, head] = block.is_collapsible ? ["details", "summary"] : ["div", "div"];
  const open = block.is_collapsible && !block.default_collapsed;
  return h(outer, { class: "container", open }, h(head, { class: "container-title" }, title), inner);
}

const TASK_MARKS = { pending: "○", in_progress: "◐", complete: "✓", error: "!" };

const task = (block) => h("div", { class: `task-card task-card--${block.status}` },
  h("span", { class: "task-mark", role: "img", "aria-label": block.status?.replace("_", " ") },
    TASK_MARKS[block.status] ?? "○"),
  h("div", {}, h("strong", {}, block.title), block.details && h("div", { class: "prose" }, richText(block.details)),
    block.output && h("div", { class: "prose" }, richText(block.output)),
    (block.sources ?? []).map((one) => h("small", { class: "task-source" }, link(one.url, one.text ?? one.url)))));

/** A video is not played here: its title and its picture lead to where it is. */
function video(block) {
  const from = [block.author_name, block.provider_name].filter(Boolean).join(" · ");
  const still = h("img", { src: imageUrl(block.thumbnail_url), alt: block.alt_text });
  return h("figure", {}, from && h("small", {}, from),
    h("div", { class: "video-title" }, link(block.title_url ?? block.video_url, textNodes(block.title))),
    block.description && h("div", { class: "prose" }, textNodes(block.description)),
    link(block.video_url, [still, h("span", { class: "video-play" }, icon("play"))], { class: "video-still" }));
}

const KINDS = {
  section, input, image, card, container, table, video,
  header: (block) => h("h3", { class: "header" }, textNodes(block.text)),
  divider: () => h("hr"),
  context: (block) => block.elements.map(contextPart),
  actions: (block, place) => block.elements.map((spec) => element(spec, place)),
  context_actions: (block, place) => block.elements.map((spec) => element(spec, place)),
  rich_text: (block) => h("div", { class: "prose" }, richText(block)),
  markdown: (block) => h("div", { class: "prose prose--markdown" }, markdown(block.text)),
  data_table: dataTable,
  data_visualization: chart,
  alert: alertBlock,
  carousel: (block, place) => block.elements.map((one) => card(one, place)),
  task_card: task,
  plan: (block) => [h("strong", {}, textNodes(block.title)), (block.tasks ?? []).map(task)],
  file: (block) => h("p", { class: "note" }, icon("file"), `File ${block.external_id ?? block.file_id ?? ""}`),
};

const unsupported = (text) => h("p", { class: "unsupported", "data-testid": "unsupported" }, icon("warn"), text);

function drawn(block, place) {
  if (!Object.hasOwn(KINDS, block.type)) return unsupported(`Unsupported block: ${block.type}`);
  try {
    return KINDS[block.type](block, place);
  } catch (problem) {
    return unsupported(`This ${block.type} block can’t be drawn: ${problem.message}`);
  }
}

function one(block, at, surface) {
  const blockId = block.block_id ?? `b${at}`;
  const wide = FIELDS[block.accessory?.type] ? " block--wide-accessory" : "";
  const marks = { "data-block-id": blockId, "data-block-type": block.type };
  return surface.adopt(h("div", { class: `block block--${block.type}${wide}`, ...marks },
    drawn(block, placeIn(surface, blockId))));
}

/** The blocks of a message, modal or Home. */
export const blocks = (list, surface) => (list ?? []).map((block, at) => one(block, at, surface));
