// The map of the memory: a canvas of points, near where they are near in meaning; a search and keys beside it.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { operate } from "./form.js";
import { doing, field, id as short, nothing, read, rows } from "./parts.js";
import { facts, when } from "./sheet.js";

const SIZE = 1000, EDGE = 18, NEAR = 16; // of the map's coordinates; pixels
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Draw the map into a place; returns how to leave it. */
export async function atlas(place) {
  fill(place, h("h2", {}, "The memory"), h("p.quiet", {}, "The map is being drawn…"));
  const map = await get("/api/memory/map"), all = map.ids.length;
  if (!all) {
    place.lastChild.replaceWith(nothing("Nothing is remembered yet", "Every candidate of every run becomes a point here: what is alike in meaning lies together."));
    return () => {};
  }
  const canvas = h("canvas", { tabindex: 0, role: "application", "aria-label": `Map of ${all} candidates. Arrow keys go to the nearest point that way, Enter reads it.` });
  const card = h("div", { role: "status" }, h("p.quiet", {}, "Choose a point to read it.")), legend = h("div.legend"), hits = h("div"), said = h("div");
  const colour = field("Colour", { value: "domain", onchange: draw }, [["domain", "by domain"], ["time", "by time"]]);
  const words = field("Near in meaning to", { type: "search", maxlength: 500, required: true }), button = h("button", {}, "Find");
  fill(place, h("h2", {}, "The memory"),
    h("p.note", {}, `${map.held} candidates${map.held > all ? `, ${all} of them here` : ""}, by ${map.embedder}. The plane shows ${Math.round(map.explained * 100)} % of how they differ: what is apart on it is apart, what is near may not be.`),
    h("form.row.low", { onsubmit: search }, colour, words, button), said, h("div.atlas", {}, h("div", {}, canvas, legend), card), hits);
  const order = ranks(map.at), oldest = map.at[order.indexOf(0)], newest = map.at[order.indexOf(1)] ?? oldest;
  let chosen = -1, marked = new Set(), asked = 0;
  const watch = [new ResizeObserver(draw), new MutationObserver(draw)], dark = matchMedia("(prefers-color-scheme: dark)");
  watch[0].observe(canvas);
  watch[1].observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  dark.addEventListener("change", draw);
  canvas.addEventListener("click", (event) => select(nearest(event.offsetX, event.offsetY), true));
  canvas.addEventListener("keydown", walk);
  return () => { watch.forEach((one) => one.disconnect()); dark.removeEventListener("change", draw); };

  function spot(i) {
    const wide = canvas.clientWidth - 2 * EDGE, high = canvas.clientHeight - 2 * EDGE, side = Math.min(wide, high);
    return [EDGE + (wide - side) / 2 + map.x[i] / SIZE * side, EDGE + (high - side) / 2 + (1 - map.y[i] / SIZE) * side];
  }

  function draw() {
    const ratio = devicePixelRatio || 1, pen = canvas.getContext("2d"), style = colours(place), byTime = read(colour) === "time";
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    pen.scale(ratio, ratio);
    const size = all > 4000 ? 1.5 : all > 800 ? 2.3 : 3.6;
    const dot = (i, radius) => { const [x, y] = spot(i); pen.beginPath(); pen.arc(x, y, radius, 0, 7); };
    for (let i = 0; i < all; i++) {
      pen.globalAlpha = marked.size && !marked.has(i) ? 0.16 : 0.82;
      pen.fillStyle = byTime ? style.ramp[Math.min(9, Math.floor(order[i] * 10))] : style.kinds[map.domain[i] % 6];
      dot(i, marked.has(i) ? size + 3 : size);
      pen.fill();
    }
    pen.globalAlpha = 1;
    if (chosen >= 0) { pen.strokeStyle = style.ink; pen.lineWidth = 2; dot(chosen, 9); pen.stroke(); }
    const ends = [h("span", {}, when(oldest)), h("span.ramp", {}, style.ramp.map((_, i) => h(`i.q${i}`))), h("span", {}, when(newest))];
    fill(legend, byTime ? ends : map.domains.map((name, i) => h("span", {}, h("i.dot", { style: { background: `var(--c${i % 6})` } }), ` ${name}`)));
  }

  function nearest(x, y) {
    let best = -1, least = NEAR ** 2;
    for (let i = 0; i < all; i++) {
      const [a, b] = spot(i), apart = (a - x) ** 2 + (b - y) ** 2;
      if (apart < least) [best, least] = [i, apart];
    }
    return best;
  }

  /** From point to point: the nearest that lies more that way than aside. */
  function walk(event) {
    if (event.key === "Enter") return void select(chosen, true);
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    const [x, y] = chosen < 0 ? [canvas.clientWidth / 2, canvas.clientHeight / 2] : spot(chosen);
    let best = -1, least = Infinity;
    for (let i = 0; i < all; i++) {
      const [a, b] = spot(i), along = (a - x) * way[0] + (b - y) * way[1], aside = Math.abs((a - x) * way[1] + (b - y) * way[0]);
      if (along > 0.5 && aside <= along && along + aside < least) [best, least] = [i, along + aside];
    }
    select(best, false);
  }

  function select(i, whole) {
    if (i < 0) return;
    chosen = i;
    draw();
    if (whole) show(map.ids[i]);
    else fill(card, h("p", {}, short(map.ids[i]), ` · ${map.domains[map.domain[i]]}`), h("p.note", {}, "Enter reads it."));
  }

  async function show(name) {
    const mine = ++asked, told = await doing(button, card, () => operate("explain_candidate", { candidate: name }));
    if (!told || mine !== asked) return;
    const known = Object.fromEntries(told.facts), answer = known["note response"] ?? known["note answer"];
    fill(card, h("h3", {}, known.cell ?? "A candidate"), h("pre.words", { dir: "auto", tabindex: 0 }, told.text),
      answer && [h("h3", {}, "What came back"), h("pre.words", { dir: "auto", tabindex: 0 }, answer)],
      facts([["run", h("a.id", { href: `/runs/${known.run}` }, known.run)], ["slot", known.slot], ["fitness", known.fitness], ["evidence for", known["evidence for findings"]]]));
  }

  async function search(event) {
    event.preventDefault();
    const told = await doing(button, said, () => operate("find_texts", { text: read(words), count: 20 }));
    if (!told) return;
    const at = (name) => map.ids.findIndex((id) => id.startsWith(name));
    const open = (name) => h("button.plain", { type: "button", onclick: () => (at(name) < 0 ? show(name) : select(at(name), true)) }, name);
    marked = new Set(told.rows.map((row) => at(row[2])).filter((i) => i >= 0));
    draw();
    fill(hits, rows(["distance", "domain", "candidate", "text"], told.rows.map(([far, domain, name, text]) => [far, domain, open(name), text]), told.title));
  }
}

/** Each value's place among all, from 0 to 1. */
function ranks(values) {
  const found = new Array(values.length), sorted = values.map((value, i) => [value, i]).sort((a, b) => a[0] - b[0]);
  sorted.forEach(([, i], place) => { found[i] = place / Math.max(1, values.length - 1); });
  return found;
}

/** The page's colours as a canvas takes them. */
function colours(place) {
  const probe = place.appendChild(h("i")), seen = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  const found = { ink: seen("--ink"), kinds: [0, 1, 2, 3, 4, 5].map((i) => seen(`--c${i}`)), ramp: Array.from({ length: 10 }, (_, i) => seen(`--q${i}`)) };
  probe.remove();
  return found;
}
