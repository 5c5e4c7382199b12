// The archive as drawers: two axes shown, the others fixed by selectors; keyboard, pointer and live filling.

import { h, fill } from "./dom.js";
import { legend, number } from "./charts.js";

const MOST_BUTTONS = 2500;
const STEPS = 10;

/** A number for each cell, the last axis running fastest, as the server counts. */
export function numbering(axes) {
  const names = Object.keys(axes), sizes = names.map((name) => axes[name].length);
  const strides = sizes.map((_, place) => sizes.slice(place + 1).reduce((a, b) => a * b, 1));
  const places = names.map((name) => new Map(axes[name].map((value, place) => [value, place])));
  return {
    names, sizes, strides, size: sizes.reduce((a, b) => a * b, 1),
    of: (cell) => cell.reduce((sum, value, place) => sum + places[place].get(value) * strides[place], 0),
    cell: (at) => names.map((name, place) => axes[name][Math.floor(at / strides[place]) % sizes[place]]),
  };
}

/** heat({axes, fitness_is}, {onopen: number => …}); `held` maps a cell's number to its fitness. */
export function heat({ axes, fitness_is }, held, { onopen }) {
  const grid = numbering(axes);
  let down = 0, across = grid.names.length > 1 ? 1 : 0, fixed = grid.names.map(() => 0);
  let low = 0, high = 1, focus = { row: 0, column: 0 }, opened = null, drawn = null;
  const plate = h("div.plate", {}), key = h("div.legend", {}), chooser = h("div.row", {});
  const element = h("div", {}, chooser, plate, key);

  const rows = () => grid.sizes[down];
  const columns = () => (across === down ? 1 : grid.sizes[across]);
  const numberAt = (row, column) => fixed.reduce((sum, place, axis) => {
    const at = axis === down ? row : axis === across ? column : place;
    return sum + at * grid.strides[axis];
  }, 0);
  const step = (value) => (Number.isFinite(value) ? Math.min(STEPS - 1, Math.max(0, Math.floor((high > low ? (value - low) / (high - low) : 1) * STEPS))) : null);
  const said = (at) => {
    const where = grid.cell(at).join(", ");
    if (!held.has(at)) return `${where}: empty`;
    return `${where}: ${held.get(at) === null ? "held, no figure" : number(held.get(at))}`;
  };

  function measure() {
    const known = [...held.values()].filter(Number.isFinite);
    low = known.reduce((a, b) => Math.min(a, b), 0);
    high = known.reduce((a, b) => Math.max(a, b), known.length && low >= 0 ? 0 : 1) || 1;
    if (low >= 0 && high <= 1) high = 1;
    legend(key, low, high, `${fitness_is ?? "fitness"} · `);
    key.append(h("i.drawer", {}), " empty");
  }

  function draw() {
    measure();
    focus = { row: Math.min(focus.row, rows() - 1), column: Math.min(focus.column, columns() - 1) };
    drawn = rows() * columns() <= MOST_BUTTONS ? drawers() : canvas();
    fill(plate, drawn.element);
  }

  // ---- a button for each cell ----
  function drawers() {
    const label = (axis) => axes[grid.names[axis]];
    const buttons = Array.from({ length: rows() }, (_, row) => Array.from({ length: columns() }, (_, column) => {
      const button = h("button.drawer", { type: "button", tabindex: -1, onclick: () => { move(row, column); open(); } });
      paint(button, numberAt(row, column));
      return button;
    }));
    const wide = across !== down;
    const inside = h("div.heat", { role: "grid", "aria-label": `Archive: ${grid.names[down]}${wide ? ` by ${grid.names[across]}` : ""}`, onkeydown: pressed },
      wide && h("div", { role: "row" }, h("span", { role: "columnheader" }, h("span.aside", {}, grid.names[down])), label(across).map((value) => h("span.across", { role: "columnheader", title: value }, value))),
      buttons.map((some, row) => h("div", { role: "row" }, h("span.down", { role: "rowheader", title: label(down)[row] }, label(down)[row]), some.map((button) => h("span", { role: "gridcell" }, button)))));
    inside.style.setProperty("grid-template-columns", `minmax(3.5rem, max-content) repeat(${columns()}, minmax(${columns() > 20 ? "0.8rem" : "1.6rem"}, 1fr))`);
    buttons[focus.row][focus.column].tabIndex = 0;
    return {
      element: inside,
      paint: (row, column, fresh) => {
        paint(buttons[row][column], numberAt(row, column));
        if (fresh) { buttons[row][column].classList.remove("fresh"); void buttons[row][column].offsetWidth; buttons[row][column].classList.add("fresh"); }
      },
      focus: (from) => {
        buttons[from.row][from.column].tabIndex = -1;
        buttons[focus.row][focus.column].tabIndex = 0;
        buttons[focus.row][focus.column].focus();
      },
    };
  }

  function paint(button, at) {
    const value = held.get(at), of = step(value);
    button.className = held.has(at) ? `drawer ${of === null ? "unknown" : `q${of}`}` : "drawer";
    button.textContent = columns() <= 12 && Number.isFinite(value) ? (Math.abs(value) < 10 ? value.toFixed(2) : number(value)) : "";
    button.setAttribute("aria-label", said(at));
    button.title = said(at);
    button.setAttribute("aria-pressed", String(at === opened));
    button.dataset.cell = at;
  }

  // ---- one picture, and one button that moves over it ----
  function canvas() {
    const size = Math.max(4, Math.min(14, Math.floor(900 / columns())));
    const picture = h("canvas", { width: columns() * size, height: rows() * size, "aria-hidden": "true" });
    const brush = picture.getContext("2d"), colours = shades();
    const dot = (row, column) => {
      const at = numberAt(row, column), of = step(held.get(at));
      brush.fillStyle = held.has(at) ? colours[of ?? STEPS] : colours[STEPS + 1];
      brush.fillRect(column * size, row * size, size - 1, size - 1);
    };
    for (let row = 0; row < rows(); row++) for (let column = 0; column < columns(); column++) dot(row, column);
    const cursor = h("button.cursor", { type: "button", onclick: open, onkeydown: pressed });
    const place = () => {
      const at = numberAt(focus.row, focus.column);
      for (const [name, value] of [["left", focus.column * size], ["top", focus.row * size], ["width", size], ["height", size]]) cursor.style.setProperty(name, `${value}px`);
      cursor.setAttribute("aria-label", said(at));
      cursor.dataset.cell = at;
    };
    picture.addEventListener("click", (event) => {
      move(Math.min(rows() - 1, Math.floor(event.offsetY / size)), Math.min(columns() - 1, Math.floor(event.offsetX / size)));
      open();
    });
    picture.addEventListener("pointermove", (event) => { picture.title = said(numberAt(Math.min(rows() - 1, Math.floor(event.offsetY / size)), Math.min(columns() - 1, Math.floor(event.offsetX / size)))); });
    place();
    return { element: [picture, cursor], paint: (row, column) => { dot(row, column); if (row === focus.row && column === focus.column) place(); }, focus: () => { place(); cursor.focus({ preventScroll: true }); cursor.scrollIntoView({ block: "nearest", inline: "nearest" }); } };
  }

  function move(row, column) {
    const from = focus;
    focus = { row: Math.max(0, Math.min(rows() - 1, row)), column: Math.max(0, Math.min(columns() - 1, column)) };
    drawn.focus(from);
  }

  function pressed(event) {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -1e6], End: [0, 1e6] }[event.key];
    if (!by) return;
    event.preventDefault();
    move(focus.row + by[0], focus.column + by[1]);
  }

  function open() {
    const before = opened;
    opened = numberAt(focus.row, focus.column);
    for (const at of [before, opened]) if (at !== null) repaint(at, false);
    onopen(opened);
  }

  function repaint(at, fresh) {
    const cell = grid.strides.map((stride, axis) => Math.floor(at / stride) % grid.sizes[axis]);
    if (cell.every((place, axis) => axis === down || axis === across || place === fixed[axis])) drawn.paint(cell[down], across === down ? 0 : cell[across], fresh);
  }

  // ---- which axes ----
  function choose() {
    if (grid.names.length < 3) return;
    const axis = (label, value, set) => h("label", {}, `${label} `, h("select", { "aria-label": label, onchange: (event) => { set(Number(event.target.value)); choose(); draw(); } }, grid.names.map((name, place) => h("option", { value: String(place), selected: place === value }, name))));
    fill(chooser,
      axis("down", down, (place) => { if (place === across) across = down; down = place; }),
      axis("across", across, (place) => { if (place === down) down = across; across = place; }),
      grid.names.map((name, place) => place !== down && place !== across && h("label", {}, `${name} `, h("select", { "aria-label": name, onchange: (event) => { fixed[place] = Number(event.target.value); draw(); } }, axes[name].map((value, one) => h("option", { value: String(one), selected: one === fixed[place] }, value))))));
  }

  choose();
  draw();
  return {
    element, grid,
    /** A cell has a new elite. */
    set(at, fitness) {
      held.set(at, fitness);
      if (Number.isFinite(fitness) && (fitness > high || fitness < low)) draw();
      else repaint(at, true);
    },
    focus: () => drawn.focus(focus),
  };
}

/** The colours of the scale as this theme has them, then of what has no figure, then of an empty cell. */
function shades() {
  const probe = document.body.appendChild(h("i", { hidden: true }));
  const colour = (name) => { probe.style.setProperty("color", `var(--${name})`); return getComputedStyle(probe).color; };
  const found = [...Array.from({ length: STEPS }, (_, place) => colour(`q${place}`)), colour("soft"), colour("empty")];
  probe.remove();
  return found;
}
