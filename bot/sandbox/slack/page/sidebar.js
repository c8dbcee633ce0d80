// The left side: the rail with theme, clock and who one is, and the list of conversations.

import { avatar } from "./avatar.js";
import { clockText } from "./dates.js";
import { h, icon, iconButton } from "./dom.js";
import { openMenu, walk } from "./popup.js";
import { channelName, partner, personName, standing, world } from "./workspace.js";

/** Opens a direct message with anybody; Slack makes the conversation when it is first opened. */
export async function writeTo(session, one) {
  const answer = await session.api.openDm(one.id);
  if (!answer.ok) return session.notify(`That conversation can’t be opened: ${answer.error}`);
  await session.refresh(["channel"]);
  return session.go({ channel: answer.channel, tab: undefined, thread: undefined });
}

function writeButton(session) {
  const other = (one) => one.id !== world.me.id && !one.deleted;
  const items = () => [...world.people.values()].filter(other).map((one) => ({
    label: [avatar(one, "avatar--small"), h("span", {}, personName(one), h("small", {}, one.title))],
    pick: () => writeTo(session, one), props: { "data-testid": `write-${one.name}` },
  }));
  const label = "New direct message";
  const node = iconButton("plus", label, () => openMenu(node, items(), { label, testid: "write-menu" }),
    { "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "write", "data-focus": "write" });
  return node;
}

const SECTIONS = [
  { title: "Channels", holds: (one) => (one.kind === "channel" || one.kind === "private") && one.is_member !== false },
  { title: "Other channels", holds: (one) => one.kind === "channel" && one.is_member === false },
  { title: "Direct messages", holds: (one) => one.kind === "dm", more: writeButton },
  { title: "Apps", holds: (one) => one.kind === "app" },
];

/** A conversation's picture: of its partner, or # or a lock. */
export function roomMark(channel) {
  if (channel.kind === "app") return avatar({ app: true }, "avatar--tiny");
  if (channel.kind === "dm") return avatar(partner(channel), "avatar--tiny");
  return icon(channel.kind === "private" ? "lock" : "hash");
}

function row(channel, session) {
  const here = session.place.channel === channel.id;
  const unread = here ? 0 : channel.unread ?? 0;
  const loud = unread && (channel.kind === "dm" || channel.kind === "app");
  const name = channelName(channel);
  const to = { channel: channel.id, tab: undefined, thread: undefined };
  const click = (event) => {
    event.preventDefault();
    session.go(to);
  };
  const marks = { "data-testid": `channel-${channel.kind === "app" ? "app" : name}`, "data-channel": channel.id };
  return h("a", { class: unread ? "room room--unread" : "room", href: session.address(to), click, ...marks,
    "data-focus": `room-${channel.id}`, "aria-current": here ? "page" : null,
    "aria-label": unread ? `${name}, ${unread} unread` : name },
  roomMark(channel), h("span", { class: "room-name" }, name),
  loud ? h("span", { class: "unread" }, String(unread)) : null);
}

function section({ title, holds, more }, session) {
  const rooms = world.channels.filter(holds);
  if (!rooms.length && !more) return null;
  const head = h("div", { class: "section-head" }, h("h2", {}, title), more?.(session));
  return h("section", { "aria-label": title }, head, rooms.map((one) => row(one, session)));
}

const rank = (one) => standing(one) && h("span", { class: "badge" }, standing(one));

function peopleItems(session) {
  return [...world.people.values()].filter((one) => !one.is_bot).map((one) => ({
    label: [avatar(one, "avatar--small"), h("span", {}, h("strong", {}, personName(one)), rank(one),
      h("small", {}, [one.title, one.tz].filter(Boolean).join(" · ")))],
    pick: () => session.become(one),
    props: { role: "menuitemradio", "aria-checked": String(one === world.me), "data-testid": `be-${one.name}` },
  }));
}

function whoButton(session) {
  const name = personName(world.me);
  const click = () => openMenu(node, peopleItems(session), { label: "Switch person", testid: "people" });
  const node = h("button", { type: "button", class: "who", click, "aria-label": `You are ${name}. Switch person`,
    title: `${name}: switch person`, "aria-haspopup": "menu", "aria-expanded": "false",
    "data-testid": "who", "data-focus": "who" }, avatar(world.me));
  return node;
}

function themeButton(session) {
  const [drawing, label] = session.dark() ? ["sun", "Light theme"] : ["moon", "Dark theme"];
  return iconButton(drawing, label, () => session.flipTheme(), { "data-testid": "theme", "data-focus": "theme" });
}

/** The sandbox's clock, told only where it doesn't run as the wall's does. */
function clock() {
  if (world.speed === 1) return null;
  const title = `Time here runs ${world.speed} times as fast`;
  return h("div", { class: "clock", role: "timer", "aria-live": "off", title, "data-testid": "clock" }, icon("clock"),
    h("span", { class: "clock-text" }, clockText()), h("small", {}, `${world.speed}×`));
}

/** The drawer's whole content, drawn anew. */
export function sidebar(session) {
  const name = world.workspace.name ?? "Sandbox";
  const jump = iconButton("search", "Go to a conversation (Ctrl+K)", session.jump,
    { "data-testid": "jump", "data-focus": "jump" });
  const rooms = h("div", { class: "rooms" },
    h("header", {}, h("div", {}, h("h1", {}, name), h("p", {}, personName(world.me), rank(world.me))), jump),
    SECTIONS.map((one) => section(one, session)),
    h("span", { class: "grow" }), clock());
  walk(rooms, ".room");
  return [
    h("div", { class: "rail" }, h("span", { class: "workspace-mark", "aria-hidden": "true" }, name[0]),
      h("span", { class: "grow" }), themeButton(session), whoButton(session)),
    rooms,
  ];
}
