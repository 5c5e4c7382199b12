// Models: who plays which role, a question to each, another server, the adapters.

import { get, post } from "../api.js";
import { number } from "../charts.js";
import { fill, h } from "../dom.js";
import { confirmed } from "../form.js";
import { card, command, doing, field, id, nothing, read, rows, span } from "../parts.js";

export const title = "Models";
const MEANS = { schema: "keeps to a JSON schema", object: "keeps to JSON, the form in words", plain: "its form is read out of plain words" };

export async function show(main) {
  const body = h("div");
  main.append(h("div.head", {}, h("div", {}, h("h1", {}, title), h("p.quiet", {}, "Who plays which role. Nobody is asked until you do."))), body);
  draw(await get("/api/models"));

  function draw(told) { fill(body, roles(told), servers(told), told.file ? adding(told) : none(), adapters(told)); }

  function roles(told) {
    const found = h("div"), button = h("button", { type: "button", onclick: () => call(button, found) }, "Ask every server what it can do");
    const all = told.roles.map((seat) => {
      const answer = h("div.answer", { role: "status" });
      const test = h("button", { type: "button", "aria-label": `Test ${seat.role}`, onclick: () => ask(seat.role, test, answer) }, "Test");
      return [h("b", {}, seat.role), seat.server === seat.address ? seat.address : [seat.server, h("div.note", {}, seat.address)], seat.model, h("span.note", {}, seat.set_by), [test, answer]];
    });
    return card("Roles", rows(["role", "server", "model", "set by", "one question"], all), h("div.row", {}, button), found);
  }

  async function ask(role, button, place) {
    const told = await doing(button, place, () => post("/api/models/test", { role }));
    if (told) fill(place,
      h("p", {}, h("b", {}, span(told.seconds)), " · ", told.dimension ? `${told.dimension} dimensions` : MEANS[told.structured] ?? "keeps to no form"),
      h("p.note", {}, `${told.attempts} attempt${told.attempts > 1 ? "s" : ""} · ${told.prompt_tokens} + ${told.completion_tokens} tokens`, told.cost > 0 && ` · cost ${number(told.cost)}`),
      told.reply && h("p.words.note", { dir: "auto" }, told.reply), told.fault && h("p.fault", {}, told.fault));
  }

  async function call(button, place) {
    const told = await doing(button, place, () => post("/api/models/roll", {}));
    const can = (one) => Object.entries(one.abilities).filter(([, value]) => value).map(([name, value]) => (value === true ? name : `${name} ${value}`).replaceAll("_", " ")).join(", ");
    if (told) fill(place, rows(["roles", "server", "model", "answers", "can, or why not"], told.map((one) => [one.roles.join(", "), one.address, one.model,
      h(`span.status.${one.fault ? "failed" : "running"}`, {}, one.fault ? "no" : "yes"), one.fault || can(one)])));
  }

  function servers(told) {
    const said = h("div"), button = h("button", {}, "Write it down");
    const role = field("Role", {}, [["default", "default: every role not set"], ...told.roles.map((seat) => [seat.role, seat.role])]);
    const server = field("Played by", {}, told.servers.map(({ name }) => [name, name]));
    const model = field("Model", { value: "default", maxlength: 200, required: true });
    const cast = (event) => save(event, button, said, () => post("/api/models/roles", { role: read(role), server: read(server), model: read(model) }));
    const key = (one) => (one.key_env ? `$${one.key_env}${one.key_set ? "" : " (not set)"}` : "none needed");
    return card("Servers", rows(["server", "address", "key", ""], told.servers.map((one) => [one.name, one.address, key(one), one.vllm ? "vLLM, ours to control" : null])),
      told.file && h("form.row.low", { onsubmit: cast }, role, server, model, button), said);
  }

  function none() {
    return nothing("No wunder.toml", "There is no file to add a server to. This writes one; then start the web application again:", command("wunder init"));
  }

  function adding(told) {
    const said = h("div"), button = h("button", {}, "Add the server");
    const name = field("Name", { required: true, pattern: "[a-z0-9][a-z0-9_\\-]{0,39}", title: "a-z, 0-9, - and _", autocomplete: "off" });
    const url = field("Address", { type: "url", required: true, placeholder: "http://host:8000/v1", maxlength: 300 });
    const key = field("Variable with the key", { pattern: "[A-Z][A-Z0-9_]{0,63}", placeholder: "OURS_KEY", autocomplete: "off", title: "The NAME of an environment variable, never the key itself" });
    const add = (event) => save(event, button, said, async () => {
      const server = { name: read(name), url: read(url), key_env: read(key) || null };
      const sure = await confirmed(`Prompts, and what was found with them, will be sent to ${server.url}. Do you want this?`, "Add it");
      return sure && post("/api/models/servers", { ...server, confirmed: true });
    });
    return card("Add a server",
      h("p.note", {}, "Any that speaks the OpenAI protocol. It is written into ", h("code", {}, told.file), "; a key stays in the environment, and only the name of its variable is written."),
      h("form.row.low", { onsubmit: add }, name, url, key, button), said);
  }

  async function save(event, button, place, work) {
    event.preventDefault();
    const next = await doing(button, place, work);
    if (next) draw(next);
  }

  function adapters(told) {
    return card("Adapters", rows(["adapter", "rank", "base", "llama.cpp", "job", "use it by"], told.adapters.map((one) => [one.label, one.rank, one.base.slice(0, 12), one.gguf ? "yes" : "no",
    one.job && id(one.job, `/jobs/${one.job}`), h("code", {}, `--target SERVER#${one.name}`)]), "None yet: wunder harden trains and registers them, wunder adapters add takes yours."));
  }
}
