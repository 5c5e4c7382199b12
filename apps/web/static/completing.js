// Completion of commands and names in a text field: a list that arrows, Tab and Enter choose from.

import { fill, h } from "./dom.js";

const MOST = 30;

/** Complete what is typed in `field`; returns the list, which belongs right before it. */
export function completing(field, { commands, names }) {
  const list = h("ul.ways", { id: "ways", role: "listbox", "aria-label": "Completions" });
  let found = [], at = 0;
  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": "ways", "aria-expanded": "false" })
    .forEach(([name, value]) => field.setAttribute(name, value));

  function look() {
    const words = field.value, last = words.slice(words.lastIndexOf(" ") + 1);
    if (!words.startsWith("/") || words.includes("\n") || field.selectionStart < words.length) found = [];
    else if (!words.includes(" ")) {
      found = commands.filter((one) => `/${one.name}`.startsWith(words))
        .sort((one, other) => (`/${other.name}` === words) - (`/${one.name}` === words))
        .map((one) => ({ put: `/${one.name} `, shown: one.written, says: one.says }));
    } else found = last ? names.filter((one) => one.startsWith(last) && one !== last).map((one) => ({ put: words.slice(0, words.length - last.length) + one, shown: one, says: "" })) : [];
    at = 0;
    draw();
  }

  function draw() {
    found = found.slice(0, MOST);
    fill(list, found.map((one, place) => h("li", { id: `way-${place}`, role: "option", "aria-selected": String(place === at), onmousedown: (event) => { event.preventDefault(); take(place); } },
      h("code", {}, one.shown), h("small", {}, one.says))));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-expanded", String(found.length > 0));
    if (found.length) field.setAttribute("aria-activedescendant", `way-${at}`);
    else field.removeAttribute("aria-activedescendant");
  }

  function take(place) {
    field.value = found[place].put;
    field.focus();
    look();
  }

  field.addEventListener("input", look);
  field.addEventListener("blur", () => { found = []; draw(); });
  field.addEventListener("keydown", (event) => {
    if (!found.length || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + found.length) % found.length;
    else if (event.key === "Escape") found = [];
    else if (event.key === "Tab" && !event.shiftKey) { event.preventDefault(); take(at); return; }
    else if (event.key === "Enter" && field.value.trim() !== found[at].put.trim()) { event.preventDefault(); take(at); return; }
    else return;
    event.preventDefault();
    draw();
  });
  return { list };
}
