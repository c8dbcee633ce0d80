// The message box: Enter sends, Shift+Enter breaks the line, `/` lists the app's commands, `@` the people, ↑ brings
// back what was sent last. It keeps each conversation's draft.

import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { markOf, markRow, openers, surround } from "./formatting.js";
import { channelName, personName, standing, world } from "./workspace.js";

const drafts = new Map();
const sent = new Map();

const escapeText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const BROADCASTS = ["here", "channel", "everyone"];

function personReference(whole, name) {
  if (name.toLowerCase() === world.app.name?.toLowerCase()) return `<@${world.app.bot_user_id}|${name}>`;
  const found = [...world.people.values()].find((one) => one.name === name.toLowerCase());
  return found ? `<@${found.id}|${found.name}>` : whole;
}

function channelReference(whole, name) {
  const found = world.channels.find((one) => one.name === name && (one.kind === "channel" || one.kind === "private"));
  return found ? `<#${found.id}|${found.name}>` : whole;
}

/** Known @names and #channels as Slack's references, as an app that asks for escaped commands receives them. */
export function withReferences(text) {
  return text.replace(/(?<![\w@])@([\w.-]*\w)/g, personReference).replace(/(?<![\w#&])#([\w-]*\w)/g, channelReference);
}

/** What a person typed as Slack stores a message: escaped, with references. */
export function toSlackText(text) {
  const references = withReferences(escapeText(text)).replace(/<@(\w+)\|[^>]*>/g, "<@$1>");
  return references.replace(/(?<![\w@<])@(\w+)/g, (whole, name) => (BROADCASTS.includes(name) ? `<!${name}>` : whole));
}

const entryText = (name, beside, below) =>
  [h("div", {}, h("strong", {}, name), " ", h("span", { class: "usage" }, beside ?? "")), h("small", {}, below ?? "")];

function commandEntries(query) {
  const commands = (world.app.commands ?? []).filter((one) => one.command.startsWith(query));
  return commands.map((one) => ({
    insert: `${one.command} `,
    node: entryText(one.command, one.usage_hint, one.description),
    mark: avatar({ app: true }, "avatar--small"), key: one.command,
  }));
}

function peopleEntries(query) {
  const wanted = query.slice(1).toLowerCase();
  const { name = "", bot_user_id: id } = world.app;
  const app = { id, name: name.toLowerCase(), real_name: name, app: true, title: "App" };
  const everyone = [app, ...world.people.values()].filter((one) => one.name && !one.deleted);
  const found = everyone.filter((one) => one.name.startsWith(wanted) || personName(one).toLowerCase().includes(wanted));
  return found.slice(0, 8).map((one) => ({
    insert: `@${one.name} `, key: one.name, mark: avatar(one, "avatar--small"),
    node: entryText(personName(one), standing(one), one.title),
  }));
}

// What opens a menu, by the text before the caret; the menu replaces what the pattern matched.
const MENUS = [
  { pattern: /^\/\S*$/, entries: commandEntries, title: "Commands", testid: "slash-menu" },
  { pattern: /(?<=^|\s)@[\w.-]*$/, entries: peopleEntries, title: "People", testid: "people-menu" },
];

export class Composer {
  /** `send(text)` answers whether the text was taken; `where` is the conversation's key for drafts. */
  constructor({ channel, thread, send, tell }) {
    Object.assign(this, { send, tell, where: `${channel.id}/${thread ?? ""}`, entries: [], at: 0, recalled: 0 });
    const sign = channel.kind === "dm" || channel.kind === "app" ? "" : "#";
    const label = thread ? "Reply…" : `Message ${sign}${channelName(channel)}`;
    const id = thread ? "reply-box" : "composer";
    const aria = { "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": `${id}-menu` };
    this.box = h("textarea", { id, rows: 1, placeholder: label, "aria-label": label, autocomplete: "off",
      value: drafts.get(this.where) ?? "", "data-testid": id, role: "combobox", ...aria,
      input: () => this.typed(), keydown: (event) => this.key(event), blur: () => this.closeMenu() });
    this.menu = h("div", { class: "menu composer-menu", role: "listbox", id: `${id}-menu`, hidden: true });
    this.go = h("button", { type: "submit", class: "send", "aria-label": "Send", title: "Send" }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      this.submit();
    };
    const click = (event) => event.target === this.node && this.box.focus();
    this.node = h("form", { class: "composer", submit, click }, this.menu, markRow((mark) => this.surround(mark)),
      this.box, h("div", { class: "composer-foot" }, openers((sign) => this.begin(sign), !thread), this.go));
    requestAnimationFrame(() => this.fit());
  }

  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, innerHeight * 0.4)}px`;
    this.go.disabled = !this.box.value.trim();
    const commands = this.node.querySelector("[data-testid=commands]");
    if (commands) commands.disabled = Boolean(this.box.value);
  }

  typed() {
    drafts.set(this.where, this.box.value);
    this.recalled = 0;
    this.fit();
    this.suggest();
  }

  suggest() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const menu = MENUS.find(({ pattern }) => pattern.test(before));
    this.entries = menu ? menu.entries(menu.pattern.exec(before)[0]) : [];
    if (!this.entries.length) return this.closeMenu();
    this.at = 0;
    this.pattern = menu.pattern;
    this.menu.dataset.testid = menu.testid;
    this.menu.setAttribute("aria-label", menu.title);
    return this.drawMenu(menu.title);
  }

  drawMenu(title) {
    const pointerdown = (event) => event.preventDefault();
    const option = (entry, at) => h("div", { role: "option", id: `${this.menu.id}-${at}`, class: "menu-item option",
      "aria-selected": String(at === this.at), "data-value": entry.key, pointerdown, click: () => this.take(at) },
    entry.mark, h("span", {}, entry.node));
    const label = h("div", { class: "group-label", role: "presentation" }, title);
    this.menu.replaceChildren(label, ...this.entries.map(option));
    this.menu.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
    this.box.setAttribute("aria-activedescendant", `${this.menu.id}-${this.at}`);
    this.menu.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  closeMenu() {
    this.menu.hidden = true;
    this.entries = [];
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
  }

  take(at) {
    const caret = this.box.selectionStart;
    const before = this.box.value.slice(0, caret).replace(this.pattern, this.entries[at].insert);
    this.write(before + this.box.value.slice(caret).trimStart(), before.length);
    this.closeMenu();
  }

  write(text, caret = text.length, end = caret) {
    this.box.value = text;
    drafts.set(this.where, text);
    this.box.focus();
    this.box.setSelectionRange(caret, end);
    this.fit();
  }

  surround(mark) {
    const { text, from, to } = surround(this.box, mark);
    this.write(text, from, to);
  }

  /** Types the sign that opens a menu: a command stands first and alone, a mention behind a space. */
  begin(sign) {
    const before = this.box.value.slice(0, this.box.selectionStart);
    if (sign === "/") this.write("/");
    else this.insert(before, `${/\S$/.test(before) ? " " : ""}${sign}`);
    this.suggest();
  }

  insert(before, text) {
    const after = this.box.value.slice(this.box.selectionEnd);
    this.write(before + text + after, before.length + text.length);
  }

  key(event) {
    if (event.isComposing) return;
    const mark = markOf(event);
    if (mark) {
      event.preventDefault();
      this.surround(mark);
      return;
    }
    const act = this.entries.length ? this.menuKey(event) : this.plainKey(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  menuKey({ key, shiftKey }) {
    const step = (by) => () => {
      this.at = (this.at + by + this.entries.length) % this.entries.length;
      this.drawMenu(this.menu.getAttribute("aria-label"));
    };
    const whole = this.entries.some((entry) => entry.insert.trim() === this.box.value);
    const take = () => this.take(this.at);
    const enter = whole ? () => this.submit() : take;
    const acts = { ArrowDown: step(1), ArrowUp: step(-1), Tab: take, Enter: enter, Escape: () => this.closeMenu() };
    return shiftKey ? null : acts[key];
  }

  plainKey({ key, shiftKey }) {
    if (key === "Enter" && !shiftKey) return () => this.submit();
    const browsing = this.recalled > 0 || !this.box.value;
    if (key === "ArrowUp" && browsing) return () => this.recall(1);
    if (key === "ArrowDown" && this.recalled > 0) return () => this.recall(-1);
    return null;
  }

  recall(by) {
    const past = sent.get(this.where) ?? [];
    this.recalled = Math.max(0, Math.min(past.length, this.recalled + by));
    this.write(this.recalled ? past.at(-this.recalled) : "");
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text) return;
    this.closeMenu();
    this.recalled = 0;
    sent.set(this.where, [...(sent.get(this.where) ?? []), text]);
    this.write("");
    this.node.setAttribute("aria-busy", "true");
    const problem = await this.send(text);
    this.node.removeAttribute("aria-busy");
    if (problem && !this.box.value) this.write(text);
    if (problem) this.tell(problem);
  }
}
