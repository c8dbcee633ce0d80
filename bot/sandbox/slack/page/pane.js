// The middle of the page: one conversation, or one of the app's tabs.

import { avatar } from "./avatar.js";
import { Composer, toSlackText, withReferences } from "./composer.js";
import { dress, h, icon, iconButton } from "./dom.js";
import { about, Home, tabsOf, tabStrip } from "./home.js";
import { MessageList } from "./messages.js";
import { channelName, channelOf, partner, world } from "./workspace.js";

/** What a send came to: nothing, or what went wrong. A command that failed is told by Slack itself, in the channel. */
async function problemOf(answering) {
  const answer = await answering;
  return answer.ok || answer.text ? null : `That couldn’t be sent: ${answer.error}`;
}

/** Sends what a person typed in `channel`: a command where it starts with a slash, else a message. */
export function sender(session, channel, thread) {
  return (text) => {
    if (!text.startsWith("/")) return problemOf(session.api.message(channel.id, toSlackText(text), thread));
    const word = text.split(/\s/)[0];
    if (thread) return `${word} can’t be used in a thread: Slack takes commands in the conversation itself.`;
    const known = (world.app.commands ?? []).some((one) => one.command === word);
    if (!known) return `${word} isn’t a command here: type / to see those there are.`;
    return problemOf(session.api.command(channel.id, withReferences(text)));
  };
}

function title(channel) {
  const name = h("span", { class: "title-text" }, channelName(channel));
  const badge = h("span", { class: "badge" }, "APP");
  if (channel.kind === "app") return [avatar({ app: true }, "avatar--small"), name, badge];
  if (channel.kind === "dm") return [avatar(partner(channel), "avatar--small"), name];
  return [icon(channel.kind === "private" ? "lock" : "hash"), name];
}

export class Pane {
  constructor(node, session) {
    Object.assign(this, { node, session, list: null, home: null, shown: "" });
  }

  get channel() {
    return channelOf(this.session.place.channel);
  }

  /** Draws the session's place; `focus` is `tab` when the arrow keys chose it. */
  async show(focus) {
    const { channel } = this;
    if (!channel) return;
    const { tab } = this.session.place;
    const key = `${world.me.id}/${channel.id}/${tab}`;
    if (key !== this.shown) await this.open(channel, tab, focus);
    this.shown = key;
  }

  async open(channel, tab, focus) {
    this.shown = `${world.me.id}/${channel.id}/${tab}`;
    Object.assign(this, { list: null, home: null });
    const build = { home: () => this.openHome(), about: () => [about()] }[tab] ?? (() => this.openMessages(channel));
    const tabs = channel.kind === "app" ? [tabStrip(this.session)] : [];
    this.node.replaceChildren(this.header(channel), ...tabs, ...build());
    if (focus) this.node.querySelector(`#tab-${tab}`)?.focus();
    else if (matchMedia("(hover: hover)").matches) this.node.querySelector("#composer")?.focus();
    if (channel.kind === "app" && tab !== "about") await this.session.api.openHome(tab);
    await (tab === "home" ? this.refreshHome() : this.refresh());
  }

  header(channel) {
    const { kind, members, topic } = channel;
    const count = kind === "channel" || kind === "private" ? members?.length : null;
    const menu = { class: "icon-btn only-narrow", "data-testid": "menu" };
    return h("header", { class: "pane-head" },
      iconButton("menu", "Conversations", () => this.session.openDrawer(), menu),
      h("h2", { "data-testid": "title" }, title(channel)), topic && h("p", { class: "topic", title: topic }, topic),
      h("span", { class: "grow" }),
      count ? h("span", { class: "members", title: `${count} members` }, icon("person"), String(count)) : null);
  }

  openHome() {
    this.home = new Home(this.session);
    return [this.home.node];
  }

  openMessages(channel) {
    this.list = new MessageList(this.session, channel);
    const panel = { id: "tab-panel", role: "tabpanel", "aria-labelledby": "tab-messages" };
    if (channel.kind === "app") dress(this.list.node, panel);
    const tell = (text) => this.session.notify(text);
    const send = sender(this.session, channel);
    this.closed = this.closedReason(channel);
    const foot = this.closed
      ? h("p", { class: "closed", "data-testid": "closed" }, this.closed)
      : new Composer({ channel, send: (text) => this.list.follow(send(text)), tell }).node;
    return [this.list.node, h("div", { class: "foot" }, foot)];
  }

  closedReason(channel) {
    if (channel.archived) return `#${channel.name} is archived.`;
    if (channel.is_member === false) return `You aren’t a member of #${channel.name}.`;
    const mute = channel.kind === "app" && !tabsOf(world.app).includes("messages");
    if (mute) return "Sending messages to this app has been turned off.";
    return world.me.deleted ? "This account has been deactivated." : null;
  }

  /** Fetches this conversation's messages anew, and marks them read. */
  async refresh() {
    const { list, channel } = this;
    if (!list || !channel) return;
    if (this.closed !== this.closedReason(channel)) {
      await this.open(channel, this.session.place.tab);
      return;
    }
    const messages = await this.session.api.messages(list.channel.id);
    if (list !== this.list) return;
    list.update(messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts));
    const latest = messages.at(-1)?.ts;
    if (latest !== list.readTo) this.session.api.read(list.channel.id);
    list.readTo = latest;
  }

  async refreshHome() {
    const { home } = this;
    if (!home) return;
    const view = await this.session.api.home();
    if (home === this.home) home.update(view);
  }
}
