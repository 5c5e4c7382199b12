// Discoveries: findings in time, and the map of the memory.

import { get } from "../api.js";
import { atlas } from "../atlas.js";
import { number } from "../charts.js";
import { fill, h, svg } from "../dom.js";
import { command, doing, field, id as short, nothing, rows } from "../parts.js";
import { facts, when } from "../sheet.js";

export const title = "Discoveries";
const PAGE = 8;
const VERDICTS = [["", "every one"], ["supported", "supported"], ["refuted", "refuted"], ["undecided", "undecided"], ["none", "seen, not tested"]];

export async function show(main, { domain = "", verdict = "", text = "", run = "" }) {
  const asked = { domain, verdict, text, run };
  const list = h("ol.findings"), said = h("p.quiet", { role: "status" }), filters = h("form.row", { role: "search", onsubmit: (event) => event.preventDefault() });
  const more = h("button", { type: "button", onclick: () => look(list.children.length) }, "Earlier ones"), map = h("section.card", { "aria-label": "The memory" });
  main.append(h("div.head", {}, h("div", {}, h("h1", {}, title), said), filters), list, h("div.row", {}, more), map);
  let timer, turn = 0;
  const { total, domains } = await look();
  if (total || Object.values(asked).some(Boolean)) draw();
  else list.replaceWith(empty());
  const leave = await atlas(map);
  return () => { clearTimeout(timer); leave(); };

  function draw() {
    const change = (name) => (event) => {
      asked[name] = event.target.value;
      clearTimeout(timer);
      timer = setTimeout(look, name === "text" ? 250 : 0);
    };
    fill(filters, field("About", { value: domain, onchange: change("domain") }, [["", "everything"], ...domains.map((name) => [name, name])]),
      field("Verdict", { value: verdict, onchange: change("verdict") }, VERDICTS), field("Words", { type: "search", value: text, maxlength: 200, oninput: change("text") }));
  }

  async function look(offset = 0) {
    const mine = ++turn, chosen = Object.entries(asked).filter(([, value]) => value);
    const told = await get(`/api/findings?${new URLSearchParams([...chosen, ["count", PAGE], ["offset", offset]])}`);
    if (mine !== turn) return told;
    if (!offset) fill(list);
    list.append(...told.findings.map(finding));
    fill(said, told.total ? `${told.total} found, newest first` : chosen.length ? "Nothing that was found fits." : "What searches and studies found, with its evidence.", asked.run && ` · of ${asked.run}`);
    more.hidden = list.children.length >= told.total;
    return told;
  }
}

function finding(one) {
  const checked = h("div", { role: "status" }), check = h("button", { type: "button", onclick: () => hold(one, check, checked) }, "Check it against the ledger");
  const figures = Object.entries(one.statistics).map(([name, value]) => h("span.tag", {}, `${name} ${number(value)}`));
  return h(
    "li.card.finding", { class: one.verdict ?? "seen" },
    h("p.kind", {}, h("b.verdict", {}, one.verdict ?? "seen"), ` · ${one.domain} · `, when(one.at)),
    h("p.claim.words", { dir: "auto" }, one.claim),
    one.interval && drawn(one.interval),
    one.comment && h("p.words.note", { dir: "auto" }, one.comment, " (a model’s words)"),
    h("details", {}, h("summary", {}, "What it rests on"),
      facts([
        ["compared", one.compared], ["expected", one.threshold], ["because", one.because], ["lacks", one.missing], ["refuted by", one.refuted_by], ["figures", figures.length > 0 && figures],
        [one.search ? "run" : "study", h("a.id", { href: `/runs/${one.run}` }, one.run)],
        ["candidates", one.evidence.length > 0 && one.evidence.map(({ candidate, number: at }) => [short(candidate, at !== null && `/runs/${one.run}?cell=${at}`), " "])],
        ["jobs", one.jobs.length > 0 && one.jobs.map((job) => [short(job, `/jobs/${job}`), " "])],
        ["again by", one.reproduce && h("code", {}, one.reproduce)],
      ].filter(([, value]) => value)),
      h("div.row", {}, check), checked),
  );
}

async function hold(one, button, place) {
  const told = await doing(button, place, () => get(`/api/findings/${one.id}/check`));
  if (!told) return;
  const pairs = told.pairs.length > 0 && [
    h("img.drawing", { src: `/api/findings/${one.id}/drawing`, alt: "Each pair as a line from control to treatment" }),
    h("details", {}, h("summary", {}, `${told.pairs.length} pairs`), rows(["seed", "treatment", "control"], told.pairs))];
  fill(place, told.faults.length ? h("p.fault", {}, told.faults.join("; ")) : h("p", {}, "Every figure follows from the ledger."), pairs);
}

/** The interval of a difference, with zero, and shaded where the hypothesis has it. */
function drawn({ mean, low, high, expected: [from, to] }) {
  const ends = [low, high, mean, 0, from ?? 0, to ?? 0], least = Math.min(...ends), most = Math.max(...ends), room = 0.1 * (most - least || 1);
  const x = (value) => ((value - least + room) / (most - least + 2 * room)) * 400, left = from === null ? 0 : x(from), right = to === null ? 400 : x(to);
  const said = `${mean > 0 ? "+" : ""}${number(mean)} [${number(low)}, ${number(high)}]`;
  return h("figure.interval", {},
    svg("svg", { viewBox: "0 0 400 24", role: "img", "aria-label": `difference ${said}` },
      svg("rect", { x: left, y: 2, width: Math.max(1, right - left), height: 20 }), svg("line", { class: "zero", x1: x(0), x2: x(0), y1: 0, y2: 24 }),
      svg("line", { x1: x(low), x2: x(high), y1: 12, y2: 12 }), svg("circle", { cx: x(mean), cy: 12, r: 4.5 })),
    h("figcaption.note", {}, `difference ${said}; shaded: where it was expected`));
}

const empty = () => nothing("Nothing discovered yet", "The scientist speaks when a run ends, and in studies, which test what was thought beforehand:", command("wunder study search-study --preset smoke"));
