// Worlds: what searches found that can be looked at, of every domain that gives pictures.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { choice, command, dialog, facts, figure, nothing, when } from "../parts.js";

export const title = "Worlds";
const PAGE = 24;

export async function show(main, { id, order = "fitness", look }) {
  const rooms = await get("/api/worlds");
  const shown = rooms.filter((room) => room.runs.length);
  main.append(h("h1", {}, title));
  if (!shown.length) return void main.append(empty(rooms));
  const run = id ?? shown[0].runs[0].id;
  const wall = h("ul.wall"), said = h("p.quiet", { role: "status" }), more = h("button", { type: "button", onclick: hang }, "More");
  main.append(chooser(shown, run, order, (next, by) => address(next, by)), said, wall, h("p.buttons", {}, more));
  let hung = 0;
  await hang();
  if (look) await enlarge(look);

  async function hang() {
    const told = await get(`/api/runs/${encodeURIComponent(run)}/worlds?order=${order}&count=${PAGE}&offset=${hung}`);
    hung += told.exhibits.length;
    fill(said, told.total ? `${hung} of ${told.total} of run ${told.run}` : `Run ${told.run} has found nothing yet.`);
    more.hidden = hung >= told.total;
    wall.append(...told.exhibits.map((one) => h("li", {}, frame(told, one))));
  }

  function frame(told, one) {
    const cell = one.cell?.join(" × ") ?? `slot ${one.slot}`;
    const picture = h("img", { src: `/api/worlds/${one.id}/picture`, alt: one.text, loading: "lazy", width: 200, height: 200 });
    const words = h("span.words", {}, h("b", { dir: "auto" }, cell), h("span", {}, figure(one.fitness)));
    return h("button.frame", { type: "button", onclick: () => enlarge(one.id) }, picture, words);
  }
}

function address(run, order) {
  history.pushState(null, "", `/worlds/${run}?order=${order}`);
  dispatchEvent(new PopStateEvent("popstate"));
}

function chooser(rooms, run, order, go) {
  const options = rooms.flatMap((room) => room.runs.map((one) => [one.id, `${room.title}: ${one.id} (${one.status})`]));
  const runs = choice("Run", options, (event) => go(event.target.value, order), run);
  const orders = [["fitness", "best first"], ["newest", "newest first"], ["cell", "by cell"]];
  return h("div.row", {}, runs, choice("Order", orders, (event) => go(run, event.target.value), order));
}

/** One world over the page: its picture, what happened in it, its features and its text. */
async function enlarge(id) {
  const one = await get(`/api/worlds/${encodeURIComponent(id)}`);
  const cell = one.cell?.map((value, place) => [one.axes[place], value]) ?? [];
  const box = dialog(
    `World ${one.id.slice(0, 8)}`,
    h("div.world", {},
      h("figure", {}, h("img", { src: `/api/worlds/${one.id}/picture`, alt: one.caption || one.text }), h("figcaption", { dir: "auto" }, one.caption)),
      one.rollout && rollout(one),
      h("div", {},
        facts([...cell, ["fitness", figure(one.fitness)], ["score", figure(one.score)], ...Object.entries(one.measures).map(([name, value]) => [name, figure(value)]), ["fault", one.error]]),
        h("p", {}, h("a", { href: `/runs/${one.run}` }, `run ${one.run}`), `, slot ${one.slot}, candidate ${one.id.slice(0, 8)}`),
      ),
    ),
    h("h2", {}, "As text"),
    h("pre.text", { tabindex: 0, dir: "auto" }, one.text),
    Object.entries(one.notes).map(([name, words]) => h("details", {}, h("summary", {}, name), h("p.prose", { dir: "auto" }, words))),
    one.ancestors.length > 0 && h("details", {}, h("summary", {}, `${one.ancestors.length} ancestors`), h("ol.ancestors", {}, one.ancestors.map((older) => h("li", {}, h("img", { src: `/api/worlds/${older.id}/picture`, alt: older.text, loading: "lazy", width: 96 }))))),
    h("details", {}, h("summary", {}, "Genome"), h("pre", { tabindex: 0 }, JSON.stringify(one.genome, null, 1))),
  );
  box.addEventListener("click", (event) => { if (event.target.closest("a")) box.close(); });
}

function rollout(one) {
  const src = `/api/worlds/${one.id}/rollout`;
  const clip = one.rollout.startsWith("video/")
    ? h("video", { src, controls: true, loop: true, "aria-label": one.rollout_caption })
    : h("img", { src, alt: one.rollout_caption });
  return h("figure", {}, clip, h("figcaption", { dir: "auto" }, one.rollout_caption));
}

const empty = (rooms) =>
  nothing(
    "No worlds yet. Environments that a search finds are shown here as pictures, and what happens in them as rollouts.",
    rooms.length
      ? [h("p", {}, "Begin with one of these:"), rooms.map((room) => command(`wunder run ${room.domain}`))]
      : h("p", {}, "None of the installed domains can be looked at."),
  );
