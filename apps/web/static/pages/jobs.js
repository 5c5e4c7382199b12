// Jobs: the queue, the GPUs; one job with its curves and its log.

import { get, post } from "../api.js";
import { lines } from "../charts.js";
import { fill, h } from "../dom.js";
import { confirmed } from "../form.js";
import { follow } from "../live.js";
import { card, command, doing, every, id as short, nothing, rows, span } from "../parts.js";
import { facts, when } from "../sheet.js";

export const title = "Jobs";
const MOST_LOG = 400_000; // characters of a log that the page keeps
const NO_GPU = "No GPU is seen: there is no driver, or the package nvidia-ml-py is not installed. Jobs that need none run all the same.";

export const show = (main, { id }) => (id ? one(main, id) : all(main));

async function all(main) {
  const said = h("p.quiet", {}), list = h("div"), gpus = card("GPUs", h("div"));
  main.append(h("div.head", {}, h("div", {}, h("h1", {}, title), said)), list, gpus);
  let before = "";
  async function look() {
    const [told, lent] = await Promise.all([get("/api/jobs"), get("/api/gpus")]);
    const now = JSON.stringify([told, lent]);
    if (now === before) return false;
    before = now;
    const held = document.activeElement?.getAttribute("href");
    fill(said, Object.entries(told.counts).map(([status, count]) => `${count} ${status}`).join(", ") || "Training and measuring that takes minutes or days.", told.jobs.length > 0 && ` · run by: ${told.dispatcher}`);
    fill(list, told.jobs.length ? h("section.card", {}, queue(told.jobs)) : empty());
    fill(gpus.lastChild, rows(["GPU", "memory", "free GiB", "of", "job"], lent.map(lease), NO_GPU));
    if (held) list.querySelector(`[href="${CSS.escape(held)}"]`)?.focus();
    return true;
  }
  await look();
  return every(look);
}

const empty = () => nothing("The bench is empty", "A study makes jobs by itself, and any module with a main(desk) can be one:",
  command("wunder study search-study --preset smoke"), command("wunder jobs run MODULE"));

const queue = (jobs) => rows(["job", "status", "progress", "left", "worked", "GPUs", "why"], jobs.map((job) => [
  h("a", { href: `/jobs/${job.id}` }, job.title), badge(job), bar(job), span(job.left_s), span(job.worked_s), job.gpus.length || null, job.reason]));

const lease = (gpu) => [`${gpu.gpu}: ${gpu.name}`,
  h("meter", { min: 0, max: gpu.memory_gib, value: gpu.memory_gib - gpu.free_gib, "aria-label": "Memory in use" }), gpu.free_gib, gpu.memory_gib,
  gpu.job ? short(gpu.job, `/jobs/${gpu.job}`) : gpu.usable ? "free" : "not for jobs"];

const badge = (job) => h(`span.status.${job.status}`, {}, job.status, job.attempt > 1 && ` (${job.attempt})`);
const bar = (job) => job.step === null ? null : h("span", {}, job.of && h("progress", { max: job.of, value: job.step, "aria-label": "Progress" }), h("span.note", {}, ` ${job.how_far}`));

async function one(main, id) {
  const head = h("div"), said = h("div", { role: "status" }), told = h("div"), log = h("pre.paper", { tabindex: 0, "aria-label": "Log", role: "log" });
  const cancel = h("button", { type: "button", hidden: true, onclick: () => act("cancel", cancel) }, "Cancel…");
  const retry = h("button", { type: "button", hidden: true, onclick: () => act("retry", retry) }, "Queue it again…");
  main.append(h("p", {}, h("a", { href: "/jobs" }, "← Jobs")), h("div.head", {}, head, h("div.row", {}, cancel, retry)), said, told, card("Log", log));
  let stop = () => {}, before = "", whole;
  await look();
  listen();
  const rest = every(look);
  return () => { rest(); stop(); };

  async function look() {
    whole = await get(`/api/jobs/${encodeURIComponent(id)}`);
    const now = JSON.stringify(whole), over = ["done", "failed", "cancelled"].includes(whole.line.status);
    if (now === before) return false;
    before = now;
    fill(head, h("h1.words", { dir: "auto" }, whole.line.title), h("p", {}, badge(whole.line), " ", bar(whole.line)));
    cancel.hidden = over;
    retry.hidden = !over || whole.line.status === "done";
    fill(told, about(whole));
    return true;
  }

  async function act(verb, button) {
    const name = whole.line.title;
    const question = verb === "cancel" ? `End “${name}” with everything that it started? Its last checkpoint is kept.` : `Queue “${name}” again? It goes on from its checkpoint.`;
    if (!(await confirmed(question, verb === "cancel" ? "End it" : "Queue it"))) return;
    if (!(await doing(button, said, () => post(`/api/jobs/${whole.line.id}/${verb}`)))) return;
    await look();
    if (verb === "retry") listen();
  }

  function listen() {
    stop();
    stop = follow(`/api/jobs/${whole.line.id}/log`, {
      begin: () => fill(log),
      words: (words) => {
        const low = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
        log.append(words);
        while (log.textContent.length > MOST_LOG && log.childNodes.length > 1) log.firstChild.remove();
        if (low) log.scrollTop = log.scrollHeight;
      },
      end: () => { stop(); if (!log.textContent) fill(log, "It printed nothing."); },
    });
  }
}

function about({ line, standing: { job, where }, curves, files, result, folder }) {
  const drawn = Object.entries(curves).filter(([, points]) => points.length > 1);
  const needs = [`${job.needs.cores} cores`, `${job.needs.memory_gib} GiB`, job.needs.gpus && `${job.needs.gpus} GPUs`].filter(Boolean).join(", ");
  return [
    drawn.length > 0 && card("Progress", h("div.columns", {}, drawn.map(([name, points]) => lines([{ name, points }], { title: name })))),
    h("div.columns", {},
      card("The job", facts([
        ["why", line.reason], ["module", job.module], ["arguments", Object.entries(job.args).map(([name, value]) => `${name}=${value}`).join(", ")],
        ["seed", String(job.seed)], ["needs", needs], ["submitted", when(line.submitted)], ["worked", span(line.worked_s)], ["left", span(line.left_s)],
        ["attempt", `${line.attempt} of ${job.attempts}`], ["where", where], ["GPUs", line.gpus.join(", ")], ["folder", folder]])),
      card("What it made", rows(["file", "bytes", "sha256"], files.map((file) => [file.name, file.size, file.sha256.slice(0, 12)]), "Nothing yet."),
        result && h("details", {}, h("summary", {}, "Result"), h("pre", { tabindex: 0 }, JSON.stringify(result, null, 1))))),
  ];
}
