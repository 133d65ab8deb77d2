// One field of a command: its label, its control, what is said of it, and what is wrong with it.
import { choice, json, number, switched, text } from "./controls.js";
import { make } from "./dom.js";
import { file } from "./files.js";
import { list, object } from "./groups.js";
import { isFile, plain, Problem, unique } from "./schemas.js";

/**
 * @typedef {import("./schemas.js").Schema} Schema
 * @typedef {import("./schemas.js").Place} Place
 * @typedef {import("./controls.js").Control} Control
 */

/** @param {string} key @param {Schema} schema @param {Place} place @returns {Control} */
function controlFor(key, schema, place) {
  if (isFile(schema)) return file();
  if (schema.enum) return choice(schema);
  if (schema.type === "boolean") return switched(schema);
  if (schema.type === "number" || schema.type === "integer") return number(schema);
  if (schema.type === "string") return text(key, schema);
  const nests = place.depth === 0;
  if (nests && schema.type === "object" && schema.properties) return object(schema, place, field);
  if (schema.type === "array") {
    const items = plain(schema.items ?? {}, place.doc);
    const flat = isFile(items) || items.enum || ["boolean", "number", "integer", "string"].includes(items.type);
    if (flat || (nests && items.properties)) return list(key, schema, schema.items ?? {}, place, field);
  }
  return json(schema, place.doc);
}

/** What the schema allows, in words. @param {Schema} schema */
function limits({ minimum, maximum, minLength, maxLength, minItems, maxItems }) {
  const span = (/** @type {number?} */ least, /** @type {number?} */ most, unit = "") =>
    [least != null && `at least ${least}`, most != null && `at most ${most}`].filter(Boolean).join(", ") + unit;
  if (minimum != null && maximum != null) return `${minimum} to ${maximum}`;
  if (minimum != null || maximum != null) return span(minimum, maximum);
  if (minLength || maxLength != null) return span(minLength || null, maxLength, " characters");
  return minItems || maxItems != null ? span(minItems || null, maxItems, " entries") : "";
}

/**
 * @typedef {ReturnType<typeof field>} Field
 * @param {string} key
 * @param {Schema} raw
 * @param {Place} place
 */
export function field(key, raw, place) {
  const schema = plain(raw, place.doc);
  const { required } = place;
  const control = controlFor(key, schema, place);
  const id = unique();
  const optional = schema.nullable || (!required && !("default" in schema));
  const include =
    optional && make("input", { type: "checkbox", ariaLabel: `include ${key}`, title: "left out while this is off" });
  const name = control.group
    ? make("span", { id: `${id}-name` }, key)
    : make("label", { id: `${id}-name`, htmlFor: id }, key);
  const description = isFile(raw) || isFile(schema) ? raw.description : schema.description;
  const about = [description, limits(schema)].filter(Boolean).join(" · ");
  const must = required && !schema.nullable;
  const hint = make(
    "p",
    { id: `${id}-hint`, className: about ? "hint" : "visually-hidden" },
    must && make("span", { className: "visually-hidden" }, "Required. "),
    about,
  );
  const wrong = make("p", { id: `${id}-error`, className: "error", hidden: true });
  const mark = must && make("span", { className: "mark", title: "required", ariaHidden: "true" }, "*");
  const root = make(
    "div",
    { className: `field${control.wide ? " wide" : ""}` },
    make("div", { className: "name" }, include, name, mark),
    control.element,
    hint,
    wrong,
  );

  const described = control.group ? [control.element] : control.inputs;
  if (control.group) {
    control.element.role ??= "group";
    control.element.setAttribute("aria-labelledby", name.id);
  } else {
    control.inputs[0].id = id;
    for (const input of control.inputs.slice(1)) input.setAttribute("aria-labelledby", name.id);
  }
  for (const element of described) element.setAttribute("aria-describedby", `${hint.id} ${wrong.id}`);

  /**
   * Says what is wrong, beside the part of the control that `path` leads to; null takes it back.
   * @param {string | null} problem
   * @param {string} [path] from this field on, such as `[2].x`
   */
  function error(problem, path = "") {
    if (problem === null) control.clear?.();
    else if (path && control.error?.(problem, path)) return;
    wrong.textContent = problem && path ? `${path.replace(/^\./, "")}: ${problem}` : problem;
    wrong.hidden = problem === null;
    for (const element of described) {
      if (problem === null) element.removeAttribute("aria-invalid");
      else if (!control.group || element.role === "radiogroup") element.setAttribute("aria-invalid", "true");
    }
  }

  /** @param {any} value */
  function show(value) {
    if (include) {
      include.checked = value !== null && value !== undefined;
      root.classList.toggle("out", !include.checked);
    }
    if (value !== null && value !== undefined) control.show(value);
  }

  function read() {
    if (include && !include.checked) return required || schema.default != null ? null : undefined;
    const value = control.read();
    const empty = value === undefined || (value === "" && required && !schema.nullable && schema.minLength !== 0);
    if (empty && (required || include)) throw new Problem(include ? "needs a value, or is left out" : "needs a value");
    return value;
  }

  show(schema.default);
  const changed = () => {
    if (!wrong.hidden) error(null);
    if (include) root.classList.toggle("out", !include.checked);
  };
  // Using a control of what may be left out includes it; emptying the control leaves it out.
  control.element.addEventListener("input", () => {
    if (include) include.checked = !control.blank?.();
    changed();
    if (control.eager) tellAtOnce();
  });
  if (include) include.oninput = changed;
  function tellAtOnce() {
    try {
      control.read();
    } catch (problem) {
      if (problem instanceof Problem) error(problem.message, problem.path);
    }
  }

  return {
    key,
    schema,
    root,
    name,
    read,
    show,
    error,
    live: !!control.live && !include, // may be sent as it changes
    focus: () => control.inputs[0]?.focus(),
  };
}
