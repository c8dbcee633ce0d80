// What stands above a conversation's first message: what it is and who reads it.

import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { channelName, partner, world } from "./workspace.js";

const badge = () => h("span", { class: "badge" }, "APP");

function ofApp(name) {
  const first = world.app.commands?.[0]?.command;
  const hint = first ? [" Type ", h("code", {}, first), " for what it can do."] : "";
  const begins = `Your conversation with ${name} begins here.`;
  return [avatar({ app: true }, "avatar--large"), [name, badge()], [begins, hint]];
}

function ofPerson(channel, name) {
  const other = partner(channel);
  const told = other === world.me
    ? "Only you read what is written here."
    : `Only you and ${name} read what is written here.`;
  return [avatar(other, "avatar--large"), [name], told];
}

function ofRoom(channel, name) {
  const secret = channel.kind === "private";
  const mark = h("span", { class: "intro-mark", "aria-hidden": "true" }, icon(secret ? "lock" : "hash"));
  const begins = `This is where ${secret ? "" : "#"}${name} begins${secret ? "; only its members can see it" : ""}.`;
  return [mark, [name], [begins, channel.topic && ` Its topic: ${channel.topic}`]];
}

const KINDS = { app: (channel, name) => ofApp(name), dm: ofPerson };

/** The beginning of this conversation. */
export function intro(channel) {
  const [mark, name, told] = (KINDS[channel.kind] ?? ofRoom)(channel, channelName(channel));
  return h("header", { class: "intro", "data-testid": "intro" }, mark, h("h3", {}, name), h("p", {}, told));
}
