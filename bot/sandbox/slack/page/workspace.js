// What the page knows about the workspace: its people, channels and app, who is looking, and the sandbox's clock.

export const world = { workspace: {}, app: {}, people: new Map(), channels: [], me: null, speed: 1 };

const clock = { at: Date.now(), since: Date.now() };
const epoch = (value) => (typeof value === "number" ? value * (value < 1e11 ? 1000 : 1) : Date.parse(value));

/** Takes in an answer of the control API's workspace call. */
export function learn(answer) {
  world.workspace = answer.workspace ?? {};
  world.app = answer.app ?? {};
  world.people = new Map((answer.people ?? []).map((person) => [person.id, person]));
  world.speed = answer.clock_speed ?? 1;
  Object.assign(clock, { at: epoch(answer.now) || Date.now(), since: Date.now() });
  world.me = world.people.get(world.me?.id) ?? world.me;
}

/** The sandbox's time in milliseconds: it runs `clock_speed` times as fast as the wall's. */
export const now = () => clock.at + (Date.now() - clock.since) * world.speed;

export const zone = () => world.me?.tz || "UTC";

/** A person by id or name, else undefined. */
export const person = (key) => world.people.get(key) ?? [...world.people.values()].find((one) => one.name === key);

export const personName = (one) => one?.real_name || one?.name || "Someone";

/** A channel by id or name, with or without its #. */
export function channelOf(key) {
  const bare = (key ?? "").replace(/^[#@]/, "");
  return world.channels.find((one) => one.id === bare) ?? world.channels.find((one) => one.name === bare);
}

/** Whom a direct message is with; oneself for notes to oneself. */
export const partner = (channel) => person((channel.members ?? []).find((id) => id !== world.me.id)) ?? world.me;

/** The name to show for a conversation: the other person's for a direct message. */
export function channelName(channel) {
  if (channel.kind === "app") return world.app.name ?? channel.name;
  if (channel.kind !== "dm") return channel.name;
  return personName(partner(channel));
}

/** How somebody is introduced beside the name: what they may do here. */
export function standing(one) {
  if (one.deleted) return "deactivated";
  if (one.is_admin) return "admin";
  return one.is_restricted || one.is_ultra_restricted ? "guest" : "";
}
