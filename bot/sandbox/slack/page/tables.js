// Slack's table and data_table. Numbers stand right; a data_table sorts by its headings and turns pages.

import { h, iconButton } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const CELLS = {
  raw_text: (cell) => plain(cell.text ?? ""),
  raw_number: (cell) => cell.text ?? cell.value?.toLocaleString("en-US") ?? "",
  rich_text: (cell) => h("div", { class: "prose" }, richText(cell)),
};

const content = (cell) => (cell ? CELLS[cell.type]?.(cell) ?? `[${cell.type}]` : "");
const flat = (cell) => (cell.type === "rich_text" ? JSON.stringify(cell.elements) : cell.text ?? cell.value ?? "");
const numeric = (cell) => cell?.type === "raw_number";
const digits = (text) => Number(text.replace(/[^\d.-]/g, "") || NaN);
const numberOf = (cell) => (numeric(cell) ? cell.value : digits(String(flat(cell))));

function cellNode(tag, cell, setting, props = {}) {
  const align = setting?.align ?? (numeric(cell) ? "right" : "left");
  return h(tag, { class: `cell--${align}${setting?.is_wrapped ? " cell--wrapped" : ""}`, ...props }, content(cell));
}

const scroller = (label, node) =>
  h("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": label }, node);

/** The plain table: its first row is the heading. */
export function table(block) {
  const [head, ...body] = block.rows;
  const settings = block.column_settings ?? [];
  const row = (tag, props) => (cells) => h("tr", {}, cells.map((cell, at) => cellNode(tag, cell, settings[at], props)));
  const heading = h("thead", {}, row("th", { scope: "col" })(head));
  return scroller("Table", h("table", {}, heading, h("tbody", {}, body.map(row("td")))));
}

function compare(column, down) {
  const order = (a, b) => {
    const [x, y] = [numberOf(a[column]), numberOf(b[column])];
    return Number.isNaN(x) || Number.isNaN(y) ? String(flat(a[column])).localeCompare(String(flat(b[column]))) : x - y;
  };
  return (a, b) => (down ? -1 : 1) * order(a, b);
}

const ARROWS = { ascending: "↑", descending: "↓", none: "" };

/** The data table: a caption, headings that sort, pages of `page_size`. */
export function dataTable(block) {
  const [head, ...body] = block.rows;
  const size = block.page_size ?? 5;
  const shown = { page: 0, column: null, down: false };
  const node = h("div", { class: "data-table" });
  const caption = typeof block.caption === "string" ? block.caption : block.caption?.text ?? "";
  const turn = (by) => () => redraw({ page: shown.page + by });
  const sort = (column) => () => redraw({ column, down: shown.column === column && !shown.down, page: 0 });

  const heading = (cell, at) => {
    const state = shown.column === at ? (shown.down ? "descending" : "ascending") : "none";
    const right = numeric(body[0]?.[at]) ? "cell--right" : "cell--left";
    return h("th", { scope: "col", "aria-sort": state, class: right },
      h("button", { type: "button", class: "sort", click: sort(at), "data-focus": `sort-${at}` }, content(cell),
        h("span", { "aria-hidden": "true", class: "sort-mark" }, ARROWS[state])));
  };
  const line = (cells) => h("tr", {}, cells.map((cell, at) => {
    const names = at === block.row_header_column_index;
    return cellNode(names ? "th" : "td", cell, null, names ? { scope: "row" } : {});
  }));
  const pager = () => {
    const last = Math.ceil(body.length / size) - 1;
    const from = shown.page * size;
    const told = `${from + 1}–${Math.min(from + size, body.length)} of ${body.length}`;
    const next = { disabled: shown.page === last, "data-focus": "next", class: "icon-btn flip" };
    return h("div", { class: "pager" }, h("span", {}, told),
      iconButton("back", "Previous page", turn(-1), { disabled: shown.page === 0, "data-focus": "back" }),
      iconButton("back", "Next page", turn(1), next));
  };
  function redraw(change = {}) {
    const focused = document.activeElement?.dataset?.focus;
    Object.assign(shown, change);
    const rows = shown.column === null ? body : [...body].sort(compare(shown.column, shown.down));
    const page = rows.slice(shown.page * size, (shown.page + 1) * size);
    const headings = h("thead", {}, h("tr", {}, head.map(heading)));
    const drawn = h("table", {}, h("caption", {}, plain(caption)), headings, h("tbody", {}, page.map(line)));
    node.replaceChildren(scroller(caption, drawn), ...(body.length > size ? [pager()] : []));
    if (focused) node.querySelector(`[data-focus="${focused}"]`)?.focus();
  }
  redraw();
  return node;
}
