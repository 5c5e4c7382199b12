// Small charts in SVG: lines over steps, and bars with their intervals. What they show is said in words too.

import { h, svg, fill } from "./dom.js";

const W = 340, H = 150, LEFT = 44, RIGHT = 334, TOP = 10, BOTTOM = 126;

/** A number for people: at most three digits that matter, thousands as k. */
export function number(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value !== "number" || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toPrecision(3)}k`;
  return Number.isInteger(value) ? String(value) : String(+value.toPrecision(3));
}

/** lines([{name, points: [[x, y], …]}], {title, unit, top}): a figure; pointer or arrow keys read it off. */
export function lines(named, { title = "", unit = "step", top = null } = {}) {
  const shown = named.filter((one) => one.points.length);
  const every = shown.flatMap((one) => one.points.filter(([, y]) => Number.isFinite(y)));
  const said = h("output", { "aria-live": "off" });
  const head = h("figcaption", {}, h("h3", {}, title), said);
  if (every.length < 2) return h("figure", {}, head, h("p.note", {}, "Nothing to draw before the second step."));
  const xs = range(every.map(([x]) => x)), ys = range([...every.map(([, y]) => y), ...zero(every)], top);
  const x = scale(xs, LEFT, RIGHT), y = scale(ys, BOTTOM, TOP);
  const rest = shown.map((one) => `${shown.length > 1 ? `${one.name} ` : ""}${number(one.points.at(-1)[1])}`).join(" · ");
  said.value = rest;
  const reader = svg("line", { class: "reader", y1: TOP, y2: BOTTOM, visibility: "hidden" });
  const drawing = svg(
    "svg", { class: "chart", viewBox: `0 0 ${W} ${H}`, role: "img", tabindex: 0, "aria-label": `${title}: ${rest}` },
    ticks(ys).map((at) => [
      svg("line", { class: "rule", x1: LEFT, x2: RIGHT, y1: y(at), y2: y(at) }),
      svg("text", { x: LEFT - 6, y: y(at) + 3, "text-anchor": "end" }, number(at)),
    ]),
    ticks(xs, 4).filter(Number.isInteger).map((at) => svg("text", { x: x(at), y: H - 8, "text-anchor": "middle" }, number(at))),
    shown.map((one, place) => svg("polyline", {
      class: `curve s${place % 6}`, points: thin(one.points).map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" "),
    })),
    reader,
  );
  const steps = shown[0].points.map(([a]) => a);
  let at = steps.length - 1;
  const read = (place) => {
    at = Math.max(0, Math.min(steps.length - 1, place));
    reader.setAttribute("visibility", "visible");
    for (const end of ["x1", "x2"]) reader.setAttribute(end, x(steps[at]));
    const values = shown.map((one) => `${shown.length > 1 ? `${one.name} ` : ""}${number(one.points[at]?.[1])}`);
    said.value = `${unit} ${number(steps[at])}: ${values.join(" · ")}`;
  };
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const wanted = xs[0] + ((event.clientX - box.left) / box.width * W - LEFT) / (RIGHT - LEFT) * (xs[1] - xs[0]);
    read(steps.findIndex((one, i) => i === steps.length - 1 || Math.abs(one - wanted) <= Math.abs(steps[i + 1] - wanted)));
  });
  drawing.addEventListener("pointerleave", () => { reader.setAttribute("visibility", "hidden"); said.value = rest; });
  drawing.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[event.key];
    if (by) { event.preventDefault(); said.setAttribute("aria-live", "polite"); read(at + by); }
  });
  const names = shown.length > 1 && h("div.legend", {}, shown.map((one, place) => h("span", {}, swatch(place), ` ${one.name}`)));
  return h("figure", {}, head, drawing, names);
}

/** bars([{name, value, low, high, note}]): shares in [0, 1] with their intervals. */
export function bars(named, { title = "" } = {}) {
  const step = 24, height = named.length * step + 18, x = scale([0, 1], 130, 330);
  const drawing = svg(
    "svg", { class: "chart", viewBox: `0 0 ${W} ${height}`, role: "img", "aria-label": `${title}: ${named.map((one) => `${one.name} ${percent(one.value)}`).join(", ")}` },
    [0, 0.5, 1].map((at) => [
      svg("line", { class: "rule", x1: x(at), x2: x(at), y1: 4, y2: height - 16 }),
      svg("text", { x: x(at), y: height - 4, "text-anchor": "middle" }, percent(at)),
    ]),
    named.map((one, place) => {
      const y = place * step + 14;
      return [
        svg("text", { x: 124, y: y + 3, "text-anchor": "end" }, one.name.length > 22 ? `${one.name.slice(0, 21)}…` : one.name, svg("title", {}, `${one.name}: ${one.note ?? percent(one.value)}`)),
        svg("line", { class: `bar s${place ? 0 : 1}`, x1: x(0), x2: x(one.value), y1: y, y2: y }),
        one.low !== undefined && svg("line", { class: "whisker", x1: x(one.low), x2: x(one.high), y1: y, y2: y }),
      ];
    }),
  );
  return h("figure", {}, h("figcaption", {}, h("h3", {}, title)), drawing);
}

export const percent = (value) => (Number.isFinite(value) ? `${Math.round(value * 100)} %` : "–");

/** Ten squares of the colour scale with the values of its ends. */
export function legend(element, low, high, says) {
  const ramp = h("span.ramp", { "aria-hidden": "true" }, Array.from({ length: 10 }, (_, step) => h(`i.q${step}`)));
  return fill(element, number(low), ramp, number(high), h("span", {}, says));
}

const swatch = (place) => svg("svg", { width: 10, height: 10 }, svg("circle", { class: `f${place % 6}`, cx: 5, cy: 5, r: 4 }));

/** Zero belongs to a scale that nearly reaches it. */
const zero = (points) => {
  const low = Math.min(...points.map(([, y]) => y)), high = Math.max(...points.map(([, y]) => y));
  return low > 0 && low < high * 0.7 ? [0] : [];
};

function range(values, top = null) {
  let low = Math.min(...values), high = Math.max(...values);
  if (top !== null) [low, high] = [0, top];
  return low === high ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low, high];
}

const scale = ([low, high], from, to) => (value) => from + (value - low) / (high - low) * (to - from);

function ticks([low, high], count = 3) {
  const raw = (high - low) / count, size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * size).find((one) => one >= raw);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(+at.toPrecision(10));
  return found;
}

function thin(points, most = 400) {
  const kept = points.filter(([, y]) => Number.isFinite(y));
  const every = Math.ceil(kept.length / most);
  return every < 2 ? kept : kept.filter((_, place) => place % every === 0 || place === kept.length - 1);
}
