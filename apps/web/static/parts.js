// Parts that several pages are made of.

import { h, fill } from "./dom.js";

/** A moment, in the reader's own time; the whole of it on hover. */
export function when(seconds) {
  const moment = new Date(seconds * 1000);
  const today = moment.toDateString() === new Date().toDateString();
  const words = today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", year: "numeric" };
  const said = moment.toLocaleString([], words);
  return h("time", { datetime: moment.toISOString(), title: moment.toLocaleString() }, said);
}

/** 2 h 05 min, 3 min 07 s, 12 s. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.round(seconds);
  const two = (value) => String(value).padStart(2, "0");
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return seconds < 10 ? `${Number(seconds.toPrecision(2))} s` : `${whole} s`;
}

/** A figure with four digits that count. */
export const figure = (value) => (typeof value === "number" ? String(Number(value.toPrecision(4))) : "");

/** What an empty page says: what would be here, and what to do for it. */
export const nothing = (words, ...how) => h("section.nothing", {}, h("p", {}, words), how);

export const command = (words) => h("pre.command", { tabindex: 0 }, h("code", {}, words));

/** Names and values; what has no value is left out. */
export function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return h("dl.facts", {}, told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { dir: "auto" }, value))));
}

export function table(columns, rows, caption) {
  const head = h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)));
  const lines = rows.map((row) => h("tr", {}, row.map((value) => h("td", { dir: "auto" }, value))));
  const whole = h("table.plain", {}, caption && h("caption", {}, caption), h("thead", {}, head), h("tbody", {}, lines));
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": caption ?? columns.join(", ") }, whole);
}

export function choice(label, options, onchange, chosen = "") {
  const marked = ([value, words]) => h("option", { value, selected: value === chosen }, words);
  return h("label", {}, h("span", {}, label), h("select", { onchange }, options.map(marked)));
}

/** A dialog over the page; closed by Escape, by its button, or by `close`. */
export function dialog(label, ...inside) {
  const box = h("dialog", { "aria-label": label, onclose: () => box.remove() });
  fill(box, h("button.close", { type: "button", "aria-label": "Close", onclick: () => box.close() }, "×"), inside);
  document.body.append(box);
  box.showModal();
  return box;
}

/** Ask before something is done; a promise of yes or no. */
export function confirmed(question, yes) {
  return new Promise((answer) => {
    const say = (value) => () => { answer(value); box.close(); };
    const buttons = [
      h("button", { type: "button", onclick: say(false), autofocus: true }, "Leave it"),
      h("button.danger", { type: "button", onclick: say(true) }, yes),
    ];
    const box = dialog(question, h("p.question", {}, question), h("p.buttons", {}, buttons));
    box.addEventListener("close", () => answer(false));
  });
}

/** Do something for a button: it cannot be pressed twice, and a fault is said beside it. */
export async function doing(button, place, work) {
  button.disabled = true;
  place.replaceChildren();
  try {
    return await work();
  } catch (fault) {
    fill(place, h("p.fault", { role: "alert" }, fault.message));
    return null;
  } finally {
    button.disabled = false;
  }
}

/** Do something again and again while the page is looked at; returns how to stop. */
export function every(milliseconds, work) {
  let busy = false;
  const timer = setInterval(async () => {
    if (document.hidden || busy) return;
    busy = true;
    try { await work(); } finally { busy = false; }
  }, milliseconds);
  return () => clearInterval(timer);
}
