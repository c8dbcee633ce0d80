// The right side: one thread, its parent first, with a box of its own.

import { Composer } from "./composer.js";
import { h, iconButton } from "./dom.js";
import { MessageList } from "./messages.js";
import { sender } from "./pane.js";
import { channelName, channelOf, world } from "./workspace.js";

export class Thread {
  constructor(node, session) {
    Object.assign(this, { node, session, list: null, shown: null });
  }

  /** Opens, changes or closes the panel as the session's place says. */
  async show() {
    const { channel: id, thread } = this.session.place;
    const channel = channelOf(id);
    const key = thread && channel ? `${world.me.id}/${id}/${thread}` : null;
    if (key === this.shown) return;
    this.shown = key;
    const left = !key && this.node.contains(document.activeElement);
    this.node.hidden = !key;
    this.list = null;
    if (key) await this.open(channel, thread);
    else this.node.replaceChildren();
    if (left) document.getElementById("composer")?.focus();
  }

  async open(channel, thread) {
    this.list = new MessageList(this.session, channel, thread);
    const tell = (text) => this.session.notify(text);
    const sends = sender(this.session, channel, thread);
    const send = (text) => this.list.follow(sends(text));
    const composer = new Composer({ channel, thread, send, tell });
    const close = () => this.session.go({ thread: undefined });
    this.node.replaceChildren(
      h("header", { class: "pane-head" },
        h("h2", {}, "Thread"), h("p", { class: "topic" }, channelName(channel)), h("span", { class: "grow" }),
        iconButton("close", "Close thread", close, { "data-testid": "close-thread" })),
      this.list.node, h("div", { class: "foot" }, composer.node));
    await this.refresh();
    composer.box.focus();
  }

  async refresh() {
    const { list } = this;
    if (!list) return;
    const messages = await this.session.api.messages(list.channel.id, list.thread);
    if (list === this.list) list.update(messages);
  }
}
