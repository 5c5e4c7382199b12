// Small charts in SVG.

import { svg } from "./dom.js";

/** A line chart; lines: [{name, points: [[x, y], …]}]. */
export function lines(named, { label = "" } = {}) {
  return svg("svg", { role: "img", "aria-label": label, viewBox: "0 0 320 140" });
}
