// Runs: what was begun and how it comes on, and a form to begin something.

import { h, fill } from "../dom.js";
import { get } from "../api.js";
import { follow } from "../live.js";
import { form, operate } from "../form.js";
import { number } from "../charts.js";
import { when } from "../sheet.js";
import { go } from "../main.js";

export const title = "Runs";
const KINDS = { run: "search", study: "study", autonomous: "autonomous", hardening: "hardening" };
const RESTING = new Set(["paused", "stopped", "interrupted", "failed"]);

export async function show(main) {
  const said = h("p", { role: "status" });
  const list = h("div", {}), starter = h("section.card", { hidden: true, "aria-label": "Begin something" });
  const begin = h("button.main", { type: "button", "aria-expanded": "false", onclick: open }, "Begin a run…");
  main.append(h("div.head", {}, h("div", {}, h("h1", {}, title), h("p.quiet", {}, "Everything that was begun here, newest first.")), begin), said, starter, list);
  const rates = new Map();
  let asked = null;

  async function refresh() {
    const known = await get("/api/runs");
    fill(list, known.runs.length ? table(known) : nothing());
  }
  const soon = () => { asked ??= setTimeout(() => { asked = null; refresh().catch(report); }, 700); };
  const report = (fault) => fill(said, h("span.fault", {}, fault.message));

  async function act(tool, run, button) {
    button.disabled = true;
    try {
      const sheet = await operate(tool, { run });
      if (sheet) fill(said, sheet.title);
      soon();
    } catch (fault) { report(fault); } finally { button.disabled = false; }
  }

  const table = (known) => h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Runs" }, h("table.stack", {},
    h("thead", {}, h("tr", {}, ["run", "domain", "begun", "status", "progress", "cells", "calls a minute", "cost", ""].map((name) => h("th", { scope: "col", class: /cells|calls|cost/.test(name) ? "number" : null }, name)))),
    h("tbody", {}, families(known.runs).map(row))),
    known.total > known.runs.length && h("p.note", {}, `and ${known.total - known.runs.length} older ones`));

  function row({ one, part }) {
    const s = one.summary, go_on = RESTING.has(one.status);
    return h(part ? "tr.part" : "tr", { "data-run": one.id },
      h("td", {}, h("a.id", { href: `/runs/${one.id}`, title: one.id }, part ? one.id.slice(one.id.indexOf("-") + 1) : one.id)),
      h("td", {}, one.domain || KINDS[one.kind], " ", one.kind !== "run" && one.domain && h("span.tag", {}, KINDS[one.kind])),
      h("td", { "data-name": "begun" }, when(one.at)),
      h("td", {}, h(`span.status.${one.status}`, { title: s?.reason }, one.status), one.status === "failed" && s?.reason && h("p.note.why", { dir: "auto" }, s.reason)),
      h("td", { "data-name": "steps" }, s && [h("progress", { max: s.of, value: s.steps, "aria-label": `${s.steps} of ${s.of} steps` }), h("span.note", {}, ` ${s.steps}/${s.of}`)]),
      h("td.number", { "data-name": "cells" }, s?.cells ? `${s.filled}/${s.cells}` : ""),
      h("td.number", { "data-name": "calls a minute" }, one.status === "running" ? number(rates.get(one.id)?.rate ?? null) : ""),
      h("td.number", { "data-name": "cost" }, s ? number(s.cost) : ""),
      h("td", {}, h("div.row", {},
        one.status === "running" && ["pause", "stop"].map((verb) => button(verb, one)),
        go_on && button("resume", one))));
  }
  const button = (verb, one) => h("button", { type: "button", "aria-label": `${verb} ${one.id}`, onclick: (event) => act(`${verb}_run`, one.id, event.target) }, verb);

  function progressed({ run, at, spent, ended, remembered }) {
    if (spent) {
      const before = rates.get(run);
      if (before && at > before.at) before.rate = Math.max(0, (spent.calls - before.calls) / (at - before.at) * 60);
      if (!before || at - before.at > 20) rates.set(run, { at, calls: spent.calls, rate: before?.rate });
    }
    if (spent || ended || remembered || !list.querySelector(`[data-run="${CSS.escape(run)}"]`)) soon();
  }

  async function open() {
    starter.hidden = !starter.hidden;
    begin.setAttribute("aria-expanded", String(!starter.hidden));
    if (starter.hidden) return;
    fill(starter, h("p.quiet", { role: "status" }, "Looking for what there is to explore…"));
    try { await fillStarter(starter, report); starter.querySelector("select, input")?.focus(); } catch (fault) { report(fault); }
  }
  const nothing = () => h("div.empty", {}, h("h2", {}, "The cabinet is empty"),
    h("p", {}, "A run searches a domain, and keeps the best find of every kind in a drawer of its own. It fills while you look."),
    h("p", {}, h("button.main", { type: "button", onclick: open }, "Begin the first one…")),
    h("p", {}, "or in a terminal, with the model that comes along:"), h("p", {}, h("code", {}, "wunder run rainbow-skills --preset cpu")),
    h("p", {}, "To test a model of yours, name its server under ", h("a", { href: "/models" }, "Models"), " first."));

  await refresh();
  const stop = follow("/api/events", { progress: progressed });
  const timer = setInterval(() => document.hidden || refresh().catch(report), 15000); // a process that died says nothing
  return () => { stop(); clearInterval(timer); clearTimeout(asked); };
}

/** What was begun by something else comes after it. */
function families(known) {
  const heads = known.filter((one) => !one.id.includes("-") || !known.some((other) => one.id.startsWith(`${other.id}-`)));
  return heads.flatMap((one) => [{ one, part: false }, ...known.filter((other) => other.id.startsWith(`${one.id}-`)).map((other) => ({ one: other, part: true }))]);
}

const WAYS = { start_run: "Search a domain", start_everything: "Explore everything", run_study: "Study by experiments", harden_model: "Harden a target" };

/** Whether what was begun has come up: its process says its name a while before it is in the ledger. */
async function isThere(sheet, place) {
  fill(place, h("p.quiet", { role: "status" }, `${sheet.title}; it is getting ready…`));
  for (let tries = 0; tries < 120 && place.isConnected; tries++) {
    if ((await get("/api/runs?count=50")).runs.some((one) => one.id === sheet.subject)) return true;
    await new Promise((done) => setTimeout(done, 500));
  }
  if (place.isConnected) throw new Error(`${sheet.title}, and has not come up; HOME/errands has what it says`);
  return false;
}

/** The form: which way, its arguments by the operation's schema, and the domain's own options by theirs. */
async function fillStarter(place, report) {
  const [operations, known] = await Promise.all([get("/api/operations"), get("/api/beginnings")]);
  const ways = Object.keys(WAYS).map((name) => operations.find((one) => one.name === name)).filter(Boolean);
  const body = h("form", {});
  const way = h("select", { id: "way", onchange: draw }, ways.map((one) => h("option", { value: one.name }, WAYS[one.name])));
  let main, own;

  function draw() {
    const operation = ways.find((one) => one.name === way.value);
    const fitting = known.domains.filter((one) => one.study === (way.value === "run_study"));
    const roles = Object.fromEntries(["target", "judge", "mutator", "classifier"].map((role) => [role, known.seats]));
    main = form(operation.arguments, {
      choices: { domain: fitting.map((one) => one.name), ablate: known.ablations, ...roles, preset: [...new Set(fitting.flatMap((one) => one.presets))] },
      wide: Object.keys(roles), leave: ["options"],
    });
    own = null;
    const more = h("div", {});
    const options = () => {
      const domain = fitting.find((one) => one.name === main.input("domain")?.value);
      const schema = operation.arguments.properties.options && domain?.options;
      own = schema && Object.keys(schema.properties ?? {}).length ? form(schema) : null;
      fill(more, domain && h("p.note", {}, domain.title), own && h("fieldset", {}, h("legend", {}, `Options of ${domain.name}`), own.element));
    };
    main.input("domain")?.addEventListener("change", options);
    options();
    fill(body, main.element, more, h("div.row", {}, h("button.main", { type: "submit" }, "Begin"), h("span.note", {}, operation.says)));
  }

  body.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = body.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const options = own?.read() ?? {};
      const sheet = await operate(way.value, { ...main.read(), ...(Object.keys(options).length && { options }) });
      if (sheet && (await isThere(sheet, place))) go(`/runs/${sheet.subject}`);
    } catch (fault) { report(fault); } finally { button.disabled = false; }
  });
  draw();
  fill(place, h("div.field", { style: { "max-width": "16rem" } }, h("label", { for: "way" }, "What to begin"), way), body);
}
