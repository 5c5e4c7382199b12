// A sheet: what an operation found, in the one form that it has for terminals, pages and models.

import { h } from "./dom.js";
import { number } from "./charts.js";

const LINKED = { id: "/runs/", run: "/runs/", part: "/runs/" };

/** A sheet as an element: facts, a table, words. `title: false` leaves its title to the caller. */
export function sheet(one, { title = true } = {}) {
  return h(
    "div.sheet", {},
    title && h("h3", {}, one.title),
    one.facts?.length > 0 && facts(one.facts),
    one.rows?.length > 0 && table(one.columns, one.rows),
    one.text && h("p.words", { dir: "auto" }, one.text),
  );
}

/** Names and values; a pair without a value says nothing. */
export function facts(pairs) {
  const said = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl.facts", {}, said.map(([name, value]) => [h("dt", {}, name), h("dd.words", { dir: "auto" }, plain(value))]));
}

/** A table whose columns of numbers stand on the right, and whose runs are links. */
export function table(columns, rows) {
  const numeric = columns.map((_, place) => rows.every((row) => row[place] === null || typeof row[place] === "number"));
  return h(
    "div.scroll", { tabindex: 0, role: "region", "aria-label": columns.join(", ") },
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map((name, place) => h(`th${numeric[place] ? ".number" : ""}`, { scope: "col" }, name)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((value, place) => {
        if (numeric[place]) return h("td.number", {}, value === null ? "" : number(value));
        const where = LINKED[columns[place]];
        return h("td", { dir: "auto" }, where && value ? h("a.id", { href: where + encodeURIComponent(value) }, value) : plain(value));
      })))),
    ),
  );
}

/** A value as it is shown; what is built of elements already stays as it is. */
function plain(value) {
  if (value === null || value === undefined) return "";
  if (value instanceof Node || Array.isArray(value)) return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? number(value) : String(value);
}

/** Seconds since the epoch as people say it. */
export function when(at) {
  const date = new Date(at * 1000), today = new Date().toDateString() === date.toDateString();
  return date.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}
