// Parts that several pages are made of, beside sheets and forms.

import { h, fill } from "./dom.js";
import { table } from "./sheet.js";

/** 2 h 05 min, 3 min 07 s, 12 s; on one line. */
export const span = (seconds) => (seconds === null || seconds === undefined ? "" : lasting(seconds).replaceAll(" ", "\u00a0"));

function lasting(seconds) {
  const whole = Math.round(seconds), two = (value) => String(value).padStart(2, "0");
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return seconds < 10 ? `${+seconds.toPrecision(2)} s` : `${whole} s`;
}

/** What an empty page says: what would be here, and what to do for it. */
export const nothing = (title, words, ...how) => h("div.empty", {}, h("h2", {}, title), h("p", {}, words), how);
export const command = (words) => h("p", {}, h("code", {}, words));
export const id = (name, href) => h(href ? "a.id" : "span.id", { href }, name.slice(0, 8));
export const card = (title, ...inside) => h("section.card", { "aria-label": title }, h("h2", {}, title), inside);

/** A table, or what to say where it has no rows. On a phone each row is a stack of its named values. */
export function rows(columns, all, none = "None.") {
  if (!all.length) return h("p.quiet", {}, none);
  const found = table(columns, all);
  found.firstChild.classList.add("stack", "single");
  for (const line of found.querySelectorAll("tbody tr")) [...line.cells].forEach((cell, place) => { cell.dataset.name = columns[place]; });
  return found;
}

let count = 0;

/** A field with its label; kind is `input` or `select`. */
export function field(label, attributes, options) {
  const name = `part-${++count}`, { value } = attributes;
  const marked = ([one, words]) => h("option", { value: one, selected: one === value }, words);
  return h("div.field", {}, h("label", { for: name }, label), options ? h("select", { ...attributes, id: name }, options.map(marked)) : h("input", { ...attributes, id: name }));
}
export const read = (element) => element.querySelector("input, select").value.trim();

/** A dialog over the page; Escape and its button close it. */
export function dialog(label, ...inside) {
  const box = h("dialog.wide", { "aria-label": label }, h("button.close", { type: "button", "aria-label": "Close", onclick: () => box.close() }, "×"), inside);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => { if (event.target === box || event.target.closest("a")) box.close(); });
  document.body.append(box);
  box.showModal();
  return box;
}

/** Do something for a button: it cannot be pressed twice, and a fault is said in `place`. Null where it went wrong. */
export async function doing(button, place, work) {
  button.disabled = true;
  fill(place, h("span.note", {}, "…"));
  try {
    const done = await work();
    fill(place);
    return done;
  } catch (fault) {
    fill(place, h("p.fault", { role: "alert" }, fault.message));
    return null;
  } finally { button.disabled = false; }
}

/** Look again and again while the page is looked at: soon where a look found something new (it returns true), ever later where not. */
export function every(work, soonest = 2000, latest = 15000) {
  let timer, pause = soonest, stopped = false;
  const wait = () => { clearTimeout(timer); if (!stopped && !document.hidden) timer = setTimeout(turn, pause); };
  async function turn() {
    let found = false;
    try { found = await work(); } catch { /* the next look will tell */ }
    pause = found ? soonest : Math.min(pause * 1.5, latest);
    wait();
  }
  function back() { pause = soonest; if (document.hidden) clearTimeout(timer); else turn(); }
  document.addEventListener("visibilitychange", back);
  wait();
  return () => { stopped = true; clearTimeout(timer); document.removeEventListener("visibilitychange", back); };
}
