// Slack's data_visualization drawn as SVG: pie, bar, area and line. Colours come from the style sheet
// (`--series-N`), so charts follow the theme; every mark carries its value as a tooltip, the whole chart a spoken
// summary.

import { h, svg } from "./dom.js";

const HEIGHT = 240;
/** Drawn as wide as it will stand, so that its words stay legible on a narrow screen. */
const width = () => Math.max(280, Math.min(560, innerWidth - 110));
const BOX = { left: 48, right: 8, top: 12, bottom: 30 };
const colour = (at) => `var(--series-${(at % 12) + 1})`;
const say = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 2 });

/** Round steps that cover the values and include zero. */
export function ticks(low, high) {
  const reach = Math.max(high, 0) - Math.min(low, 0) || 1;
  const rough = reach / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(Math.min(low, 0) / step);
  const last = Math.ceil(Math.max(high, 0) / step) || 1;
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

function scales(spec) {
  const values = spec.series.flatMap((series) => series.data.map((point) => point.value));
  const marks = ticks(Math.min(...values), Math.max(...values));
  const categories = spec.axis_config?.categories ?? spec.series[0].data.map((point) => point.label);
  const inner = { width: width() - BOX.left - BOX.right, height: HEIGHT - BOX.top - BOX.bottom };
  const reach = marks.at(-1) - marks[0];
  const right = width() - BOX.right;
  const slot = inner.width / categories.length;
  const x = (at) => BOX.left + slot * (at + 0.5);
  const y = (value) => BOX.top + inner.height * (1 - (value - marks[0]) / reach);
  return { marks, categories, slot, right, x, y };
}

function axes(scale) {
  const every = Math.ceil((scale.categories.length * 40) / (scale.right - BOX.left));
  const room = Math.floor((scale.slot * every) / 6.4);
  const clip = (text) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
  return [
    scale.marks.map((mark) => {
      const y = scale.y(mark);
      return [svg("line", { class: mark === 0 ? "axis" : "grid", x1: BOX.left, x2: scale.right, y1: y, y2: y }),
        svg("text", { class: "tick", x: BOX.left - 8, y: y + 4, "text-anchor": "end" }, say(mark))];
    }),
    scale.categories.map((name, at) => at % every === 0 &&
      svg("text", { class: "tick", x: scale.x(at), y: HEIGHT - BOX.bottom + 18, "text-anchor": "middle" },
        svg("title", {}, name), clip(name))),
  ];
}

const tip = ({ name }, { label, value }) =>
  svg("title", {}, `${[name, label].filter(Boolean).join(", ")}: ${say(value)}`);

function bars(spec, scale) {
  const band = Math.min(scale.slot * 0.72, 56 * spec.series.length);
  const width = band / spec.series.length;
  return spec.series.map((series, s) => series.data.map((point, at) => {
    const [top, base] = [scale.y(Math.max(point.value, 0)), scale.y(Math.min(point.value, 0))];
    const x = scale.x(at) - band / 2 + s * width + 1;
    const size = { width: Math.max(width - 2, 1), height: Math.max(base - top, 1), rx: 2 };
    return svg("rect", { class: "mark", x, y: top, ...size, style: `fill:${colour(s)}` }, tip(series, point));
  }));
}

const path = (series, scale) =>
  series.data.map((point, at) => `${at ? "L" : "M"}${scale.x(at)} ${scale.y(point.value)}`).join("");

function lines(spec, scale) {
  return spec.series.map((series, s) => [
    svg("path", { class: "line", d: path(series, scale), style: `stroke:${colour(s)}` }),
    series.data.map((point, at) => svg("circle", { class: "mark", cx: scale.x(at), cy: scale.y(point.value), r: 3.5,
      style: `fill:${colour(s)}` }, tip(series, point))),
  ]);
}

function areas(spec, scale) {
  const filled = spec.series.map((series, s) => {
    const d = `${path(series, scale)}L${scale.x(series.data.length - 1)} ${scale.y(0)}L${scale.x(0)} ${scale.y(0)}Z`;
    return svg("path", { class: "area", d, style: `fill:${colour(s)}` });
  });
  return [filled, lines(spec, scale)];
}

function slices(spec) {
  const total = spec.segments.reduce((sum, segment) => sum + segment.value, 0);
  const [cx, cy, r] = [110, 110, 100];
  let turned = -Math.PI / 2;
  return spec.segments.map((segment, at) => {
    const from = turned;
    turned += (segment.value / total) * 2 * Math.PI;
    const point = (angle) => `${cx + r * Math.cos(angle)} ${cy + r * Math.sin(angle)}`;
    const title = tip({}, segment);
    const style = `fill:${colour(at)}`;
    if (spec.segments.length === 1) return svg("circle", { class: "slice", cx, cy, r, style }, title);
    const long = turned - from > Math.PI ? 1 : 0;
    const d = `M${cx} ${cy}L${point(from)}A${r} ${r} 0 ${long} 1 ${point(turned)}Z`;
    return svg("path", { class: "slice", d, style }, title);
  });
}

const legend = (names) => h("ul", { class: "legend" }, names.map(([name, note], at) =>
  h("li", {}, h("span", { class: "swatch", style: `background:${colour(at)}` }), name, note && h("small", {}, note))));

const share = (spec) => {
  const total = spec.segments.reduce((sum, segment) => sum + segment.value, 0);
  return spec.segments.map((s) => [s.label, ` ${say(s.value)} (${Math.round((s.value / total) * 100)}%)`]);
};

const listed = (points) => points.map((point) => `${point.label} ${say(point.value)}`).join(", ");

const plot = (draw) => ({
  view: () => `0 0 ${width()} ${HEIGHT}`,
  draw: (spec) => {
    const scale = scales(spec);
    return [axes(scale), draw(spec, scale)];
  },
  names: (spec) => spec.series.map((series) => [series.name]),
  told: (spec) => spec.series.map((series) => `${series.name}: ${listed(series.data)}`).join("; "),
});

const KINDS = {
  pie: { view: () => "0 0 220 220", draw: slices, names: share, told: (spec) => listed(spec.segments) },
  bar: plot(bars),
  line: plot(lines),
  area: plot(areas),
};

/** One data_visualization block. */
export function chart(block) {
  const spec = block.chart;
  const kind = KINDS[spec.type];
  if (!kind) return h("p", { class: "unsupported" }, `Unsupported chart: ${spec.type}`);
  const title = typeof block.title === "string" ? block.title : block.title?.text ?? "";
  const { x_label: across, y_label: up } = spec.axis_config ?? {};
  const names = kind.names(spec);
  const told = `${title}. ${spec.type} chart. ${kind.told(spec)}`;
  return h("figure", { class: `chart chart--${spec.type}` },
    h("figcaption", {}, title),
    up && h("div", { class: "axis-label" }, up),
    h("div", { class: "chart-body" },
      svg("svg", { viewBox: kind.view(), role: "img", "aria-label": told }, kind.draw(spec)),
      across && h("div", { class: "axis-label axis-label--x" }, across),
      names.length > 1 || spec.type === "pie" ? legend(names) : null));
}
