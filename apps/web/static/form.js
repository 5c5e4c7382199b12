// Forms made from JSON schemas, as pydantic writes them; and asking before something costly is done.

import { h } from "./dom.js";
import { post } from "./api.js";

/**
 * form(schema, {choices: {field: [value, …]}, values, leave: [field, …]}): an element and how to read it.
 * What is left empty is left out, so that defaults stay defaults.
 */
export function form(schema, { choices = {}, values = {}, leave = [], wide = [] } = {}) {
  const names = Object.keys(schema.properties ?? {}).filter((name) => !leave.includes(name));
  const fields = names.map((name) => field(name, resolve(schema.properties[name], schema), {
    offered: choices[name], value: values[name], required: schema.required?.includes(name), wide: wide.includes(name),
  }));
  return {
    element: h("div.fields", {}, fields.map((one) => one.element)),
    read: () => Object.fromEntries(fields.map((one) => [one.name, one.read()]).filter(([, value]) => value !== undefined)),
    input: (name) => fields.find((one) => one.name === name)?.input,
  };
}

let count = 0;

function field(name, schema, { offered, value, required, wide }) {
  const id = `field-${++count}`, kind = schema.type, known = offered ?? schema.enum;
  const shared = { id, name, required, "aria-describedby": schema.description ? `${id}-says` : null };
  const given = value ?? "";
  let input;
  if (kind === "boolean") input = choose(shared, ["yes", "no"], given === "" ? "" : given ? "yes" : "no", schema.default);
  else if (known && (schema.enum || !wide)) input = choose(shared, known, given, schema.default, required);
  else if (kind === "integer" || kind === "number") {
    input = h("input", { ...shared, type: "number", step: kind === "integer" ? "1" : "any", min: str(schema.minimum), max: str(schema.maximum), value: String(given), placeholder: str(schema.default) });
  } else input = h("input", { ...shared, type: "text", maxlength: str(schema.maxLength), value: String(given), placeholder: str(schema.default), list: known ? `${id}-list` : null, autocomplete: "off" });
  const list = known && wide && h("datalist", { id: `${id}-list` }, known.map((one) => h("option", { value: one })));
  return {
    name, input,
    element: h("div.field", {}, h("label", { for: id }, name.replaceAll("_", " ")), input, list, schema.description && h("small", { id: `${id}-says` }, schema.description)),
    read: () => read(input.value.trim(), kind),
  };
}

function choose(shared, values, value, standard, required) {
  const none = standard === undefined || standard === null ? "–" : `default: ${standard}`;
  return h("select", shared, !required && h("option", { value: "" }, none), values.map((one) => h("option", { value: one, selected: one === value }, one)));
}

function read(text, kind) {
  if (text === "") return undefined;
  if (kind === "boolean") return text === "yes";
  if (kind === "integer" || kind === "number") return Number(text);
  if (kind === "array") return text.split(/[\s,]+/).filter(Boolean);
  return text;
}

const str = (value) => (value === undefined || value === null || typeof value === "object" ? null : String(value));

/** A field's schema without references, and without the `null` that stands for "not given". */
function resolve(one, whole) {
  if (one.$ref) return { ...resolve(whole.$defs[one.$ref.split("/").at(-1)], whole), ...one, $ref: undefined };
  const some = one.anyOf?.find((part) => part.type !== "null");
  return some ? { ...resolve(some, whole), ...one, anyOf: undefined, type: resolve(some, whole).type } : one;
}

/** Ask in a dialog; resolves to true or false. */
export function confirmed(question, yes = "Do it") {
  return new Promise((done) => {
    const box = h("dialog", { "aria-label": "A question" },
      h("p.words", {}, question),
      h("form.row", { method: "dialog" }, h("button", { value: "no" }, "Cancel"), h("button.main", { value: "yes", autofocus: true }, yes)));
    box.addEventListener("close", () => { box.remove(); done(box.returnValue === "yes"); });
    document.body.append(box);
    box.showModal();
  });
}

/** Do an operation; what may be costly is asked first. Null where the user said no. */
export async function operate(tool, args) {
  const { question } = await post(`/api/operations/${tool}/price`, args);
  if (question && !(await confirmed(question))) return null;
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  return (await post(`/api/operations/${tool}`, { arguments: args, key, confirmed: Boolean(question) })).sheet;
}
