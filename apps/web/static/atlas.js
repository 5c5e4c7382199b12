// The map of the memory: a canvas of points, near where they are near in meaning.

import { get, post } from "./api.js";
import { fill, h } from "./dom.js";
import { choice, doing, facts, figure, nothing, table } from "./parts.js";

const SIZE = 1000, EDGE = 24;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Draw the map into a section; returns how to leave it. */
export async function atlas(place) {
  const map = await get("/api/memory/map");
  place.append(h("h2", {}, "The memory"));
  if (!map.ids.length) {
    place.append(nothing("What runs make is remembered here, near where it is near in meaning. Nothing is remembered yet."));
    return () => {};
  }
  const canvas = h("canvas", { tabindex: 0, role: "application", "aria-label": `Map of ${map.ids.length} candidates. Arrow keys go to the nearest point that way, Enter shows it.` });
  const card = h("div.card", { role: "status" }), legend = h("ul.legend"), hits = h("div"), said = h("div");
  const words = h("input", { type: "search", maxlength: 500, required: true });
  const button = h("button", {}, "Find");
  const find = h("form.row", { onsubmit: search }, choice("Colour", [["domain", "by domain"], ["time", "by time"]], recolour), h("label", {}, h("span", {}, "Near in meaning to"), words), button);
  const left = map.held > map.ids.length ? `, ${map.ids.length} of ${map.held} of them here` : "";
  place.append(
    h("p.quiet", {}, `${map.held} candidates by the embedder ${map.embedder}${left}. The plane shows ${Math.round(map.explained * 100)} % of how they differ; what is near on it may still be apart.`),
    find, said, h("div.atlas", {}, canvas, h("div", {}, card, legend)), hits,
  );
  fill(card, h("p.quiet", {}, "Choose a point to read it."));
  let by = "domain", chosen = -1, marked = new Set(), asked = 0;
  const order = ranks(map.at);
  const watch = new ResizeObserver(draw);
  watch.observe(canvas);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  const theme = new MutationObserver(draw);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  canvas.addEventListener("click", (event) => select(nearest(event.offsetX, event.offsetY, 14)));
  canvas.addEventListener("keydown", walk);
  return () => { watch.disconnect(); theme.disconnect(); dark.removeEventListener("change", draw); };

  function recolour(event) { by = event.target.value; draw(); }

  function spot(i) {
    const side = Math.min(canvas.clientWidth, canvas.clientHeight) - 2 * EDGE;
    const x0 = (canvas.clientWidth - side) / 2, y0 = (canvas.clientHeight - side) / 2;
    return [x0 + (map.x[i] / SIZE) * side, y0 + (1 - map.y[i] / SIZE) * side];
  }

  function draw() {
    const ratio = devicePixelRatio || 1, wide = canvas.clientWidth, high = canvas.clientHeight;
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const style = getComputedStyle(canvas), colours = palette(style), radius = map.ids.length > 4000 ? 1.6 : map.ids.length > 800 ? 2.4 : 3.6;
    for (let i = 0; i < map.ids.length; i++) {
      const [x, y] = spot(i);
      pen.globalAlpha = marked.size && !marked.has(i) ? 0.2 : 0.8;
      pen.fillStyle = by === "domain" ? colours[map.domain[i] % colours.length] : ramp(style, order[i]);
      pen.beginPath();
      pen.arc(x, y, marked.has(i) ? radius + 2.5 : radius, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
    if (chosen >= 0) ring(pen, style);
    key(colours, style);
  }

  function ring(pen, style) {
    const [x, y] = spot(chosen);
    pen.strokeStyle = style.color;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, 9, 0, 7);
    pen.stroke();
  }

  function key(colours, style) {
    const counts = map.domains.map(() => 0);
    map.domain.forEach((number) => counts[number]++);
    const dot = (colour) => h("i", { style: { background: colour } });
    const day = (seconds) => new Date(seconds * 1000).toLocaleString();
    fill(legend, by === "domain"
      ? map.domains.map((name, i) => h("li", {}, dot(colours[i % colours.length]), `${name} (${counts[i]})`))
      : [0, 0.5, 1].map((share) => h("li", {}, dot(ramp(style, share)), day([...map.at].sort((a, b) => a - b)[Math.round(share * (map.at.length - 1))]))));
  }

  function nearest(x, y, within) {
    let best = -1, least = within * within;
    for (let i = 0; i < map.ids.length; i++) {
      const [a, b] = spot(i), apart = (a - x) ** 2 + (b - y) ** 2;
      if (apart < least) [best, least] = [i, apart];
    }
    return best;
  }

  /** From point to point by the arrow keys: the nearest that lies that way. */
  function walk(event) {
    const way = KEYS[event.key];
    if (event.key === "Enter" && chosen >= 0) return void select(chosen);
    if (!way) return;
    event.preventDefault();
    const [x, y] = chosen < 0 ? [canvas.clientWidth / 2, canvas.clientHeight / 2] : spot(chosen);
    let best = -1, least = Infinity;
    for (let i = 0; i < map.ids.length; i++) {
      const [a, b] = spot(i), along = (a - x) * way[0] + (b - y) * way[1], aside = Math.abs((a - x) * way[1]) + Math.abs((b - y) * way[0]);
      if (i === chosen || along <= 0 || aside > 2 * along) continue;
      if (along + 2 * aside < least) [best, least] = [i, along + 2 * aside];
    }
    if (best >= 0) select(best, false);
  }

  async function select(i, whole = true) {
    if (i < 0) return;
    chosen = i;
    draw();
    if (whole) await read(map.ids[i]);
    else fill(card, h("p", {}, map.domains[map.domain[i]]), h("p.quiet", {}, `${map.ids[i].slice(0, 8)}: press Enter to read it.`));
  }

  async function read(id) {
    const mine = ++asked;
    fill(card, h("p.quiet", {}, "…"));
    let told;
    try {
      told = (await post("/api/operations/explain_candidate", { arguments: { candidate: id } })).sheet;
    } catch (fault) {
      if (mine === asked) fill(card, h("p.fault", { role: "alert" }, fault.message));
      return;
    }
    if (mine !== asked) return;
    const known = Object.fromEntries(told.facts);
    fill(
      card,
      h("p.prose", { dir: "auto" }, told.text),
      facts([["run", h("a", { href: `/runs/${known.run}` }, known.run)], ["cell", known.cell], ["fitness", figure(known.fitness)], ["answer", known["note response"] ?? known["note answer"]], ["evidence for", known["evidence for findings"]]]),
    );
  }

  async function search(event) {
    event.preventDefault();
    const told = await doing(button, said, () => post("/api/operations/find_texts", { arguments: { text: words.value, count: 20 } }));
    if (!told) return;
    const rows = told.sheet.rows, at = (name) => map.ids.findIndex((id) => id.startsWith(name));
    marked = new Set(rows.map((row) => at(row[2])).filter((i) => i >= 0));
    draw();
    const open = (name) => h("button.link", { type: "button", onclick: () => { const i = at(name); if (i >= 0) select(i); else read(name); } }, name);
    fill(hits, rows.length ? table(["Distance", "Domain", "Candidate", "Text"], rows.map(([far, domain, name, text]) => [figure(far), domain, open(name), text]), "Nearest in meaning") : null);
  }
}

/** Each value's place among all, from 0 to 1. */
function ranks(values) {
  const sorted = values.map((value, i) => [value, i]).sort((a, b) => a[0] - b[0]);
  const found = new Array(values.length);
  sorted.forEach(([, i], place) => { found[i] = place / Math.max(1, values.length - 1); });
  return found;
}

const palette = (style) => Array.from({ length: 8 }, (_, i) => style.getPropertyValue(`--c${i}`).trim() || "gray");
const ramp = (style, share) => style.getPropertyValue(`--q${Math.min(9, Math.floor(share * 10))}`).trim() || "gray";
