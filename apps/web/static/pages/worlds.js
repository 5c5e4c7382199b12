// Worlds: what searches found that can be looked at, of every domain that gives pictures.

import { get } from "../api.js";
import { number } from "../charts.js";
import { fill, h } from "../dom.js";
import { go } from "../main.js";
import { command, dialog, field, id as short, nothing } from "../parts.js";
import { facts } from "../sheet.js";

export const title = "Worlds";
const PAGE = 24;

export async function show(main, { id, order = "fitness" }) {
  const rooms = await get("/api/worlds"), shown = rooms.filter((room) => room.runs.length);
  const said = h("p.quiet", { role: "status" }), wall = h("ul.wall"), choose = h("div.row");
  const more = h("button", { type: "button", hidden: true, onclick: hang }, "More");
  main.append(h("div.head", {}, h("div", {}, h("h1", {}, title), said), choose));
  if (!shown.length) return void main.append(empty(rooms));
  const run = id ?? shown[0].runs[0].id;
  const options = shown.flatMap((room) => room.runs.map((one) => [one.id, `${room.domain} · ${one.id}`]));
  fill(choose,
    field("Run", { value: run, onchange: (event) => go(`/worlds/${event.target.value}?order=${order}`) }, options),
    field("Order", { value: order, onchange: (event) => go(`/worlds/${run}?order=${event.target.value}`) }, [["fitness", "best first"], ["newest", "newest first"], ["cell", "by cell"]]));
  main.append(wall, h("div.row", {}, more));
  await hang();

  async function hang() {
    const told = await get(`/api/runs/${encodeURIComponent(run)}/worlds?order=${encodeURIComponent(order)}&count=${PAGE}&offset=${wall.children.length}`);
    wall.append(...told.exhibits.map((one) => h("li", {}, frame(one))));
    fill(said, told.total ? `${wall.children.length} of ${told.total} that run ${told.run} found` : `Run ${told.run} has found nothing yet.`);
    more.hidden = wall.children.length >= told.total;
  }
}

const image = (id, alt, size) => h("img", { src: `/api/worlds/${id}/picture`, alt, loading: "lazy", width: size, height: size });

const frame = (one) => h("button.frame", { type: "button", onclick: () => enlarge(one.id) }, image(one.id, "", 220),
  h("span", { dir: "auto" }, one.cell?.join(" × ") ?? `slot ${one.slot}`), h("b", {}, number(one.fitness)));

/** One world over the page: its picture at once; then what happened in it, its features, its text, its ancestors. */
async function enlarge(id) {
  const place = h("div", {}, h("div.columns", {}, picture(image(id, "", 400), "…")));
  dialog(`World ${id.slice(0, 8)}`, place);
  try { fill(place, told(await get(`/api/worlds/${encodeURIComponent(id)}`))); } catch (fault) { fill(place, h("p.fault", { role: "alert" }, fault.message)); }
}

function told(one) {
  const cell = one.cell?.map((value, place) => [one.axes[place], value]) ?? [], measures = Object.entries(one.measures).filter(([name]) => name !== "fitness");
  return [
    h("h2", {}, cell.map(([, value]) => value).join(" × ") || `Slot ${one.slot}`),
    h("p.note", {}, short(one.id), " · ", h("a.id", { href: `/runs/${one.run}` }, `run ${one.run}`), ` · slot ${one.slot}`),
    h("div.columns", {}, picture(image(one.id, one.caption, 400), one.caption), rollout(one.id),
      h("div", {}, facts([...cell, ["fitness", one.fitness], ["score", one.score], ...measures, ["fault", one.error], ...Object.entries(one.notes)]))),
    h("details", { open: true }, h("summary", {}, "As text"), h("pre.words", { tabindex: 0, dir: "auto" }, one.text)),
    one.ancestors.length > 0 && h("details", {}, h("summary", {}, `Back to the seed: ${one.ancestors.length}`), h("div.row", {}, one.ancestors.map((older) => image(older.id, older.text, 96)))),
    h("details", {}, h("summary", {}, "Genome"), h("pre", { tabindex: 0 }, JSON.stringify(one.genome, null, 1))),
  ];
}

const picture = (element, caption) => h("figure", {}, element, h("figcaption.note", { dir: "auto" }, caption));

/** What happened in it: drawn on demand, which takes a while where it is a clip; left out where nothing was kept. */
function rollout(id) {
  const place = h("figure", {}, h("p.note", {}, "What happened in it is being drawn…")), src = `/api/worlds/${id}/rollout`;
  fetch(src).then(async (answer) => {
    if (!answer.ok) throw new Error((await answer.json()).error);
    if (answer.status === 204) return place.remove();
    const words = decodeURIComponent(answer.headers.get("x-caption") ?? ""), clip = answer.headers.get("content-type").startsWith("video/");
    return fill(place, clip ? h("video", { src, controls: true, loop: true, "aria-label": words }) : h("img", { src, alt: words, width: 400, height: 400 }), h("figcaption.note", { dir: "auto" }, words));
  }).catch((fault) => fill(place, h("p.note", {}, fault.message)));
  return place;
}

const empty = (rooms) => nothing("No worlds yet", "Environments that a search finds hang here as pictures, with what happened in them.",
  rooms.length ? rooms.map((room) => command(`wunder run ${room.domain}`)) : h("p", {}, "None of the installed domains can be looked at."));
