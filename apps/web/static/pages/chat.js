// Chat.

import { h } from "../dom.js";

export const title = "Chat";

/** Show the page in `main`; returns what has to be done when it is left. */
export async function show(main, parameters) {
  main.append(h("h1", {}, title));
  return () => {};
}
