// Discoveries: findings in time, and the map of the memory.

import { get } from "../api.js";
import { fill, h, svg } from "../dom.js";
import { choice, command, doing, facts, figure, nothing, table, when } from "../parts.js";
import { atlas } from "../atlas.js";

export const title = "Discoveries";
const PAGE = 30;
const VERDICTS = [["", "every verdict"], ["supported", "supported"], ["refuted", "refuted"], ["undecided", "undecided"], ["none", "seen, not tested"]];

export async function show(main, parameters) {
  const asked = { domain: parameters.domain ?? "", verdict: parameters.verdict ?? "", text: parameters.text ?? "" };
  const list = h("ol.findings"), said = h("p.quiet", { role: "status" }), filters = h("form.row", { role: "search", onsubmit: (event) => event.preventDefault() });
  const more = h("button", { type: "button", onclick: () => look(list.children.length) }, "Earlier ones");
  main.append(h("h1", {}, title), filters, said, list, h("p.buttons", {}, more));
  let timer, turn = 0;
  const first = await look();
  if (!first.total && !Object.values(asked).some(Boolean)) {
    filters.hidden = true;
    list.replaceWith(empty());
  } else draw(first.domains);
  const map = h("section.memory");
  main.append(map);
  const leave = await atlas(map);
  return () => { clearTimeout(timer); leave(); };

  function draw(domains) {
    const change = (name) => (event) => {
      asked[name] = event.target.value;
      clearTimeout(timer);
      timer = setTimeout(look, name === "text" ? 250 : 0);
    };
    const search = h("input", { type: "search", value: asked.text, oninput: change("text"), maxlength: 200 });
    fill(
      filters,
      choice("About", [["", "everything"], ...domains.map((name) => [name, name])], change("domain"), asked.domain),
      choice("Verdict", VERDICTS, change("verdict"), asked.verdict),
      h("label", {}, h("span", {}, "Words"), search),
    );
  }

  async function look(offset = 0) {
    const mine = ++turn;
    const chosen = Object.entries(asked).filter(([, value]) => value);
    const told = await get(`/api/findings?${new URLSearchParams([...chosen, ["count", PAGE], ["offset", offset]])}`);
    if (mine !== turn) return told;
    if (!offset) list.replaceChildren();
    list.append(...told.findings.map(finding));
    fill(said, told.total ? `${told.total} findings, newest first` : "Nothing that was found fits.");
    more.hidden = list.children.length >= told.total;
    return told;
  }
}

function finding(one) {
  const checked = h("div", { role: "status" });
  const check = h("button", { type: "button", onclick: () => hold(one, check, checked) }, "Check against the ledger");
  return h(
    "li.finding", { id: one.id },
    h("p.head", {}, h(`span.badge.${one.verdict ?? "seen"}`, {}, one.verdict ?? "seen"), " ", one.domain, " · ", when(one.at)),
    h("p.claim", { dir: "auto" }, one.claim),
    one.interval && drawn(one),
    one.comment && h("p.comment", { dir: "auto" }, one.comment, h("small", {}, " (a model’s words)")),
    h("details", {}, h("summary", {}, "What it rests on"),
      facts([
        ["compared", one.compared], ["expected", one.threshold], ["because", one.because], ["lacks", one.missing], ["refuted by", one.refuted_by],
        ["figures", Object.entries(one.statistics).map(([name, value]) => `${name} ${figure(value)}`).join("  ")],
        ["from", one.search ? h("a", { href: `/runs/${one.run}` }, `run ${one.run}`) : h("a", { href: `/runs/${one.run}` }, `study ${one.run}`)],
        ["candidates", one.evidence.length > 0 && one.evidence.map((name) => evidence(one, name))],
        ["jobs", one.jobs.length > 0 && one.jobs.map((job) => [h("a", { href: `/jobs/${job}` }, job.slice(0, 8)), " "])],
      ]),
      one.reproduce && [h("p.quiet", {}, "Found again by"), command(one.reproduce)],
      check, checked,
    ),
  );
}

function evidence(one, { candidate, number }) {
  const words = candidate.slice(0, 8);
  return [number === null ? words : h("a", { href: `/runs/${one.run}#${number}` }, words), " "];
}

async function hold(one, button, place) {
  const told = await doing(button, place, () => get(`/api/findings/${one.id}/check`));
  if (!told) return;
  const rows = told.pairs.map(([seed, treatment, control]) => [seed, figure(treatment), figure(control)]);
  fill(
    place,
    h("p", {}, told.faults.length ? h("span.fault", {}, told.faults.join("; ")) : "Every figure follows from the ledger."),
    rows.length > 0 && [
      h("img.drawing", { src: `/api/findings/${one.id}/drawing`, alt: "The pairs, each as a line from control to treatment" }),
      table(["Seed", "Treatment", "Control"], rows, "The pairs behind it"),
    ],
  );
}

/** The interval of a difference, with zero and the span where the hypothesis has it. */
function drawn({ interval, verdict }) {
  const { mean, low, high, expected: [from, to] } = interval;
  const ends = [low, high, mean, 0, from ?? 0, to ?? 0];
  const least = Math.min(...ends), most = Math.max(...ends), room = 0.08 * (most - least || 1);
  const at = (value) => ((value - least + room) / (most - least + 2 * room)) * 400;
  const left = from === null ? 0 : at(from), right = to === null ? 400 : at(to);
  const label = `difference ${figure(mean)}, interval ${figure(low)} to ${figure(high)}`;
  return h("figure.interval", {},
    svg("svg", { viewBox: "0 0 400 26", role: "img", "aria-label": label, class: verdict ?? "" },
      svg("rect", { x: left, y: 3, width: Math.max(1, right - left), height: 20, class: "expected" }),
      svg("line", { x1: at(0), x2: at(0), y1: 0, y2: 26, class: "zero" }),
      svg("line", { x1: at(low), x2: at(high), y1: 13, y2: 13, class: "span" }),
      svg("circle", { cx: at(mean), cy: 13, r: 5, class: "mean" }),
    ),
    h("figcaption", {}, `${mean > 0 ? "+" : ""}${figure(mean)} [${figure(low)}, ${figure(high)}]; shaded: where it was expected`));
}

const empty = () =>
  nothing(
    "No discoveries yet. The scientist speaks when a run ends, and in studies, which test what was thought beforehand:",
    command("wunder study search-study --preset smoke"),
  );
