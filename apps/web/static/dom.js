// Building elements. Text becomes text nodes, never markup: nothing that a model wrote can become part of the page.

/** h("a.link", {href, onclick}, "text", child, [children]): an element; null, undefined and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) set(element, key, value);
  add(element, children);
  return element;
}

/** The same in SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  add(element, children);
  return element;
}

/** Replace what stands in an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "class") element.className = [element.className, value].filter(Boolean).join(" ");
  else if (key === "style") Object.entries(value).forEach(([name, one]) => element.style.setProperty(name, one));
  else if (key === "href" || key === "src") element.setAttribute(key, safe(value));
  else if (key in element && typeof value !== "string") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}

/** An address of our own, or a picture that we made: `javascript:` in a name from outside leads nowhere. */
function safe(address) {
  return /^(\/(?!\/)|#|blob:|data:image\/)/.test(address) ? address : "#";
}
