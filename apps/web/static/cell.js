// One cell of an archive: its elite, what the target said, the judge's votes, where it came from; replay and export.

import { h, fill } from "./dom.js";
import { get, post } from "./api.js";
import { number } from "./charts.js";
import { facts, table } from "./sheet.js";

export const FORMATS = ["chat", "garak", "inspect", "promptfoo", "pyrit"];

/** Show a cell in `place`; onclose is called where the reader is done with it. */
export async function showCell(place, run, at, onclose) {
  fill(place, h("p.quiet", {}, "…"));
  let seen;
  try { seen = await get(`/api/runs/${run}/cells/${at}`); } catch (fault) {
    fill(place, head("Not to be had", onclose), h("p.fault", {}, fault.message));
    return;
  }
  const one = seen.elite, again = h("div", { role: "status" });
  const measures = Object.entries(one.measures).filter(([name]) => name !== "fitness");
  fill(
    place, h("div.pile", {},
    head(seen.cell.join(" × "), onclose),
    h("p.note", {}, `candidate `, h("span.id", {}, one.id.slice(0, 8)), ` · slot ${one.slot}`, one.arm && ` · ${one.arm}`, ` · ${one.generation ? `${one.generation} steps from its seed` : "a seed, or from nothing"}`),
    words("What was asked", one.text), words("What came back", one.response), words("What would be right", one.right),
    facts([["fitness", one.fitness], ["score", one.score], ...measures, ...Object.entries(one.notes)]),
    one.verdict && h("section", {}, h("h3", {}, "The judge"),
      h("ul.votes", {}, one.verdict.votes.map((vote) => h("li.tag", {}, vote))),
      one.verdict.reasons.map((reason) => h("p.words.note", { dir: "auto" }, reason))),
    one.lineage.length > 0 && h("details", { open: one.lineage.length < 4 }, h("summary", {}, `Back to the seed: ${one.generation}`),
      h("ol.line", {}, one.lineage.map((parent) => h("li", {}, h("span.id", {}, parent.id.slice(0, 8)), " ", parent.cell && h("span.tag", {}, parent.cell.join(" × ")), ` ${number(parent.fitness)} `, h("span.words", { dir: "auto" }, parent.text))))),
    h("div.row", {},
      h("button", { type: "button", onclick: (event) => replay(event.target, one.id, again) }, "Replay"),
      seen.kind === "attack" && exporter(`/api/runs/${run}/export?number=${at}`)),
    again),
  );
}

/** Show that a cell holds nothing. */
export const showEmpty = (place, cell, onclose) => fill(place, head(cell.join(" × "), onclose), h("p.quiet", {}, "An empty drawer: nothing landed here yet."));

const head = (text, onclose) => h("div.row", {}, h("h3", { tabindex: -1, style: { flex: "1" } }, text), h("button", { type: "button", onclick: onclose, "aria-label": "Close the drawer" }, "Close"));

const words = (name, text) => text && h("section", {}, h("h3", {}, name), h("pre.words", { dir: "auto" }, text));

/** A choice of formats, and a link that saves the file. */
export function exporter(path) {
  const link = h("a.button", { download: "" }, "Export");
  const choice = h("select", { "aria-label": "Format", onchange: set }, FORMATS.map((name) => h("option", { value: name }, name)));
  function set() { link.setAttribute("href", `${path}${path.includes("?") ? "&" : "?"}format=${choice.value}`); }
  set();
  return h("span.row", {}, choice, link);
}

async function replay(button, candidate, place) {
  button.disabled = true;
  fill(place, h("p.quiet", {}, "Asking again…"));
  try {
    const found = await post(`/api/candidates/${candidate}/replay`, { times: 2 });
    const rows = [["stored", found.stored_target, found.stored_fitness, ""], ...found.takes.map((take, at) => [`now, ${at + 1}`, take.target, take.fitness, take.fault || take.response])];
    fill(place, table(["take", "target", "fitness", "response"], rows), found.end && h("p.fault", {}, found.end));
  } catch (fault) { fill(place, h("p.fault", {}, fault.message)); } finally { button.disabled = false; }
}
