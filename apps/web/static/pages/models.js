// Models: who plays which role, a question to each, another server, the adapters.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { choice, command, confirmed, doing, figure, nothing, span, table } from "../parts.js";

export const title = "Models";
const MEANS = { schema: "to a JSON schema", object: "to JSON, the form in words", plain: "read out of plain words" };

export async function show(main) {
  const body = h("div");
  main.append(h("h1", {}, title), body);
  draw(await get("/api/models"));

  function draw(told) {
    fill(body, roles(told), servers(told), adding(told), adapters(told));
  }

  function roles(told) {
    const rows = told.roles.map((seat) => {
      const answer = h("div.answer", { role: "status" });
      const test = h("button", { type: "button", onclick: () => ask(seat.role, test, answer) }, "Test");
      test.setAttribute("aria-label", `Test ${seat.role}`);
      return [
        h("b", {}, seat.role),
        h("span", { title: seat.address }, seat.server === seat.address ? seat.address : `${seat.server} (${seat.address})`),
        seat.model,
        h("small", {}, seat.set_by),
        [test, answer],
      ];
    });
    const others = h("div");
    const roll = h("button", { type: "button", onclick: () => call(roll, others) }, "Ask every server what it can do");
    return h("section", {}, table(["Role", "Server", "Model", "Set by", ""], rows, "Who plays which role"), h("p.buttons", {}, roll), others);
  }

  async function ask(role, button, place) {
    const told = await doing(button, place, () => {
      fill(place, h("small", {}, "asking…"));
      return post("/api/models/test", { role });
    });
    if (!told) return;
    const form = told.structured ? `keeps ${MEANS[told.structured]}` : told.dimension ? `${told.dimension} dimensions` : "keeps to no form";
    fill(
      place,
      h("p", {}, h("b", {}, span(told.seconds)), ` · ${form}`, told.attempts > 1 && ` · ${told.attempts} attempts`),
      h("small", {}, `${told.prompt_tokens} + ${told.completion_tokens} tokens`, told.cost > 0 && ` · cost ${figure(told.cost)}`),
      told.reply && h("blockquote", { dir: "auto" }, told.reply),
      told.fault && h("p.fault", {}, told.fault),
    );
  }

  async function call(button, place) {
    const told = await doing(button, place, () => {
      fill(place, h("p.quiet", {}, "asking…"));
      return post("/api/models/roll", {});
    });
    if (!told) return;
    const rows = told.map((one) => [
      one.roles.join(", "),
      one.address,
      one.model,
      one.fault ? h("span.badge.failed", {}, "no") : h("span.badge.done", {}, "yes"),
      one.fault || Object.entries(one.abilities).filter(([, value]) => value).map(([name]) => name.replaceAll("_", " ")).join(", "),
    ]);
    fill(place, table(["Roles", "Server", "Model", "Answers", "Can, or why not"], rows, "The roll call"));
  }

  function servers(told) {
    const rows = told.servers.map((server) => [
      server.name,
      server.address,
      server.key_env ? `$${server.key_env}${server.key_set ? "" : " (not set)"}` : "none needed",
      server.vllm ? "vLLM, ours to control" : "",
    ]);
    const said = h("div");
    const names = told.servers.map(({ name }) => [name, name]);
    const role = choice("Let the role", [["default", "default: all not set"], ...told.roles.map((seat) => [seat.role, seat.role])]);
    const server = choice("be played by", names);
    const model = h("label", {}, h("span", {}, "model"), h("input", { value: "default", maxlength: 200, required: true }));
    const button = h("button", {}, "Write it down");
    const form = h("form.row", { onsubmit: cast }, role, server, model, button);
    return h("section", {}, table(["Server", "Address", "Key", ""], rows, "Servers"), told.file && form, said);

    async function cast(event) {
      event.preventDefault();
      const part = { role: value(role), server: value(server), model: value(model) };
      const next = await doing(button, said, () => post("/api/models/roles", part));
      if (next) draw(next);
    }
  }

  function adding(told) {
    if (!told.file) {
      return nothing("There is no wunder.toml, so there is nothing to add a server to.", command("wunder init"), h("p", {}, "writes one; start ", h("code", {}, "wunder web"), " again beside it."));
    }
    const said = h("div");
    const field = (label, attributes) => h("label", {}, h("span", {}, label), h("input", attributes));
    const name = field("Name", { required: true, pattern: "[a-z0-9][a-z0-9_-]{0,39}", title: "a-z, 0-9, - and _" });
    const url = field("Address", { type: "url", required: true, placeholder: "http://host:8000/v1", maxlength: 300 });
    const key = field("Variable with the key", { pattern: "[A-Z][A-Z0-9_]{0,63}", placeholder: "OURS_KEY", autocomplete: "off", title: "The NAME of an environment variable, never the key itself" });
    const button = h("button", {}, "Add the server");
    return h(
      "section", {},
      h("h2", {}, "Add a server"),
      h("p.quiet", {}, "Any that speaks the OpenAI protocol. It is written into ", h("code", {}, told.file), "; a key stays in the environment, only the name of its variable is written."),
      h("form.row", { onsubmit: add }, name, url, key, button), said,
    );

    async function add(event) {
      event.preventDefault();
      const server = { name: value(name), url: value(url), key_env: value(key) || null };
      const next = await doing(button, said, async () => {
        try {
          return await post("/api/models/servers", server);
        } catch (fault) {
          if (fault.status !== 409 || !(await confirmed(`${fault.message[0].toUpperCase()}${fault.message.slice(1)}.`, "Send them there"))) throw fault;
          return post("/api/models/servers", { ...server, confirmed: true });
        }
      });
      if (next) draw(next);
    }
  }

  function adapters(told) {
    const rows = told.adapters.map((one) => [
      one.label, one.rank, one.base.slice(0, 12), one.gguf ? "yes" : "no",
      one.job && h("a", { href: `/jobs/${one.job}` }, one.job.slice(0, 8)),
      h("code", {}, `--target SERVER#${one.name}`),
    ]);
    const none = h("p.quiet", {}, "None yet. ", h("code", {}, "wunder harden"), " trains and registers them, ", h("code", {}, "wunder adapters add"), " takes yours.");
    return h("section", {}, h("h2", {}, "Adapters"), rows.length ? table(["Adapter", "Rank", "Base", "llama.cpp", "Job", "Use it by"], rows) : none);
  }
}

const value = (label) => label.querySelector("input, select").value.trim();
