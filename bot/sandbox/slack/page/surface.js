// One message, modal or Home as something to act on: where its clicks go, what has been filled in so far, which of them
// wait for an answer and which got none. All that outlives a redraw: what was filled in as long as block_id and
// action_id stay, as Slack keeps it; a click as long as there is something to click on again.

import { h, icon } from "./dom.js";

// For each stateful element: the field that holds its state, and the field it starts from.
const single = ["selected_option", "initial_option"];
const many = ["selected_options", "initial_options"];
const typed = ["value", "initial_value"];
export const FIELDS = {
  static_select: single, external_select: single, radio_buttons: single,
  multi_static_select: many, multi_external_select: many, checkboxes: many,
  users_select: ["selected_user", "initial_user"],
  channels_select: ["selected_channel", "initial_channel"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  multi_users_select: ["selected_users", "initial_users"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  datepicker: ["selected_date", "initial_date"], timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  plain_text_input: typed, number_input: typed, email_text_input: typed, url_text_input: typed,
  rich_text_input: ["rich_text_value", "initial_value"], file_input: ["files", ""],
};
const LISTS = new Set(["selected_options", "selected_users", "selected_channels", "selected_conversations", "files"]);

/** These blocks and those inside them, as `{ blockId, block }`. */
const each = (blocks) => (blocks ?? []).flatMap((block, at) =>
  block.child_blocks ? each(block.child_blocks) : [{ blockId: block.block_id ?? `b${at}`, block }]);

/** Every element of these blocks that can be pressed or filled in, as `{ blockId, spec, block }`. */
function elements(blocks) {
  return each(blocks).flatMap(({ blockId, block }) => {
    const parts = block.type === "carousel" ? block.elements : [block];
    const specs = parts.flatMap(({ accessory, element, elements: many = [], actions = [] }) =>
      [accessory, element, ...many, ...actions]);
    return specs.filter((spec) => spec?.action_id).map((spec) => ({ blockId, spec, block }));
  });
}

/** Those of them that can be filled in. */
export const fields = (blocks) => elements(blocks).filter(({ spec }) => FIELDS[spec.type]);

const owners = new WeakMap(); // the surface of each block that was drawn

export class Surface {
  /** `address` names it to the control API: `{ channel, ts }` or `{ view_id }`; `tools`: `{ api, confirm, notify }`. */
  constructor(address, tools) {
    Object.assign(this, { address, tools, blocks: [], filled: new Map(), clicks: [] });
  }

  field(spec) {
    return FIELDS[spec.type][0];
  }

  value(blockId, spec) {
    const [field, initial] = FIELDS[spec.type];
    const kept = this.filled.get(`${blockId}/${spec.action_id}`);
    if (kept !== undefined) return kept;
    return spec[initial] ?? (LISTS.has(field) ? [] : null);
  }

  set(blockId, spec, value) {
    this.filled.set(`${blockId}/${spec.action_id}`, value);
  }

  /** All that is filled in, in the shape of Slack's `view.state.values`. */
  values() {
    const values = {};
    for (const { blockId, spec } of fields(this.blocks)) {
      values[blockId] ??= {};
      values[blockId][spec.action_id] = { type: spec.type, [this.field(spec)]: this.value(blockId, spec) };
    }
    return values;
  }

  /** Takes a new value in, and tells the app where the element dispatches; false if the person declined to confirm. */
  async change(place, spec, value) {
    const sends = place.dispatch;
    if (sends && !(await this.agreed(spec))) return false;
    this.set(place.blockId, spec, value);
    if (sends) await this.tell(place, spec, { [this.field(spec)]: value });
    return true;
  }

  /** A click on something without state: a button, or an entry of an overflow menu. */
  async press(place, spec, extra) {
    if (await this.agreed(spec)) await this.tell(place, spec, extra);
  }

  agreed(spec) {
    return spec.confirm ? this.tools.confirm(spec.confirm) : true;
  }

  options(place, spec, value) {
    return this.tools.api.options({ ...this.address, block_id: place.blockId, action_id: spec.action_id, value });
  }

  /** The sandbox marks a message whose click the app didn't answer; what it marks needn't be said twice. */
  toldByMessage(answer) {
    return Boolean(this.address.ts && answer.text);
  }

  async tell(place, spec, extra) {
    const { blockId } = place;
    if (this.waits(blockId, spec.action_id)) return;
    const click = { blockId, actionId: spec.action_id, value: spec.value, failed: null };
    this.clicks = [...this.clicks.filter((one) => !one.failed || this.blockOf(one) !== blockId), click];
    this.show();
    const where = { ...this.address, block_id: blockId, action_id: spec.action_id };
    const answer = await this.tools.api.click({ ...where, ...extra, state: this.values() });
    const untold = !answer.ok && !this.toldByMessage(answer);
    if (untold) click.failed = answer.error;
    else this.clicks = this.clicks.filter((one) => one !== click);
    const seen = this.show();
    if (untold && !seen.includes(this.blockOf(click))) this.tools.notify(SILENT);
  }

  waits(blockId, actionId) {
    return this.clicks.some((one) => !one.failed && one.actionId === actionId && this.blockOf(one) === blockId);
  }

  /** Where a click now belongs: in its block; or, where the app named no block_id and a new one came, with its like. */
  blockOf({ blockId, actionId, value }) {
    if (each(this.blocks).some((one) => one.blockId === blockId)) return blockId;
    return elements(this.blocks).find(({ spec }) => spec.action_id === actionId && spec.value === value)?.blockId;
  }

  /** Whoever comes back later is not told again what got no answer before. */
  forget() {
    this.clicks = this.clicks.filter((one) => !one.failed);
  }

  /** Makes a block that was just drawn one of this surface's, and shows in it what waits and what got no answer. */
  adopt(node) {
    owners.set(node, this);
    this.mark(node);
    return node;
  }

  /** Shows it in every block of this surface that is in sight, and answers their ids. */
  show() {
    const mine = [...document.querySelectorAll("[data-block-id]")].filter((node) => owners.get(node) === this);
    return mine.map((node) => this.mark(node));
  }

  mark(node) {
    const { blockId } = node.dataset;
    for (const inner of node.querySelectorAll("[data-action-id]")) {
      if (inner.closest("[data-block-id]") !== node) continue;
      if (this.waits(blockId, inner.dataset.actionId)) inner.setAttribute("aria-busy", "true");
      else inner.removeAttribute("aria-busy");
    }
    const reasons = this.clicks.filter((one) => one.failed && this.blockOf(one) === blockId).map((one) => one.failed);
    const told = [...node.querySelectorAll(":scope > .failure")];
    if (told.map((one) => one.title).join() === reasons.join()) return blockId; // said once, not announced again
    told.forEach((one) => one.remove());
    node.append(...reasons.map(failure));
    return blockId;
  }
}

const SILENT = "This app isn’t responding right now. Try again in a moment.";

/** What Slack shows beside something that the app didn't answer. */
function failure(reason) {
  return h("p", { class: "failure", role: "alert", title: reason, "data-testid": "failure" }, icon("warn"),
    h("span", {}, SILENT, reason && h("code", {}, reason)));
}
