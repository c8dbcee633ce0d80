// A list of messages, of a channel or of a thread. Only what changed is drawn again, so that focus, open menus and
// half-filled inputs elsewhere stay.

import { avatar } from "./avatar.js";
import { dayName, dayOf, formatDate, fullTime, timeOfDay } from "./dates.js";
import { h, icon, iconButton, replaceKeepingFocus } from "./dom.js";
import { intro } from "./intro.js";
import { body } from "./message_body.js";
import { person, personName, world } from "./workspace.js";

const TOGETHER = 300; // seconds within which one author's messages stand under one name
const APP = { app: true };
const byApp = (message) => Boolean(message.bot_id) || message.user === world.app.bot_user_id || !person(message.user);
const appName = (message) => message.username || world.app.name || "App";
const authorName = (message) => (byApp(message) ? appName(message) : personName(person(message.user)));
const keyOf = (message) => `${message.ts}${message.ephemeral ? "e" : ""}`;
const authorKey = (message) => [message.user, message.bot_id, message.username, Boolean(message.ephemeral)].join("/");

const replyCount = (count) => `${count} ${count === 1 ? "reply" : "replies"}`;

const lastReply = (ts) => formatDate(Number(ts), "{date_short_pretty} at {time}");

function follows(message, before) {
  if (!before || message.reply_count || dayOf(before.ts) !== dayOf(message.ts)) return false;
  return authorKey(before) === authorKey(message) && Number(message.ts) - Number(before.ts) < TOGETHER;
}

const onlyYou = () => h("div", { class: "only-you", "data-testid": "only-you" }, icon("eye"), "Only visible to you");

export class MessageList {
  /** `session` gives surfaces and navigation; in a thread, `thread` is the parent's ts. */
  constructor(session, channel, thread = null) {
    Object.assign(this, { session, channel, thread, nodes: new Map(), unread: channel.unread ?? 0 });
    const label = thread ? "Replies" : "Messages";
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": label });
    const down = { type: "button", class: "to-newest", hidden: true, click: () => this.toNewest() };
    this.more = h("button", down, icon("down"), "New messages");
    this.scroll = h("div", { class: "scroll", tabindex: -1, scroll: () => this.scrolled() }, this.log);
    this.node = h("div", { class: "messages" }, this.scroll, this.more);
    this.drawn = false;
    Object.assign(this, { pinned: true, top: 0 });
    const grown = new ResizeObserver(() => this.pinned && this.toNewest());
    grown.observe(this.log);
    grown.observe(this.scroll);
  }

  /** Who stands at the newest message stays there when pictures arrive or the message box grows. */
  scrolled() {
    const { scrollTop } = this.scroll;
    if (this.atEnd()) this.pinned = true;
    else if (scrollTop < this.top) this.pinned = false;
    this.top = scrollTop;
    if (this.pinned) this.more.hidden = true;
  }

  /** Whoever says something wants to see what comes of it: the list goes to its end, wherever it stood. */
  follow(sent) {
    this.pinned = true;
    this.toNewest();
    return sent;
  }

  atEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
  }

  toNewest() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.more.hidden = true;
  }

  /** Takes in what the sandbox now shows this person. */
  update(messages) {
    this.messages = messages;
    const shown = messages.filter((message) => !this.session.dismissed.has(keyOf(message)));
    const stay = !this.drawn || this.pinned;
    const grew = this.drawn && shown.length > 0 && !this.nodes.has(keyOf(shown.at(-1)));
    this.markUnread(shown);
    const drawn = (message, at) => [...this.lines(message, shown[at - 1], at), this.row(message, shown[at - 1])];
    const order = shown.flatMap(drawn);
    this.place([this.beginning(shown), ...order].filter(Boolean));
    this.drawn = true;
    if (stay) this.toNewest();
    else if (grew) this.more.hidden = false;
  }

  /** Where the line "New" stands is decided once, when the conversation is opened. */
  markUnread(shown) {
    if (this.drawn || !this.unread || this.thread) return;
    const others = shown.filter((message) => message.user !== world.me.id);
    this.newFrom = others.at(-this.unread)?.ts;
  }

  place(order) {
    const keep = new Set(order);
    for (const node of [...this.log.childNodes]) if (!keep.has(node)) node.remove();
    order.forEach((node, at) => {
      const there = this.log.childNodes[at] ?? null;
      if (there !== node) this.log.insertBefore(node, there);
    });
  }

  /** Above the first message: what this conversation is; it is drawn once, so that it does not move. */
  beginning(shown) {
    if (!this.thread) return (this.intro ??= intro(this.channel));
    return shown.length ? "" : h("p", { class: "note note--empty" }, "No replies yet.");
  }

  lines(message, before, at) {
    const lines = [];
    if (this.thread && at === 1) {
      lines.push(h("div", { class: "divider divider--left" }, h("span", {}, replyCount(this.messages.length - 1))));
    }
    if (!this.thread && (!before || dayOf(before.ts) !== dayOf(message.ts))) {
      lines.push(h("div", { class: "divider", role: "separator" }, h("span", {}, dayName(message.ts))));
    }
    if (message.ts === this.newFrom) {
      lines.push(h("div", { class: "divider divider--new", "data-testid": "new-line" }, h("span", {}, "New")));
    }
    return lines;
  }

  row(message, before) {
    const joined = follows(message, before) && message.ts !== this.newFrom;
    const key = keyOf(message);
    const print = JSON.stringify([message, joined, world.people.size]);
    const kept = this.nodes.get(key);
    if (kept?.print === print) return kept.node;
    const node = this.draw(message, joined);
    if (kept?.node.isConnected) replaceKeepingFocus(kept.node, node);
    this.nodes.set(key, { print, node });
    return node;
  }

  draw(message, joined) {
    const surface = this.session.surface({ channel: this.channel.id, ts: message.ts }, message.blocks);
    const one = byApp(message) ? APP : person(message.user);
    const name = authorName(message);
    const time = h("time", { class: "time", title: fullTime(message.ts) }, timeOfDay(message.ts));
    const badge = one.app && h("span", { class: "badge" }, "APP");
    const heading = h("div", { class: "message-head" }, h("strong", { class: "author" }, name), badge, time);
    const style = ["message", joined && "message--joined", message.ephemeral && "message--ephemeral"].filter(Boolean);
    const marks = { "data-testid": "message", "data-ts": message.ts, "data-ephemeral": message.ephemeral || null };
    const label = `${name}, ${timeOfDay(message.ts)}`;
    return h("article", { class: style.join(" "), tabindex: -1, "aria-label": label, ...marks },
      h("div", { class: "gutter" }, joined ? time : avatar(one)),
      h("div", { class: "message-main" },
        message.ephemeral && onlyYou(), joined ? null : heading, body(message, surface),
        message.ephemeral ? this.dismissal(message) : this.replies(message)),
      message.ephemeral ? null : this.toolbar(message));
  }

  dismissal(message) {
    const dismiss = () => {
      this.session.dismissed.add(keyOf(message));
      this.update(this.messages);
      this.node.parentElement.querySelector("textarea")?.focus();
    };
    const props = { type: "button", class: "quiet-link", click: dismiss, "data-focus": "dismiss" };
    return h("button", props, "Dismiss message");
  }

  openThread(message) {
    this.session.go({ thread: message.thread_ts ?? message.ts });
  }

  replies(message) {
    if (this.thread || !message.reply_count) return null;
    const props = { type: "button", class: "replies", "data-testid": "replies", "data-focus": "replies" };
    const click = () => this.openThread(message);
    const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(person(id) ?? APP, "avatar--small"));
    const last = message.latest_reply && h("small", {}, `Last reply ${lastReply(message.latest_reply)}`);
    return h("button", { click, ...props }, faces, h("span", {}, replyCount(message.reply_count)), last);
  }

  toolbar(message) {
    const copy = () => {
      const thread = message.thread_ts ?? message.ts;
      const place = new URL(this.session.address({ channel: this.channel.id, thread }), location.href);
      navigator.clipboard?.writeText(place.href).then(() => this.session.notify("Link copied"));
    };
    const marks = { "data-testid": "reply", "data-focus": "reply" };
    return h("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
      this.thread ? null : iconButton("thread", "Reply in thread", () => this.openThread(message), marks),
      iconButton("link", "Copy link", copy, { "data-focus": "link" }));
  }
}
