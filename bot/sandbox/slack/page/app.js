// The page itself: who looks at which place, what changed, and what to draw for it. The address bar always says the
// place (`?as=ada&channel=general`), so every place is a link.

import * as control from "./api.js";
import { clockText } from "./dates.js";
import { h, redraw } from "./dom.js";
import { Modals } from "./modal.js";
import { Pane } from "./pane.js";
import { closePopup, confirmDialog } from "./popup.js";
import { sidebar } from "./sidebar.js";
import { openSwitcher } from "./switcher.js";
import { Surface } from "./surface.js";
import { Thread } from "./thread.js";
import { channelName, channelOf, learn, person, world } from "./workspace.js";

const drawer = document.getElementById("drawer");
const offline = document.getElementById("offline");
const scrim = document.getElementById("scrim");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

const session = {
  api: null,
  place: {},
  surfaces: new Map(),
  dismissed: new Set(),
  dark: () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark",

  /** The surface at this address: the same one for as long as the page lives. */
  surface(address, blocks) {
    const key = JSON.stringify(address);
    const tools = { api: session.api, confirm: confirmDialog, notify: session.notify };
    if (!session.surfaces.has(key)) session.surfaces.set(key, new Surface(address, tools));
    return Object.assign(session.surfaces.get(key), { blocks: blocks ?? [] });
  },

  address(change = {}) {
    const { channel, tab, thread } = { ...session.place, ...change };
    const words = new URLSearchParams({ as: world.me.name });
    const name = world.channels.find((one) => one.id === channel);
    if (channel) words.set("channel", name && name.kind !== "dm" && name.kind !== "app" ? name.name : channel);
    if (tab) words.set("tab", tab);
    if (thread) words.set("thread", thread);
    return `/?${words}`;
  },

  /** Goes to a place; what isn't named stays. */
  async go(change, { focus, replace } = {}) {
    const to = { ...session.place, ...change };
    if (channelOf(to.channel)?.kind === "app") to.tab ??= "messages";
    else delete to.tab;
    session.place = to;
    history[replace ? "replaceState" : "pushState"]({}, "", session.address());
    await show(focus).catch(complain);
  },

  /** Looks through another person's eyes, at the same place where they can see it. */
  async become(one) {
    const words = new URLSearchParams(session.address({ thread: undefined }).slice(2));
    world.me = one;
    await enter(words).catch(complain);
  },

  flipTheme() {
    const theme = session.dark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    drawSidebar();
  },

  notify(text) {
    const note = h("p", { class: "notice" }, text);
    document.getElementById("notices").append(note);
    setTimeout(() => note.remove(), 6000);
  },

  openDrawer: () => setDrawer(true),
  jump: () => openSwitcher(session),
  refresh: (names) => changed(names).catch(complain),
};

const pane = new Pane(document.getElementById("main"), session);
const thread = new Thread(document.getElementById("thread"), session);
const modals = new Modals(session);
let stream = null;

/** While the drawer lies over the page, the page behind it takes no focus; when it closes, its button has it back. */
function setDrawer(open) {
  const was = drawer.classList.contains("is-open");
  drawer.classList.toggle("is-open", open);
  scrim.hidden = !open;
  for (const id of ["main", "thread"]) document.getElementById(id).inert = open;
  if (was && !open) document.querySelector("[data-testid=menu]")?.focus();
  if (open) (drawer.querySelector("[aria-current]") ?? drawer.querySelector(".room"))?.focus();
}

const drawSidebar = () => redraw(drawer, sidebar(session));

function drawTitle() {
  const here = channelOf(session.place.channel);
  const unread = world.channels.some((one) => one.unread && one.id !== here?.id);
  const names = [here && channelName(here), world.workspace.name ?? "Sandbox"].filter(Boolean);
  document.title = `${unread ? "• " : ""}${names.join(" · ")}`;
}

async function show(focus) {
  closePopup();
  setDrawer(false);
  drawSidebar();
  drawTitle();
  await Promise.all([pane.show(focus), thread.show()]);
}

// What to fetch anew for each kind of change that the sandbox tells; `*` stands for all of them.
const REFRESH = {
  people: async () => learn(await control.workspace()),
  channel: async () => (world.channels = await session.api.channels()),
  views: async () => modals.update((await session.api.views()).stack),
  home: () => pane.refreshHome(),
};

async function changed(names) {
  const api = session.api;
  const kinds = names.includes("*") ? Object.keys(REFRESH) : [...new Set(names.map((name) => name.split(":")[0]))];
  for (const kind of kinds) {
    await REFRESH[kind]?.();
    if (api !== session.api) return;
  }
  const here = names.includes("*") || names.includes(`channel:${session.place.channel}`);
  if (here || kinds.includes("people")) await Promise.all([pane.refresh(), thread.refresh()]);
  if (kinds.includes("people") || kinds.includes("channel")) {
    drawSidebar();
    drawTitle();
  }
}

/** While the sandbox can't be reached a line says so, and nothing else complains. */
function reached(yes) {
  offline.hidden = yes;
}

function complain(problem) {
  if (offline.hidden) session.notify(`The sandbox can’t be reached: ${problem.message}`);
}

/** Changes that arrive while others are being fetched wait, and are then fetched together. */
function calmly(work) {
  let waiting = [];
  let busy = false;
  return async (names) => {
    waiting.push(...names);
    while (waiting.length && !busy) {
      busy = true;
      const now = waiting;
      waiting = [];
      await work(now).catch(complain);
      busy = false;
    }
  };
}

function firstPlace(words) {
  const named = words.get("channel");
  const app = named === "app" ? world.channels.find((one) => one.kind === "app") : null;
  const first = channelOf(named) ?? app ?? world.channels.find((one) => one.is_member !== false) ?? world.channels[0];
  return { channel: first?.id, tab: words.get("tab") ?? undefined, thread: words.get("thread") ?? undefined };
}

/** Starts anew as `world.me`, at the place that `words` name or a first one. */
async function enter(words = new URLSearchParams(), replace = false) {
  stream?.close();
  Object.assign(session, { api: control.as(world.me.id), surfaces: new Map() });
  world.channels = await session.api.channels();
  stream = session.api.stream({ changed: calmly(changed), reached });
  session.place = {};
  await session.go(firstPlace(words), { replace });
  modals.update((await session.api.views()).stack);
}

async function start() {
  const words = new URLSearchParams(location.search);
  const theme = words.get("theme") ?? localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  learn(await control.workspace());
  world.me = person(words.get("as")) ?? [...world.people.values()].find((one) => !one.is_bot && !one.deleted);
  await control.as(world.me.id).reload();
  await enter(words, true);
}

function goTo(event) {
  const target = event.target.closest?.("[data-go-channel]");
  if (!target || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  session.go({ channel: target.dataset.goChannel, tab: undefined, thread: undefined });
}

function shortcut(event) {
  const jumps = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  if (jumps && world.me && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    openSwitcher(session);
    return;
  }
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (drawer.classList.contains("is-open")) setDrawer(false);
  else if (session.place.thread) session.go({ thread: undefined });
}

function travel() {
  const words = new URLSearchParams(location.search);
  if (words.get("as") !== world.me.name) {
    world.me = person(words.get("as")) ?? world.me;
    enter(words, true).catch(complain);
  } else session.go(firstPlace(words), { replace: true });
}

document.addEventListener("click", goTo);
document.addEventListener("keydown", shortcut);
scrim.addEventListener("click", () => setDrawer(false));
addEventListener("popstate", travel);
prefersDark.addEventListener("change", () => world.me && drawSidebar());
setInterval(() => document.querySelectorAll(".clock-text").forEach((node) => (node.textContent = clockText())), 1000);
start().catch(complain);
