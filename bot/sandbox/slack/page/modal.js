// Modals: the stack of views that the app opened for this person. The newest shows; the others wait under it.

import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { h, icon, iconButton, replaceKeepingFocus } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { closePopup } from "./popup.js";
import { fields } from "./surface.js";

const isEmpty = (value) => value === null || value === "" || (Array.isArray(value) && !value.length);
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const URL_LIKE = /^https?:\/\/\S+\.\S+|^https?:\/\/localhost\S*$/;

const isNumber = (spec) => spec.type === "number_input";
const above = (limit, value) => Number(value) > Number(limit);
const below = (limit, value) => Number(value) < Number(limit);
const isFraction = (value) => !Number.isInteger(Number(value));

// What Slack's client checks before it sends: when a value is wrong, and what to say.
const CHECKS = [
  [(spec, value) => spec.min_length > value.length, (spec) => `Enter at least ${spec.min_length} characters`],
  [(spec, value) => spec.type === "email_text_input" && !EMAIL.test(value), () => "Enter a valid email address"],
  [(spec, value) => spec.type === "url_text_input" && !URL_LIKE.test(value), () => "Enter a full URL: https://…"],
  [(spec, value) => isNumber(spec) && Number.isNaN(Number(value)), () => "Enter a number"],
  [(spec, value) => isNumber(spec) && !spec.is_decimal_allowed && isFraction(value), () => "Enter a whole number"],
  [(spec, value) => isNumber(spec) && below(spec.min_value, value), (spec) => `Enter ${spec.min_value} or more`],
  [(spec, value) => isNumber(spec) && above(spec.max_value, value), (spec) => `Enter ${spec.max_value} or less`],
];
const complaint = (spec, value) => CHECKS.find(([wrong]) => wrong(spec, value))?.[1](spec);

/** What is wrong with what was filled in, by block_id. */
export function problems(surface) {
  const found = {};
  for (const { blockId, spec, block } of fields(surface.blocks)) {
    if (block.type !== "input") continue;
    const value = surface.value(blockId, spec);
    const missing = isEmpty(value);
    const wrong = missing
      ? !block.optional && "Please complete this required field"
      : complaint(spec, value);
    if (wrong) found[blockId] = wrong;
  }
  return found;
}

export class Modals {
  constructor(session) {
    Object.assign(this, { session, stack: [], print: "", submitting: null, trouble: null });
    const cancel = (event) => {
      event.preventDefault();
      this.closeAll();
    };
    const label = { "aria-labelledby": "modal-title" };
    this.dialog = h("dialog", { class: "dialog dialog--view", "data-testid": "modal", cancel, ...label });
    document.body.append(this.dialog);
  }

  /** Takes in the stack of open views, newest last. */
  update(stack) {
    const before = this.stack.at(-1)?.id;
    this.stack = stack;
    const top = stack.at(-1);
    if (!top) return this.hide();
    if (top.id !== before) this.trouble = null;
    const surface = this.session.surface({ view_id: top.id }, top.blocks);
    if (top.id !== this.submitting) this.take(surface, top.errors);
    const print = JSON.stringify(stack.map(({ state, hash, ...drawn }) => drawn)); // the state, the surface knows
    if (print !== this.print || !this.dialog.open) this.draw(top.id !== before);
    this.print = print;
    return undefined;
  }

  /** Errors by block_id; under no block stands what concerns the whole form. */
  take(surface, errors) {
    if (!errors || !Object.keys(errors).length) return;
    const { "": trouble, ...byBlock } = errors;
    this.trouble = trouble ?? null;
    surface.errors = byBlock;
  }

  hide() {
    if (this.dialog.open) this.dialog.close();
    this.dialog.replaceChildren();
    this.submitting = null;
  }

  draw(fresh) {
    closePopup();
    const view = this.stack.at(-1);
    const surface = this.session.surface({ view_id: view.id }, view.blocks);
    const next = this.content(view, surface);
    const old = this.dialog.firstElementChild;
    if (old && !fresh) replaceKeepingFocus(old, next);
    else this.dialog.replaceChildren(next);
    const scrolled = old && !fresh ? this.lastScroll ?? 0 : 0;
    if (!this.dialog.open) this.dialog.showModal();
    this.body.scrollTop = scrolled;
    if (fresh) this.focusFirst();
  }

  focusFirst() {
    const order = ["[autofocus]", ".dialog-body :is(input, textarea, [role=combobox])", "[type=submit]", "button"];
    order.map((selector) => this.dialog.querySelector(selector)).find(Boolean).focus();
  }

  content(view, surface) {
    const busy = this.submitting === view.id || view.loading === true;
    const submit = (event) => {
      event.preventDefault();
      this.submit(view, surface);
    };
    const nested = this.stack.length > 1;
    const scroll = () => (this.lastScroll = this.body.scrollTop);
    this.body = h("div", { class: "dialog-body", scroll }, blocks(view.blocks, surface));
    const marks = { "data-view-id": view.id, "data-callback-id": view.callback_id, "aria-busy": String(busy) };
    return h("form", { class: "view", novalidate: true, submit, ...marks },
      h("header", { class: "dialog-head" },
        nested && iconButton("back", "Back", () => this.close(view), { "data-focus": "back" }),
        nested ? null : avatar({ app: true }, "avatar--small"), h("h2", { id: "modal-title" }, plain(view.title?.text)),
        iconButton("close", "Close", () => this.closeAll(), { "data-testid": "modal-x", "data-focus": "x" })),
      this.trouble && h("p", { class: "banner", role: "alert" }, icon("warn"), h("span", {}, this.trouble)),
      this.body, this.actions(view, busy));
  }

  actions(view, busy) {
    const marks = (name) => ({ "data-testid": `modal-${name}`, "data-focus": name });
    const style = { class: "btn btn--primary", disabled: view.submit_disabled, "aria-busy": String(busy) };
    return h("footer", { class: "dialog-actions" },
      h("button", { type: "button", class: "btn", click: () => this.close(view), ...marks("close") },
        view.close ? plain(view.close.text) : "Cancel"),
      view.submit &&
        h("button", { type: "submit", ...style, ...marks("submit") }, h("span", {}, plain(view.submit.text))));
  }

  async submit(view, surface) {
    if (this.submitting) return;
    this.trouble = null;
    surface.errors = problems(surface);
    if (Object.keys(surface.errors).length) return this.showErrors();
    this.submitting = view.id;
    this.draw(false);
    const answer = await this.session.api.submit(view.id, surface.values());
    this.submitting = null;
    surface.errors = {};
    const unexplained = { "": `We had some trouble connecting. Try again? (${answer.error})` };
    this.take(surface, answer.ok ? {} : answer.errors ?? unexplained);
    if (this.stack.at(-1)?.id === view.id && this.dialog.open) this.draw(false);
    if (!answer.ok && this.dialog.open) this.showErrors();
    return this.session.refresh(["views"]);
  }

  showErrors() {
    this.draw(false);
    this.body.querySelector("[aria-invalid=true]")?.focus();
    this.body.querySelector(".error")?.scrollIntoView({ block: "nearest" });
  }

  async close(view) {
    await this.session.api.close(view.id);
    await this.session.refresh(["views"]);
  }

  async closeAll() {
    if (this.stack.length) await this.session.api.close(this.stack.at(-1).id, true);
    await this.session.refresh(["views"]);
  }
}
