// A little Markdown as elements: every word becomes a text node, and a link leads nowhere but to our own pages.

import { h } from "./dom.js";

const INLINE = /(`+)([^`]|[^`][^]*?[^`])\1(?!`)|\*\*(?=\S)([^*]+?)\*\*|(?<![\w*])\*(?=\S)([^*\n]+?)\*(?!\w)|(?<!\w)_(?=\S)([^_\n]+?)_(?!\w)|\[([^\][\n]{1,200})\]\(([^()\s]{1,500})\)/;
const ITEM = /^(\s{0,9})(?:[-*+]|(\d{1,4})[.)])\s+(.*)$/;
const RULE = /^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$/;
const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const LONGEST = 100_000;

/** Words of a model as elements. */
export function markdown(words) {
  return blocks(words.slice(0, LONGEST).replaceAll("\r\n", "\n").split("\n"));
}

function blocks(lines) {
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at], fence = line.match(FENCE), heading = line.match(/^(#{1,6})\s+(.+?)\s*#*$/);
    if (!line.trim()) at += 1;
    else if (fence) {
      const close = lines.findIndex((one, place) => place > at && one.trim().startsWith(fence[1]) && !one.trim().slice(fence[1].length).trim());
      const end = close < 0 ? lines.length : close;
      found.push(h("pre", { tabindex: 0 }, h("code", {}, lines.slice(at + 1, end).join("\n"))));
      at = end + 1;
    } else if (heading) {
      found.push(h(heading[1].length < 3 ? "h3" : "h4", {}, inline(heading[2])));
      at += 1;
    } else if (line.includes("|") && RULE.test(lines[at + 1] ?? "")) {
      const end = until(lines, at + 2, (one) => !one.includes("|"));
      found.push(table(cells(line), lines.slice(at + 2, end).map(cells)));
      at = end;
    } else if (ITEM.test(line)) {
      const end = until(lines, at, (one, place) => !ITEM.test(one) && !(/^\s{2,}\S/.test(one) && place > at));
      found.push(list(lines.slice(at, end)));
      at = end;
    } else if (/^\s{0,3}>/.test(line)) {
      const end = until(lines, at, (one) => !/^\s{0,3}>/.test(one));
      found.push(h("blockquote", {}, inline(lines.slice(at, end).map((one) => one.replace(/^\s{0,3}> ?/, "")).join("\n"))));
      at = end;
    } else {
      const end = until(lines, at + 1, (one) => !one.trim() || FENCE.test(one) || ITEM.test(one) || /^#{1,6}\s/.test(one) || /^\s{0,3}>/.test(one));
      found.push(h("p.words", { dir: "auto" }, inline(lines.slice(at, end).join("\n"))));
      at = end;
    }
  }
  return found;
}

function until(lines, from, ends) {
  let at = from;
  while (at < lines.length && !ends(lines[at], at)) at += 1;
  return at;
}

/** One list; what is indented further belongs to the item before it, one level deep. */
function list(lines) {
  const first = lines[0].match(ITEM), items = [];
  for (const line of lines) {
    const item = line.match(ITEM);
    if (item && item[1].length <= first[1].length + 1) items.push({ words: item[3], inner: [] });
    else items.at(-1)?.inner.push(line.slice(first[1].length + 2));
  }
  const made = items.map(({ words, inner }) => h("li", { dir: "auto" }, inline(words), inner.length > 0 && (ITEM.test(inner[0]) ? list(inner) : [" ", inline(inner.join(" ").trim())])));
  return first[2] ? h("ol", { start: Number(first[2]) }, made) : h("ul", {}, made);
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((one) => one.trim().replaceAll("\\|", "|"));

function table(head, rows) {
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": head.join(", ") },
    h("table", {}, h("thead", {}, h("tr", {}, head.map((one) => h("th", { scope: "col" }, inline(one))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, head.map((_, place) => h("td", { dir: "auto" }, inline(row[place] ?? ""))))))));
}

/** Code, emphasis and links in running text. */
function inline(words, depth = 0) {
  const found = [];
  let rest = words;
  while (rest) {
    const mark = depth < 4 ? rest.match(INLINE) : null;
    if (!mark) break;
    if (mark.index) found.push(rest.slice(0, mark.index));
    const [whole, , code, strong, starred, scored, text, address] = mark;
    if (code !== undefined) found.push(h("code", {}, code.trim()));
    else if (strong !== undefined) found.push(h("strong", {}, inline(strong, depth + 1)));
    else if (starred ?? scored) found.push(h("em", {}, inline(starred ?? scored, depth + 1)));
    else found.push(link(text, address));
    rest = rest.slice(mark.index + whole.length);
  }
  return rest ? [...found, rest] : found;
}

/** A page of ours is a link; any other address is shown, and is none. */
function link(text, address) {
  if (/^\/(?![/\\])[\w\-./?=&#%]*$/.test(address)) return h("a", { href: address }, text);
  return `${text} (${address})`;
}
