// Chat: talking with the guide. A turn goes on without us; whoever comes back is told all of it.

import { fill, h } from "../dom.js";
import { get, post } from "../api.js";
import { number } from "../charts.js";
import { follow } from "../live.js";
import { markdown } from "../markdown.js";
import { sheet, when } from "../sheet.js";
import { completing } from "../completing.js";

export const title = "Chat";
const BEGINNINGS = ["/runs", "/domains", "/findings", "/spend", "/help"];
const INVITATION = "Ask, or begin with / for a command";
const PLOT = /[/\\]plots[/\\]([\w-]+\.svg)$/;
const OF_RUNS = new Set(["show_run", "watch_run", "query_archive", "start_run", "resume_run", "run_study", "harden_model"]);

/** Show the page in `main`; returns what has to be done when it is left. */
export async function show(main, { id }) {
  dressed();
  const front = await get("/api/chat");
  const page = new Chat(main, id ?? "", front);
  page.opened = page.open();
  await page.opened;
  return () => page.close();
}

class Chat {
  constructor(main, thread, front) {
    this.thread = thread;
    this.front = front;
    this.turns = new Turns();
    this.opened = null;
    this.list = h("ol", {});
    this.words = h("textarea", { rows: 1, id: "words", maxlength: 8000, placeholder: INVITATION, "aria-label": "Message to the guide", autocomplete: "off" });
    this.send = h("button.main", { type: "submit" }, "Send");
    this.halt = h("button", { type: "button", hidden: true, onclick: () => this.stop() }, "Stop");
    this.state = h("p.aside", { role: "status" });
    const ways = completing(this.words, front);
    const form = h("form.compose", { onsubmit: (event) => { event.preventDefault(); this.say(); } },
      ways.list, h("div.box", {}, this.words, this.halt, this.send), this.state);
    this.words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
      event.preventDefault();
      form.requestSubmit();
    });
    main.append(h("div.talk", {},
      h("nav.threads", { "aria-label": "Conversations" }, h("a.button", { href: "/chat" }, "New conversation"), this.list),
      h("div.letter", {}, h("h1.aside", {}, title), this.turns.element, form)));
  }

  async open() {
    this.showThreads();
    if (this.thread) {
      const told = await get(this.path());
      told.entries.forEach((one) => this.turns.put(one.saying));
      if (told.standing === "working") this.listen();
      else this.rest(told.standing === "asking" && told.question, told.standing === "left");
    } else this.turns.welcome(this.front.weak, (words) => { this.words.value = words; this.say(); });
    this.turns.down(true);
    this.words.focus({ preventScroll: true });
  }

  close() { this.unfollow?.(); }

  path(verb = "") {
    return `/api/chat/threads/${encodeURIComponent(this.thread)}${verb && `/${verb}`}`;
  }

  showThreads() {
    fill(this.list, this.front.threads.map((one) => h("li", {},
      h("a", { href: `/chat/${encodeURIComponent(one.name)}`, dir: "auto", title: one.name, "aria-current": one.name === this.thread && "page" },
        one.opening || one.name, h("small", {}, `${when(one.at)} · ${one.turns} ${one.turns === 1 ? "message" : "messages"}`)))));
  }

  async say() {
    await this.opened;  // whoever is quicker than the answer to it would be told afterwards that nothing is in hand
    const words = this.words.value;
    if (!words.trim() || this.busy) return;
    if (!this.thread) {
      this.thread = `web-${Date.now().toString(36)}`;
      history.replaceState(null, "", `/chat/${this.thread}`);
      fill(this.turns.element);
    }
    if (await this.does("say", { words })) this.words.value = "";
  }

  async stop() {
    this.halt.disabled = true;
    await this.does("stop", {}, false);
    this.halt.disabled = false;
  }

  /** Ask for something and follow what comes of it; false where it was refused. */
  async does(verb, body, listens = true) {
    if (listens) this.working(true);
    try {
      await post(this.path(verb), body);
    } catch (fault) {
      this.turns.on_fault({ why: fault.message });
      this.turns.down();
      if (fault.status === 409) this.listen();
      else if (listens) this.working(false);
      return false;
    }
    if (listens) this.listen();
    return true;
  }

  listen() {
    this.working(true);
    this.turns.settle();
    this.unfollow?.();
    this.unfollow = follow(this.path("follow"), {
      saying: (saying) => {
        const near = this.turns.near();
        if (saying.kind === "ended") this.ended(saying);
        else this.turns.put(saying);
        this.turns.down(near);
      },
      state: (state) => fill(this.state, state === "lost" ? "The server does not answer; trying again." : ""),
    });
  }

  async ended(saying) {
    this.unfollow?.();
    this.turns.put(saying);
    this.rest(saying.asking && this.turns.question, saying.left);
    this.front = await get("/api/chat").catch(() => this.front);
    this.showThreads();
  }

  /** Nothing is being answered: what the user can do now. */
  rest(question, left) {
    this.working(false);
    if (question) this.turns.ask(question, (yes) => this.does("answer", { yes }));
    else if (left) this.turns.offer(() => this.does("resume", {}));
    this.words.placeholder = question ? "Yes or no?" : INVITATION;
    if ([document.body, this.halt].includes(document.activeElement)) this.words.focus({ preventScroll: true });
    this.turns.down();
  }

  working(yes) {
    this.busy = yes;
    this.send.hidden = yes;
    this.halt.hidden = !yes;
    this.turns.element.setAttribute("aria-busy", String(yes));
    fill(this.state, yes ? "The guide is at work." : "");
  }
}

/** What was said, as elements; it is told one saying after the other, whether they happen now or long ago. */
class Turns {
  constructor() {
    this.element = h("div.said", { role: "log", "aria-label": "Conversation" });
    this.question = this.heard = "";
  }

  put(saying) { this[`on_${saying.kind}`]?.(saying); }

  on_user({ words }) {
    this.settle();
    this.add(h(`div.user.words${words.startsWith("/") ? ".command" : ""}`, { dir: "auto" }, words));
  }

  on_words({ piece }) {
    this.live ??= this.add(h("div.guide.live", {}));
    this.heard += piece;
    this.frame ??= requestAnimationFrame(() => {
      const near = this.near();
      this.frame = null;
      if (this.live) fill(this.live, markdown(this.heard));
      this.down(near);
    });
  }

  on_anew() { this.heard = ""; }

  on_guide({ words }) {
    const place = this.live ?? this.add(h("div.guide", {}));
    this.live = null;
    this.heard = "";
    place.classList.remove("live");
    fill(place, markdown(words));
  }

  on_using({ tool, arguments: given }) {
    this.tool = this.add(h("div.tool", {}, h("details.working", {}, named(tool, inWords(given)))));
  }

  on_used(saying) {
    const made = saying.direct ? answer(saying) : folded(saying);
    this.undone();
    this.add(made);
  }

  on_failed({ tool, why }) { this.note(`${tool.replaceAll("_", " ")}: ${why}`); }

  on_question({ question }) {
    this.question = question;
    this.card = this.add(h("div.asks", { role: "group", "aria-label": "Question" }, h("p.words", {}, question)));
  }

  on_answer({ yes }) {
    this.settle();
    this.note(yes ? "You said yes." : "You said no.");
  }

  on_fault({ why }) { this.add(h("p.fault.words", { role: "alert" }, why)); }

  on_ended({ stopped }) {
    this.undone();
    if (stopped) this.note("Stopped.");
  }

  note(words) {
    this.undone();
    this.add(h("p.aside-note.words", {}, words));
  }

  /** A tool that was begun has no result. */
  undone() {
    this.tool?.remove();
    this.tool = null;
  }

  /** Buttons under the question. */
  ask(question, says) {
    if (!this.card) this.on_question({ question });
    const button = (words, yes, kind) => h(`button${kind}`, { type: "button", onclick: () => { this.settle(); says(yes); } }, words);
    this.buttons = h("div.row", {}, button("Yes, do it", true, ".main"), button("No", false, ""));
    this.card.append(this.buttons);
  }

  offer(does) {
    this.left = this.add(h("div.asks", {}, h("p", {}, "This was left in the middle of an answer."),
      h("div.row", {}, h("button", { type: "button", onclick: () => { this.settle(); does(); } }, "Go on"))));
  }

  /** What could be answered before cannot be any more. */
  settle() {
    this.buttons?.remove();
    this.left?.remove();
    this.buttons = this.left = this.card = null;
    this.question = "";
  }

  welcome(weak, says) {
    this.add(h("div.welcome", {}, h("h2", {}, "What would you like to know?"),
      h("p.quiet", {}, weak ? ["No model plays the guide yet (", weak, "): commands work, other words do not. ", h("a", { href: "/models" }, "Give it one"), "."]
        : "The guide explains what was found, begins and steers runs, compares and draws them."),
      h("div.row", {}, BEGINNINGS.map((words) => h("button", { type: "button", onclick: () => says(words) }, words)))));
  }

  add(element) {
    this.element.append(element);
    return element;
  }

  near() { return innerHeight + scrollY > document.documentElement.scrollHeight - 160; }

  down(wanted = true) { if (wanted) scrollTo(0, document.documentElement.scrollHeight); }
}

// ---- parts ----

const named = (tool, words) => h("summary", {}, h("b", {}, tool.replaceAll("_", " ")), h("span", {}, words));

function inWords(given) {
  return Object.entries(given ?? {}).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
}

/** A tool of the guide: folded, but for what it drew. */
function folded({ tool, arguments: given, sheet: found }) {
  const asked = inWords(given);
  return h("div.tool", {},
    h("details", {}, named(tool, found.title), h("div.inside", {}, asked && h("p.note.words", {}, asked), sheet(found, { title: false }), whereTo(tool, found))),
    snippets(found), plots(found));
}

/** What a command found: it is the answer. */
const answer = ({ tool, sheet: found }) => h("div.answer", {}, sheet(found), plots(found), whereTo(tool, found));

/** The first of what the archive gave, each with its cell, in its place in the conversation. */
function snippets(found) {
  const at = found.columns.indexOf("text"), cells = found.columns.indexOf("fitness");
  if (at < 0 || cells < 1 || !found.subject) return null;
  return h("ol.snippets", {}, found.rows.slice(0, 3).map((row) => h("li", {}, h("p.words", { dir: "auto" }, row[at]),
    h("a.note", { href: `/runs/${encodeURIComponent(found.subject)}` }, row.slice(0, cells).join(" × "), row[cells] !== null && ` · ${number(row[cells])}`))));
}

function whereTo(tool, found) {
  if (found.subject && OF_RUNS.has(tool)) return h("p", {}, h("a", { href: `/runs/${encodeURIComponent(found.subject)}` }, "Open its page"));
  if (found.subject && tool === "show_finding") return h("p", {}, h("a", { href: "/discoveries" }, "Open the discoveries"));
  return null;
}

function plots(found) {
  return (found.files ?? []).map((file) => {
    const name = file.match(PLOT)?.[1];
    return name ? h("figure.plot", {}, h("img", { src: `/api/chat/plots/${name}`, alt: found.title })) : h("p.note", {}, h("code", {}, file));
  });
}

function dressed() {
  if (document.querySelector("link[href='/static/chat.css']")) return;
  document.head.append(h("link", { rel: "stylesheet", href: "/static/chat.css" }));
}
