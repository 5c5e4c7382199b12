// The frame around every page: navigation, theme, and which page an address means.

import { h, fill } from "./dom.js";

const PAGES = [
  { path: "/", name: "Runs", file: "runs" },
  { path: "/discoveries", name: "Discoveries", file: "discoveries" },
  { path: "/chat", name: "Chat", file: "chat" },
  { path: "/worlds", name: "Worlds", file: "worlds" },
  { path: "/play", name: "Play", file: "play" },
  { path: "/jobs", name: "Jobs", file: "jobs" },
  { path: "/models", name: "Models", file: "models" },
];

let leave = null;
let turn = 0;

/** The page that an address means, and what stands behind its first word. */
function meant(location) {
  const [first, ...rest] = location.pathname.split("/").filter(Boolean);
  const query = Object.fromEntries(new URLSearchParams(location.search));
  if (first === "runs") return { file: rest.length ? "run" : "runs", parameters: { id: rest[0], ...query } };
  const page = PAGES.find((one) => one.path === `/${first ?? ""}`);
  return page && { file: page.file, parameters: { id: rest[0], ...query } };
}

/** Show what the address says. */
async function show() {
  const mine = ++turn;
  leave?.();
  leave = null;
  const main = fill(document.getElementById("main"));
  main.setAttribute("aria-busy", "true");
  mark();
  try {
    const found = meant(location);
    if (!found) throw new Error("There is no such page.");
    const page = await import(`./pages/${found.file}.js`);
    if (mine !== turn) return;
    document.title = `${page.title} · Wunderkammer`;
    const cleanup = await page.show(main, found.parameters);
    if (mine !== turn) { cleanup?.(); return; }
    leave = cleanup;
    main.removeAttribute("aria-busy");
  } catch (fault) {
    if (mine === turn) fill(main, h("p.fault", { role: "alert" }, fault.message));
    if (mine === turn) main.removeAttribute("aria-busy");
    if (!fault.status && fault.message !== "There is no such page.") console.error(fault);
  }
}

/** Go to a page of ours. */
export function go(path) {
  history.pushState(null, "", path);
  show();
  scrollTo(0, 0);
}

function mark() {
  for (const link of document.querySelectorAll("nav.rooms a")) {
    const path = link.getAttribute("href");
    const here = path === "/" ? /^\/(runs(\/|$)|$)/.test(location.pathname) : location.pathname.startsWith(path);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function follows(event) {
  const link = event.target.closest?.("a[href^='/']");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.target || link.hasAttribute("download") || !meant(link)) return;
  event.preventDefault();
  go(link.getAttribute("href"));
}

function frame() {
  fill(
    document.querySelector("header.top"),
    h("a.brand", { href: "/" }, h("img", { src: "/static/icon.svg", alt: "", width: 28, height: 28 }), "Wunderkammer"),
    h("nav.rooms", { "aria-label": "Pages" }, PAGES.map((page) => h("a", { href: page.path }, page.name))),
    h("button.theme", { type: "button", onclick: turnTheme, "aria-label": "Light or dark" }, "◐"),
  );
}

function turnTheme() {
  const dark = (localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  setTheme(dark ? "light" : "dark");
  localStorage.setItem("theme", dark ? "light" : "dark");
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

setTheme(localStorage.getItem("theme"));
frame();
document.addEventListener("click", follows);
addEventListener("popstate", show);
show();
