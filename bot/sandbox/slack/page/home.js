// The app's own place: its tabs Home, Messages and About.

import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { h, replaceKeepingFocus } from "./dom.js";
import { world } from "./workspace.js";

const PATIENCE = 4000; // milliseconds

export const TABS = { home: "Home", messages: "Messages", about: "About" };

/** The tabs that this app has, in order. */
export const tabsOf = (app) => Object.keys(TABS).filter((tab) => app[`${tab}_tab`] !== false);

/** The strip of tabs under the app's name. */
export function tabStrip(session) {
  const names = tabsOf(world.app);
  const go = (tab, how) => session.go({ tab, thread: undefined }, how);
  const tab = (name) => {
    const here = session.place.tab === name;
    return h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "tab-panel",
      "aria-selected": String(here), tabindex: here ? 0 : -1, click: () => go(name),
      "data-testid": `tab-${name}` }, TABS[name]);
  };
  const keydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) go(names.at((names.indexOf(session.place.tab) + step) % names.length), { focus: "tab" });
  };
  return h("div", { class: "tabs", role: "tablist", "aria-label": world.app.name, keydown }, names.map(tab));
}

export class Home {
  constructor(session) {
    Object.assign(this, { session, print: null, since: Date.now() });
    const spinner = h("span", { class: "spinner" });
    const waiting = h("p", { class: "note note--empty", role: "status" }, spinner, "Loading…");
    this.content = h("div", { class: "home", "data-testid": "home" }, waiting);
    const panel = { id: "tab-panel", role: "tabpanel", "aria-labelledby": "tab-home" };
    this.node = h("div", { class: "scroll", ...panel }, this.content);
  }

  /** Takes in the published view, or null where the app published none; it is given a moment to publish a first. */
  update(view) {
    if (!view && Date.now() - this.since < PATIENCE) {
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.print === null && this.update(null), PATIENCE);
      return;
    }
    const print = JSON.stringify(view && [view.id, view.blocks]);
    if (print === this.print) return;
    if (view && this.print === null) this.surface(view).forget();
    this.print = print;
    const marks = { "data-testid": "home", "data-view-id": view?.id };
    const next = h("div", { class: "home", ...marks }, view ? this.drawn(view) : this.empty());
    const scroll = this.node.scrollTop;
    replaceKeepingFocus(this.content, next);
    this.content = next;
    this.node.scrollTop = scroll;
  }

  surface(view) {
    return this.session.surface({ view_id: view.id }, view.blocks);
  }

  drawn(view) {
    return blocks(view.blocks, this.surface(view));
  }

  empty() {
    return h("div", { class: "home-empty" }, avatar({ app: true }, "avatar--big"), h("h2", {}, "Nothing here yet"),
      h("p", {}, `${world.app.name} hasn’t published a Home for you. Is the app running?`));
  }
}

/** What the workspace knows about the app. */
export function about() {
  const rows = (pairs) => h("dl", {}, pairs.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value ?? "")]));
  const command = (one) => h("li", {}, h("strong", {}, one.command), " ", h("span", { class: "usage" }, one.usage_hint),
    h("small", {}, one.description));
  return h("div", { class: "scroll", id: "tab-panel", role: "tabpanel", "aria-labelledby": "tab-about" },
    h("div", { class: "about", "data-testid": "about" }, avatar({ app: true }, "avatar--big"),
      h("h2", {}, world.app.name), world.app.description && h("p", {}, world.app.description),
      h("h3", {}, "Commands"),
      h("ul", { class: "about-commands" }, (world.app.commands ?? []).map(command)),
      h("h3", {}, "Details"),
      rows([["App", world.app.id], ["Bot user", world.app.bot_user_id], ["Workspace", world.workspace.name]])));
}
