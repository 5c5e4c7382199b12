// A run: its archive as drawers, one cell in full, curves, the stream of events, and a say in it.

import { h, fill } from "../dom.js";
import { get, post } from "../api.js";
import { follow } from "../live.js";
import { operate } from "../form.js";
import { bars, lines, number, percent } from "../charts.js";
import { exporter, showCell, showEmpty } from "../cell.js";
import { heat, numbering } from "../heat.js";
import { facts, sheet, table, when } from "../sheet.js";

export const title = "Run";
const MOST_LINES = 250;
const MEANINGS = {
  steps: "Steps done, of those that the plan asks for; each is a batch of attempts",
  cells: "Drawers of the archive that hold something, of all that there are",
  "QD score": "The sum of what the best of every drawer is worth",
  calls: "Questions that were put to models",
  errors: "Questions that no server answered; they count as nothing found, never as safe",
  cost: "Money, by [prices] in wunder.toml; 0 where there are none",
};
const RESTING = new Set(["paused", "stopped", "interrupted", "failed"]);

export async function show(main, { id, cell }) {
  const page = await get(`/api/runs/${encodeURIComponent(id)}`);
  const run = page.line.id, search = page.line.kind === "run";
  document.title = `${run} · Wunderkammer`;
  const said = h("p", { role: "status" }), top = h("div", {}), about = h("div.columns", {}), log = logbook();
  const figures = live(page.line.summary);
  let asked = null;
  const parts = search ? [archive(run, cell), curves(run)] : [h("div", {}, page.sheets.map((one) => h("section.card", {}, h("h2", {}, one.title), sheet(one, { title: false }))))];
  fill(main, top, said, search && h("section.card", { "aria-label": "Figures" }, figures.element), parts.map((one) => one.element ?? one),
    h("section.card", {}, h("h2", {}, "What happens"), log.element), about);
  draw(page);

  function draw(page) {
    const { line } = page;
    fill(top, h("div.head", {},
      h("div", {}, h("p.kind", {}, line.domain || line.kind, " · ", page.title, " · begun ", when(line.at)), h("h1", {}, h("span.id", {}, line.id), " ", h(`span.status.${line.status}`, {}, line.status)),
        line.summary?.reason && h("p.note", {}, line.summary.reason), page.parent && h("p.note", {}, "forked from ", h("a.id", { href: `/runs/${page.parent}` }, page.parent))),
      h("div.row", {},
        line.status === "running" && [button("pause"), button("stop")], RESTING.has(line.status) && button("resume"),
        page.report && h("a.button", { href: page.report, target: "_blank", rel: "noopener" }, "Report"),
        h("button", { type: "button", onclick: report }, page.report ? "Write the report anew" : "Write a report"), search && exporter(`/api/runs/${run}/export`))));
    fill(about, aside(page));
  }

  function button(verb) {
    return h("button", { type: "button", onclick: (event) => act(`${verb}_run`, { run }, event.target) }, verb[0].toUpperCase() + verb.slice(1));
  }

  async function act(tool, args, pressed) {
    if (pressed) pressed.disabled = true;
    try {
      const done = await operate(tool, args);
      if (done) fill(said, done.title);
      soon();
      return done;
    } catch (fault) { fill(said, h("span.fault", {}, fault.message)); } finally { if (pressed) pressed.disabled = false; }
    return null;
  }

  async function report(event) {
    event.target.disabled = true;
    fill(said, "Writing the report…");
    try {
      const { files } = await post(`/api/runs/${run}/report`);
      fill(said, "Written: ", h("a", { href: files[0], target: "_blank", rel: "noopener" }, files[0]));
      soon();
    } catch (fault) { fill(said, h("span.fault", {}, fault.message)); } finally { event.target.disabled = false; }
  }

  function aside(page) {
    return [
    ["run", "autonomous"].includes(page.line.kind) && (page.line.status !== "finished" || page.letters.length > 0) && steering(page, act),
    page.parts.length > 0 && h("section.card", {}, h("h2", {}, "Parts"), table(["id", "kind", "domain", "status"], page.parts.map((one) => [one.id, one.kind, one.domain, one.status]))),
    page.calls.length > 0 && h("section.card", {}, h("h2", {}, "Models"), table(["role", "model", "calls", "errors", "median s"], page.calls.map((one) => [one.role, one.model, one.calls, one.errors, one.median_s]))),
    h("section.card", {}, h("h2", {}, "Plan"), facts(Object.entries(page.fates).map(([fate, count]) => [`slots ${fate}`, count])),
      page.findings > 0 && h("p", {}, h("a", { href: `/discoveries?run=${run}` }, `${page.findings} findings`)),
      h("details", {}, h("summary", {}, "The plan"), h("pre", {}, JSON.stringify(page.plan, null, 2))),
      h("details", {}, h("summary", {}, "Who plays"), facts(Object.entries(page.roles)))),
    ];
  }

  function soon() {
    asked ??= setTimeout(async () => {
      asked = null;
      try { draw(await get(`/api/runs/${run}`)); } catch (fault) { fill(said, h("span.fault", {}, fault.message)); }
    }, 600);
  }
  const told = (event) => {
    log.add(event);
    figures.take(event);
    for (const part of parts) part.take?.(event);
    if (["ended", "heard", "resumed", "acted", "concluded", "reflected"].includes(event.kind)) soon();
  };
  const gap = () => { log.add({ kind: "gap", at: Date.now() / 1000, text: "too much at once: some events are not shown here" }); for (const part of parts) part.again?.(); soon(); };
  let lost = false;
  const state = (now) => { if (now === "open" && lost) { for (const part of parts) part.again?.(); soon(); } lost = now === "lost"; };
  const stop = follow(`/api/runs/${run}/events`, { told, gap, state });
  const timer = setInterval(() => document.hidden || soon(), 20000);
  return () => { stop(); clearInterval(timer); clearTimeout(asked); for (const part of parts) part.leave?.(); };
}

// ---- the archive ----

/** The archive, which arrives after the rest of the page. */
function archive(run, wanted) {
  const element = h("div", {}, h("section.card", {}, h("h2", {}, "Archive"), h("p.quiet", {}, "…"))), part = { element };
  get(`/api/runs/${run}/archive`).then((map) => {
    if (Object.keys(map.axes).length) fill(element, Object.assign(part, drawers(run, map, wanted)).frame);
    else fill(element);
  }).catch((fault) => fill(element, h("p.fault", {}, fault.message)));
  return part;
}

function drawers(run, map, wanted) {
  const held = new Map(map.cells.map((at, place) => [at, map.fitness[place]]));
  const pane = h("section.card", { hidden: true, "aria-label": "A cell" }), grid = numbering(map.axes);
  const shelf = heat(map, held, { onopen: open });
  const list = h("div", { hidden: true }), count = h("p.note", {});
  const frame = h("div.cabinet", {}, h("section.card", {}, h("div.row", {}, h("h2", { style: { flex: "1" } }, "Archive"), tabs()), count, shelf.element, list), pane);
  let latest = map.last, due = null;

  function open(at) {
    pane.hidden = false;
    frame.classList.add("open");
    history.replaceState(null, "", `?cell=${at}`);
    const reader = held.has(at) ? showCell(pane, run, at, close) : Promise.resolve(showEmpty(pane, grid.cell(at), close));
    return reader.then(() => pane.querySelector("h3")?.focus({ preventScroll: true }));
  }
  function close() {
    pane.hidden = true;
    frame.classList.remove("open");
    history.replaceState(null, "", location.pathname);
    if (list.hidden) shelf.focus();
  }
  pane.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

  function tabs() {
    const one = (name, shown) => h("button", { type: "button", "aria-pressed": String(name === "Map"), onclick: (event) => {
      for (const other of event.target.parentNode.children) other.setAttribute("aria-pressed", String(other === event.target));
      shelf.element.hidden = shown !== shelf.element;
      list.hidden = shown !== list;
      if (!list.hidden) tell();
    } }, name);
    return h("div.row", { role: "group", "aria-label": "How it is shown" }, one("Map", shelf.element), one("Table", list));
  }
  function tell(most = 100) {
    const rows = [...held].sort((a, b) => (b[1] ?? -Infinity) - (a[1] ?? -Infinity));
    fill(list, h("div.scroll", {}, h("table", {},
      h("thead", {}, h("tr", {}, grid.names.map((name) => h("th", { scope: "col" }, name)), h("th.number", { scope: "col" }, "fitness"), h("th", { scope: "col" }, ""))),
      h("tbody", {}, rows.slice(0, most).map(([at, fitness]) => h("tr", {}, grid.cell(at).map((value) => h("td", {}, value)), h("td.number", {}, number(fitness)), h("td", {}, h("button.plain", { type: "button", "aria-label": `Open ${grid.cell(at).join(", ")}`, onclick: () => open(at) }, "open"))))))),
    rows.length > most && h("button", { type: "button", onclick: () => tell(most + 400) }, `${rows.length - most} more`));
  }
  const counted = () => fill(count, `${held.size} of ${grid.size} drawers filled (${percent(held.size / grid.size)})${held.size ? "; open one to read what is in it" : ""}`);
  counted();
  if (wanted !== undefined && /^\d+$/.test(wanted) && Number(wanted) < grid.size) open(Number(wanted));

  return {
    frame,
    take(event) {
      if (event.kind !== "explored" || event.fate !== "elite" || !event.cell) return;
      shelf.set(grid.of(event.cell), event.fitness);
      counted();
      if (!list.hidden) { clearTimeout(due); due = setTimeout(tell, 500); }
    },
    async again() {
      const now = await get(`/api/runs/${run}/archive`);
      if (now.last < latest) return;
      latest = now.last;
      now.cells.forEach((at, place) => { if (held.get(at) !== now.fitness[place]) shelf.set(at, now.fitness[place]); });
      counted();
    },
    leave: () => clearTimeout(due),
  };
}

// ---- figures as they come ----

function live(summary) {
  const s = { ...summary, in_flight: null, rate: null, before: null };
  const element = h("dl.figures", {});
  const draw = () => fill(element, [
    ["steps", h("span", {}, `${s.steps ?? 0}/${s.of ?? "–"} `, h("progress", { max: s.of ?? 1, value: s.steps ?? 0, "aria-label": "steps done" }))],
    ["cells", s.cells ? `${s.filled}/${s.cells}` : "–"], ["QD score", number(s.qd)], ["calls", number(s.calls)], ["in flight", number(s.in_flight)],
    ["tokens", number(s.tokens)], ["tokens a second", number(s.rate)], ["errors", number(s.errors)], ["cost", number(s.cost)],
  ].filter(([, value]) => value !== "–").map(([name, value]) => h("div", { title: MEANINGS[name] }, h("dt", {}, name), h("dd", {}, value))));
  draw();
  return {
    element,
    take(event) {
      if (event.kind === "remembered") Object.assign(s, { steps: event.step + 1, filled: event.filled, cells: event.cells, qd: event.qd_score });
      else if (event.kind === "spent") {
        const tokens = event.prompt_tokens + event.completion_tokens;
        if (s.before && event.at > s.before.at + 0.5) s.rate = (tokens - s.before.tokens) / (event.at - s.before.at);
        if (!s.before || event.at > s.before.at + 3) s.before = { at: event.at, tokens };
        Object.assign(s, { calls: event.calls, tokens, cost: event.cost, errors: event.errors, in_flight: event.in_flight });
      } else if (event.kind === "ended") Object.assign(s, { in_flight: null, rate: null });
      else return;
      draw();
    },
  };
}

// ---- curves and verdicts ----

function curves(run) {
  const drawn = h("div.columns", {}), judged = h("div", {}), element = h("section.card", {}, h("h2", {}, "Curves"), drawn, judged);
  let due = null;
  async function draw() {
    due = null;
    const { points, novelty } = await get(`/api/runs/${run}/curves`);
    const over = (name, value) => [{ name, points: points.map((one) => [one.step, value(one)]) }];
    fill(drawn, lines(over("cells", (one) => one.filled), { title: "Cells filled" }), lines(over("QD", (one) => one.qd_score), { title: "QD score" }),
      lines(over("elites", (one) => one.accepted), { title: "New elites in a step" }), lines(over("calls", (one) => one.calls), { title: "Model calls" }),
      lines(over("tokens", (one) => one.tokens), { title: "Tokens" }), points.some((one) => one.cost) && lines(over("cost", (one) => one.cost), { title: "Cost" }),
      novelty.length > 1 && lines([{ name: "novelty", points: novelty }], { title: "Novelty when stored" }));
  }
  async function judge() {
    fill(judged, h("p.quiet", {}, "Observers are looking…"));
    try {
      const found = await get(`/api/runs/${run}/judgements`);
      fill(judged, h("h2", { style: { margin: "1.4rem 0 0.7rem" } }, "Judgements"), h("div.columns", {},
        found.evaluations.filter((one) => one.overall).map((one) => bars([{ name: "all", value: one.overall.rate, low: one.overall.low, high: one.overall.high }, ...one.by_axis.slice(0, 12).map((rate) => ({ name: rate.value, value: rate.rate, low: rate.low, high: rate.high, note: `${percent(rate.rate)} of ${rate.n}` }))], { title: `Success by ${one.name}` })),
        found.watched.map(({ whole, lately, sentence }) => h("div", {}, h("h3", {}, `Open-ended? ${whole.label}; lately ${lately.label}`), h("p.note", {}, sentence),
          lines([{ name: "novelty", points: whole.novelty_curve }], { title: "Novelty, nats", unit: "artifact" }), lines([{ name: "learnability", points: whole.learnability_curve }], { title: "Learnability, nats", unit: "seen" })))),
      !found.watched.length && h("p.note", {}, "Too few artifacts for an observer to say whether this is open-ended."));
    } catch (fault) { fill(judged, h("p.fault", {}, fault.message)); }
  }
  fill(judged, h("button", { type: "button", onclick: judge }, "Ask evaluators and observers"));
  draw().catch((fault) => fill(drawn, h("p.fault", {}, fault.message)));
  return { element, take(event) { if (event.kind === "remembered") due ??= setTimeout(() => draw().catch(() => {}), 2500); }, leave: () => clearTimeout(due) };
}

// ---- having a say ----

function steering(page, act) {
  const words = h("input", { name: "message", maxlength: 500, required: true, placeholder: "Where to look", "aria-describedby": "steer-says", "aria-label": "Message to the run", style: { flex: "1 1 15rem" }, autocomplete: "off" });
  const form = h("form.row", { onsubmit: async (event) => {
    event.preventDefault();
    if (await act("steer_run", { run: page.line.id, message: words.value })) words.value = "";
  } }, words, h("button", { type: "submit" }, "Steer"));
  const says = h("p.note", { id: "steer-says" }, h("code", {}, "focus"), " or ", h("code", {}, "avoid"), " with names of rows or columns, separated by commas; ", h("code", {}, "forget"), " takes all of that back; anything else is advice for whoever writes candidates. It is heard when the next step is laid out.");
  return h("section.card", {}, h("h2", {}, "Steer"), page.line.status !== "finished" && [form, says],
    h("ul", {}, page.letters.slice(-8).map((one) => h("li", {}, h("span.words", { dir: "auto" }, one.text), " ", h("span.tag", {}, one.heard ? "heard" : "waiting")))));
}

// ---- what happens ----

function logbook() {
  const element = h("ol.log", { tabindex: 0, "aria-label": "Events, latest first" }, h("li.quiet", {}, "Nothing yet."));
  let empty = true;
  return {
    element,
    add(event) {
      if (event.kind === "planned" || event.kind === "spent") return;
      if (empty) { fill(element); empty = false; }
      const kind = event.kind === "explored" ? event.fate : event.kind;
      element.prepend(h("li", {}, h("time", {}, new Date(event.at * 1000).toLocaleTimeString([], { hour12: false })), h(`b.${kind}`, {}, kind), h("span.words", { dir: "auto" }, inWords(event))));
      while (element.children.length > MOST_LINES) element.lastChild.remove();
    },
  };
}

function inWords(event) {
  if (event.kind === "explored") return [event.cell?.join(" × "), event.fitness !== null && number(event.fitness), event.reason || event.text].filter(Boolean).join(" · ");
  if (event.kind === "remembered") return `step ${event.step + 1}: ${event.filled}/${event.cells} cells, QD ${number(event.qd_score)}, ${event.accepted} new`;
  if (event.kind === "chosen") return `${event.arm}, by ${event.by}: ${event.reason}`;
  return Object.entries(event).filter(([name, value]) => !["kind", "at"].includes(name) && ["string", "number"].includes(typeof value) && value !== "").map(([name, value]) => (["text", "claim", "reason", "title"].includes(name) ? value : `${name} ${typeof value === "number" ? number(value) : value}`)).join(" · ");
}
