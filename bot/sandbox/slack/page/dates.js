// Says instants in the viewer's own time zone, in the words of Slack's `<!date>` tokens. Never the browser's zone: the
// person one looks as may live elsewhere.

import { now, zone } from "./workspace.js";

const HALF_YEAR = 183 * 86400;
const formats = new Map();

function parts(epoch) {
  const key = zone();
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat("en-US", {
      timeZone: key, weekday: "long", year: "numeric", month: "long", day: "numeric",
      hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "short",
    }));
  }
  return Object.fromEntries(formats.get(key).formatToParts(epoch * 1000).map(({ type, value }) => [type, value]));
}

const ordinal = (day) => day + (["th", "st", "nd", "rd"][day % 100 > 10 && day % 100 < 14 ? 0 : day % 10] ?? "th");
const year = (p) => (p.far ? `, ${p.year}` : "");
const month = (p) => String(new Date(`${p.month} 1, 2000`).getMonth() + 1).padStart(2, "0");
const numeric = (p) => `${p.year}-${month(p)}-${p.day.padStart(2, "0")}`;
const long = (p) => `${p.weekday}, ${p.month} ${ordinal(p.day)}${year(p)}`;
const short = (p) => `${p.month.slice(0, 3)} ${p.day}${year(p)}`;
const plain = (p) => `${p.month} ${ordinal(p.day)}${year(p)}`;
const pretty = (otherwise) => (p) => p.near ?? otherwise(p);

const TOKENS = {
  date_num: numeric,
  date_slash: (p) => `${month(p)}/${p.day.padStart(2, "0")}/${p.year}`,
  date: plain,
  date_short: short,
  date_long: long,
  date_long_full: (p) => `${p.weekday}, ${p.month} ${ordinal(p.day)}, ${p.year}`,
  date_pretty: pretty(plain),
  date_short_pretty: pretty(short),
  date_long_pretty: pretty(long),
  day_divider_pretty: pretty(long),
  time: (p) => `${p.hour}:${p.minute} ${p.dayPeriod}`,
  time_secs: (p) => `${p.hour}:${p.minute}:${p.second} ${p.dayPeriod}`,
  ago: (p) => ago(p.epoch),
};

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function nearness(epoch, p) {
  const names = { "-1": "yesterday", 0: "today", 1: "tomorrow" };
  const today = now() / 1000;
  return Object.entries(names).find(([days]) => numeric(parts(today + days * 86400)) === numeric(p))?.[1];
}

function ago(epoch) {
  const seconds = epoch - now() / 1000;
  const steps = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? steps.at(-1);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/** Fills a `<!date>` format such as `{date_short_pretty} at {time}`; `epoch` in seconds. Unknown tokens stay. */
export function formatDate(epoch, format, sentenceStart = false) {
  const p = parts(epoch);
  Object.assign(p, { epoch, near: nearness(epoch, p), far: Math.abs(epoch - now() / 1000) > HALF_YEAR });
  const text = format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(p) ?? whole);
  return sentenceStart && text ? capital(text) : text;
}

const wall = new Map();

/** What the viewer's clock shows at `epoch` (seconds), as a datetime-local input takes it: `2026-12-24T10:00`. */
export function wallClock(epoch) {
  const key = zone();
  const pair = "2-digit";
  const fields = { year: "numeric", month: pair, day: pair, hour: pair, minute: pair };
  if (!wall.has(key)) wall.set(key, new Intl.DateTimeFormat("en-US", { timeZone: key, hourCycle: "h23", ...fields }));
  const found = wall.get(key).formatToParts(epoch * 1000).map(({ type, value }) => [type, value]);
  const p = Object.fromEntries(found);
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}

/** When the viewer's clock shows this, in seconds; the second look is for clocks that change in between. */
export function ofWallClock(text) {
  const utc = (shown) => Date.parse(`${shown}Z`) / 1000;
  const near = (guess) => guess + utc(text) - utc(wallClock(guess));
  return near(near(utc(text)));
}

export const timeOfDay = (ts) => formatDate(Number(ts), "{time}");
export const fullTime = (ts) =>
  `${formatDate(Number(ts), "{date_long_full} at {time_secs}")} ${parts(Number(ts)).timeZoneName}`;
export const dayOf = (ts) => numeric(parts(Number(ts)));
export const dayName = (ts) => formatDate(Number(ts), "{day_divider_pretty}", true);
export const clockText = () => formatDate(now() / 1000, "{date_short} {time}");
