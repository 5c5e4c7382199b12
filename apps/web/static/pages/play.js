// Play: a world that was learnt, frame by frame: eight actions by keys or buttons, beside the true game where there is one.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { card, doing, field, nothing, read } from "../parts.js";
import { pad, shrunk } from "../sketch.js";

export const title = "Play";
const ARROWS = { ArrowLeft: 0, ArrowRight: 1, ArrowUp: 2, ArrowDown: 3 }, SIGNS = ["←", "→", "↑", "↓"];
const OFFERED = 8, REMEMBERED = 20; // frames to begin from; times of which the rate is the mean
const TAP = 300; // milliseconds: a key that is let go sooner has acted once, however fast the world answers

export async function show(main, { game = "" }) {
  const games = await get("/api/play"), place = h("div"), said = h("div", { role: "status" });
  main.append(h("div.head", {}, h("div", {}, h("h1", {}, title), h("p.quiet", {}, "A world that was learned from video alone: it imagines every next frame from what you do."))));
  if (!games.length) {
    main.append(nothing("No world to play yet", "A world that was learnt from video is played here, once a job has trained one.", h("p", {}, h("a", { href: "/jobs" }, "Jobs"))));
    return () => {};
  }
  const known = games.some((one) => one.id === game) ? game : games[0].id;
  const choice = field("World", { value: known }, games.map((one) => [one.id, one.title]));
  const begin = h("button.main", { type: "submit" }, "Begin");
  let played = null, left = false;
  main.append(h("form.row.low", { onsubmit: open }, choice, begin), said, place);

  async function open(event) {
    event.preventDefault();
    await played?.end();
    played = null;
    fill(place, h("p.quiet", {}, "The world is being loaded…"));
    const opened = await doing(begin, said, () => post("/api/play", { game: read(choice) }));
    if (!opened) return void fill(place);
    played = new Playing(opened);
    if (left) return void played.end();
    fill(place, played.element);
    played.first();
  }
  const gone = () => played?.end();
  addEventListener("pagehide", gone);
  return () => { left = true; removeEventListener("pagehide", gone); gone(); };
}

/** One game, from its prompt to its clip. */
class Playing {
  constructor({ session, rules }) {
    this.path = `/api/play/${session}`;
    this.rules = rules;
    this.times = [];
    this.frame = h("img.world", { alt: "The world as it was imagined", width: 320, height: 320 });
    this.truth = h("img.world", { alt: "The true game after the same actions", width: 320, height: 320 });
    this.beside = h("figure", { hidden: true }, this.truth, h("figcaption.note", {}, "The true game"));
    this.rate = h("output", { "aria-label": "Frames a second" });
    this.steps = h("output", { "aria-live": "polite" });
    this.said = h("div", { role: "status" });
    this.buttons = Array.from({ length: rules.actions }, (_, action) => h("button", { type: "button", disabled: true, "aria-label": `Action ${action + 1}`, onclick: () => this.step(action) }, h("kbd", {}, action + 1), SIGNS[action] && ` ${SIGNS[action]}`));
    this.undo = h("button", { type: "button", disabled: true, onclick: () => this.turn(() => post(`${this.path}/undo`)) }, "Undo");
    this.clip = h("a.button", { href: `${this.path}/clip`, download: "", hidden: true }, "Save the clip");
    this.stage = h("section.card.stage", { tabindex: 0, "aria-label": "The game. Keys 1 to 9 and arrows act, U takes back." },
      h("div.row", {}, h("figure", {}, this.frame, h("figcaption.note", {}, rules.title || "The world")), this.beside),
      h("div.row", {}, this.buttons), h("div.row", {}, this.undo, this.clip, this.steps, this.rate), this.said,
      rules.truth && h("p.note", {}, rules.truth));
    this.stage.addEventListener("keydown", (event) => this.press(event));
    this.stage.addEventListener("keyup", (event) => { if (event.key === this.held?.key) this.held = null; });
    this.stage.addEventListener("focusout", () => { this.held = null; });
    this.element = h("div.pile", {}, this.stage, this.prompts());
  }

  /** What to begin from. */
  prompts() {
    const sketch = pad(), said = h("div", { role: "status" }), wall = h("div.row");
    const file = h("input", { type: "file", accept: "image/*", "aria-label": "A picture of yours" });
    const use = (button, picture) => doing(button, said, async () => this.start({ picture: await picture() }));
    const picked = h("button", { type: "button", onclick: () => (file.files[0] ? use(picked, () => shrunk(file.files[0])) : file.focus()) }, "Play the picture");
    const drawn = h("button", { type: "button", onclick: () => use(drawn, sketch.picture) }, "Play the sketch");
    this.hang(wall, 0);
    return h("div.columns", {},
      this.rules.examples > 0 && card("A frame of the data", wall),
      card("A picture", h("p.row", {}, file), picked, said), card("A sketch", sketch.element, drawn));
  }

  hang(wall, from) {
    const numbers = Array.from({ length: Math.min(OFFERED, this.rules.examples - from) }, (_, place) => from + place);
    const frame = (number) => h("button.frame", { type: "button", "aria-label": `Frame ${number}`, onclick: () => this.start({ example: number }) }, h("img.world", { src: `${this.path}/examples/${number}`, alt: "", width: 64, height: 64 }));
    const next = from + OFFERED < this.rules.examples ? from + OFFERED : 0;
    fill(wall, numbers.map(frame), this.rules.examples > OFFERED && h("button", { type: "button", onclick: () => this.hang(wall, next) }, "Others"));
  }

  first() { return this.rules.examples ? this.start({ example: 0 }) : this.stage.focus(); }

  async start(prompt) {
    this.times = [];
    if (!(await this.turn(() => post(`${this.path}/start`, prompt)))) return;
    for (const one of [...this.buttons, this.undo]) one.disabled = false;
    this.clip.hidden = false;
    this.stage.focus();
  }

  step(action) {
    if (this.buttons[action]?.disabled === false) return this.turn(() => post(`${this.path}/step`, { action }));
    return false;
  }

  /** Ask for a scene and show it; one at a time. False where there is none. */
  async turn(ask) {
    if (this.busy) return false;
    this.busy = true;
    try {
      this.see(await ask());
      fill(this.said);
      return true;
    } catch (fault) {
      this.held = null;
      fill(this.said, h("p.fault", { role: "alert" }, fault.message));
      return false;
    } finally { this.busy = false; }
  }

  see({ frame, truth, steps }) {
    this.frame.src = picture(frame);
    this.beside.hidden = !truth;
    if (truth) this.truth.src = picture(truth);
    this.times = [...this.times.slice(1 - REMEMBERED), performance.now()];
    const took = this.times.at(-1) - this.times[0];
    fill(this.steps, steps === 1 ? "1 step" : `${steps} steps`);
    fill(this.rate, took > 0 && this.held != null && `${((this.times.length - 1) / took * 1000).toFixed(1)} frames a second`);
  }

  /** A key that is held acts again and again, as fast as the world answers. */
  async press(event) {
    if (event.repeat || event.metaKey || event.ctrlKey || event.altKey) return void (event.key in ARROWS && event.preventDefault());
    if (event.key === "u") return void this.undo.click();
    const action = ARROWS[event.key] ?? (/^[1-9]$/.test(event.key) ? event.key - 1 : -1);
    if (!this.buttons[action]) return;
    event.preventDefault();
    const held = this.held = { key: event.key };
    this.times = [];
    if (!(await this.step(action))) return;
    await new Promise((go) => setTimeout(go, event.timeStamp + TAP - performance.now()));
    while (this.held === held && (await this.step(action)));
  }

  end() {
    this.held = null;
    return post(`${this.path}/end`, {}, { keepalive: true }).catch(() => {});
  }
}

const picture = (data) => `data:image/png;base64,${data.replaceAll("-", "+").replaceAll("_", "/")}`;
