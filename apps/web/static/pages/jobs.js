// Jobs: the queue, the GPUs, one job with its curves and its log.

import { get, post } from "../api.js";
import { lines } from "../charts.js";
import { fill, h } from "../dom.js";
import { follow } from "../live.js";
import { command, confirmed, doing, every, facts, figure, nothing, span, table, when } from "../parts.js";

export const title = "Jobs";
const MOST_LOG = 400_000; // characters of a log that the page keeps

export async function show(main, { id }) {
  return id ? one(main, id) : all(main);
}

async function all(main) {
  const list = h("section", { "aria-live": "off" });
  const gpus = h("section");
  main.append(h("h1", {}, title), list, gpus);
  await look();
  return every(2000, () => look().catch(() => {}));

  async function look() {
    const [told, lent] = await Promise.all([get("/api/jobs"), get("/api/gpus")]);
    const held = document.activeElement?.id;
    fill(list, told.jobs.length ? queue(told) : empty());
    fill(gpus, h("h2", {}, "GPUs"), lent.length ? leases(lent) : h("p.quiet", {}, NO_GPU));
    if (held) document.getElementById(held)?.focus();
  }
}

const NO_GPU = "No GPU is seen: there is no driver, or the package nvidia-ml-py is not installed. Jobs that need none run.";

const empty = () =>
  nothing(
    "No jobs yet. Training and measuring that takes minutes or days shows up here, with its log and its losses.",
    h("p", {}, "A study makes jobs by itself:"),
    command("wunder study search-study --preset smoke"),
    h("p", {}, "and any module with a ", h("code", {}, "main(desk)"), " can be one:"),
    command("wunder jobs run MODULE"),
  );

function queue({ jobs, counts, dispatcher }) {
  const said = Object.entries(counts).map(([status, count]) => `${count} ${status}`).join(", ");
  const rows = jobs.map((job) => [
    h("a", { href: `/jobs/${job.id}`, id: `job-${job.id}` }, job.title),
    badge(job),
    bar(job),
    span(job.left_s),
    span(job.worked_s),
    job.gpus.length || "",
    job.reason,
  ]);
  const columns = ["Job", "Status", "Progress", "Left", "Worked", "GPUs", "Why"];
  return [h("p.quiet", {}, `${said}; run by: ${dispatcher}`), table(columns, rows, "The queue")];
}

const badge = (job) => h(`span.badge.${job.status}`, {}, job.status, job.attempt > 1 && ` (${job.attempt})`);

function bar(job) {
  if (job.step === null) return "";
  const meter = job.of && h("progress", { max: job.of, value: job.step, "aria-label": "Progress" });
  return h("span.progress", {}, meter, h("small", {}, job.how_far));
}

function leases(lent) {
  const rows = lent.map((gpu) => [
    `${gpu.gpu}: ${gpu.name}`,
    h("meter", { min: 0, max: gpu.memory_gib, value: gpu.memory_gib - gpu.free_gib, "aria-label": "Memory used" }),
    `${figure(gpu.free_gib)} of ${figure(gpu.memory_gib)} GiB free`,
    gpu.job ? h("a", { href: `/jobs/${gpu.job}` }, gpu.job.slice(0, 8)) : gpu.usable ? "free" : "not for jobs",
  ]);
  return table(["GPU", "Used", "Memory", "Job"], rows, "Who holds which GPU");
}

async function one(main, id) {
  const head = h("div"), told = h("div"), said = h("div"), log = h("pre.log", { tabindex: 0, "aria-label": "Log" });
  const cancel = h("button.danger", { type: "button", hidden: true, onclick: () => act("cancel") }, "Cancel");
  const retry = h("button", { type: "button", hidden: true, onclick: () => act("retry") }, "Queue it again");
  main.append(h("p", {}, h("a", { href: "/jobs" }, "← Jobs")), head, h("p.buttons", {}, cancel, retry), said, told);
  main.append(h("h2", {}, "Log"), log);
  let stop = () => {};
  let whole = await look();
  listen();
  const rest = every(2000, async () => { whole = await look().catch(() => whole); });
  return () => { rest(); stop(); };

  async function look() {
    const sight = await get(`/api/jobs/${encodeURIComponent(id)}`);
    const over = ["done", "failed", "cancelled"].includes(sight.line.status);
    fill(head, h("h1", { dir: "auto" }, sight.line.title), h("p", {}, badge(sight.line), " ", bar(sight.line)));
    cancel.hidden = over;
    retry.hidden = !over || sight.line.status === "done";
    fill(told, ...about(sight));
    return sight;
  }

  async function act(verb) {
    const name = whole.line.title;
    const question = verb === "cancel"
      ? `End “${name}” with everything that it started? What it learned up to its last checkpoint is kept.`
      : `Queue “${name}” again? It goes on from its checkpoint.`;
    if (!(await confirmed(question, verb === "cancel" ? "Cancel the job" : "Queue it again"))) return;
    await doing(verb === "cancel" ? cancel : retry, said, () => post(`/api/jobs/${whole.line.id}/${verb}`));
    whole = await look();
    if (verb === "retry") listen();
  }

  function listen() {
    stop();
    stop = follow(`/api/jobs/${whole.line.id}/log`, {
      begin: () => fill(log),
      words: (words) => {
        const low = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
        log.append(document.createTextNode(words));
        while (log.textContent.length > MOST_LOG && log.childNodes.length > 1) log.firstChild.remove();
        if (low) log.scrollTop = log.scrollHeight;
      },
      end: () => { stop(); if (!log.textContent) fill(log, "It printed nothing."); },
    });
  }
}

function about({ line, standing, curves, files, result, folder }) {
  const { job } = standing;
  const needs = `${job.needs.cores} cores, ${job.needs.memory_gib} GiB` + (job.needs.gpus ? `, ${job.needs.gpus} GPUs` : "");
  const drawn = Object.entries(curves).filter(([, points]) => points.length > 1);
  return [
    facts([
      ["why", line.reason],
      ["module", job.module],
      ["arguments", Object.entries(job.args).map(([name, value]) => `${name}=${value}`).join(", ")],
      ["seed", job.seed],
      ["needs", needs],
      ["submitted", when(line.submitted)],
      ["worked", span(line.worked_s)],
      ["left", span(line.left_s)],
      ["attempt", `${line.attempt} of ${job.attempts}`],
      ["where", standing.where],
      ["GPUs", line.gpus.join(", ")],
      ["folder", folder],
    ]),
    drawn.length > 0 && h("h2", {}, "Progress"),
    h("div.curves", {}, drawn.map(([name, points]) => curve(name, points))),
    files.length > 0 && table(["File", "Bytes", "SHA-256"], files.map((file) => [file.name, file.size, file.sha256.slice(0, 12)]), "What it made"),
    result && h("details", {}, h("summary", {}, "Result"), h("pre", { tabindex: 0 }, JSON.stringify(result, null, 1))),
  ];
}

function curve(name, points) {
  const last = points[points.length - 1];
  const caption = h("figcaption", {}, h("b", {}, name), h("span", {}, figure(last[1])));
  return h("figure.curve", {}, caption, lines([{ name, points }], { label: `${name} over steps, ${figure(last[1])} at ${last[0]}` }));
}
