// A pad to sketch a picture on: by pointer, or by arrow keys and the space bar.

import { fill, h } from "./dom.js";

const SIDE = 64, SHADES = ["#1b1a17", "#f4efe4", "#4f7cac", "#5b8c5a", "#c9a227", "#b5483a"];
const NAMES = ["black", "white", "blue", "green", "yellow", "red"];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A pad; `picture()` gives what is on it as a PNG. */
export function pad() {
  const canvas = h("canvas.sketch", { width: SIDE, height: SIDE, tabindex: 0, role: "application", "aria-label": "Sketch pad. Arrow keys move the brush, the space bar paints." });
  const said = h("output.note", { "aria-live": "polite" }), pen = canvas.getContext("2d");
  let shade = 1, width = 4, at = [SIDE / 2, SIDE / 2], last = null;
  const choose = NAMES.map((name, place) => h("button.shade", { type: "button", style: { background: SHADES[place] }, "aria-label": name, "aria-pressed": String(place === shade), onclick: () => { shade = place; choose.forEach((one, other) => one.setAttribute("aria-pressed", String(other === place))); } }));
  const size = h("input", { type: "range", min: "1", max: "12", value: String(width), "aria-label": "Width of the brush", oninput: () => { width = Number(size.value); } });
  clear();

  function clear() {
    pen.fillStyle = SHADES[0];
    pen.fillRect(0, 0, SIDE, SIDE);
  }
  function paint([x, y], [a, b] = [x, y]) {
    pen.strokeStyle = SHADES[shade];
    pen.lineWidth = width;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(a, b);
    pen.lineTo(x + 0.01, y);
    pen.stroke();
  }
  const place = (event) => [event.offsetX / canvas.clientWidth * SIDE, event.offsetY / canvas.clientHeight * SIDE];
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); last = place(event); paint(last); });
  canvas.addEventListener("pointermove", (event) => { if (last) { const now = place(event); paint(now, last); last = now; } });
  for (const over of ["pointerup", "pointercancel"]) canvas.addEventListener(over, () => { last = null; });
  canvas.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    if (way) at = at.map((one, axis) => Math.min(SIDE, Math.max(0, one + 2 * way[axis])));
    else paint(at);
    fill(said, `Brush at ${at[0]}, ${at[1]}`);
  });
  return {
    element: h("div.pile", {}, canvas, h("div.row", {}, choose, size, h("button", { type: "button", onclick: clear }, "Clear")), said),
    picture: () => encoded(canvas),
  };
}

/** A picture of the user's own, drawn small: what leaves is a PNG of ours, however large or odd the file was. */
export async function shrunk(file) {
  const drawn = await createImageBitmap(file).catch(() => { throw new Error("This file is no picture that the browser can show."); });
  const scale = Math.min(1, 256 / Math.max(drawn.width, drawn.height));
  const canvas = h("canvas", { width: Math.max(1, Math.round(drawn.width * scale)), height: Math.max(1, Math.round(drawn.height * scale)) });
  canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
  drawn.close();
  return encoded(canvas);
}

const encoded = (canvas) => canvas.toDataURL("image/png").split(",")[1].replaceAll("+", "-").replaceAll("/", "_");
