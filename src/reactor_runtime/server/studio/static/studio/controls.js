// The controls of single values: a number, a choice, a switch, a text, and JSON for whatever has no control of its own.
import { make } from "./dom.js";
import { plain, Problem, unique } from "./schemas.js";

/**
 * What a person gives a value with.
 * @typedef {object} Control
 * @property {HTMLElement} element what stands in the form
 * @property {HTMLElement[]} inputs what is labelled; the first is where the focus goes
 * @property {() => any} read the value; undefined where it is empty; throws a `Problem`
 * @property {(value: any) => void} show a value that does not fit is not shown
 * @property {boolean} [group] it has parts with labels of their own
 * @property {boolean} [wide] it stands below its label
 * @property {boolean} [live] it may be sent as it changes
 * @property {boolean} [eager] what is wrong is told while it is typed
 * @property {() => boolean} [blank] nothing is in it
 * @property {(problem: string, path: string) => boolean} [error] tells it beside the part at `path`, if it has that
 * @property {() => void} [clear] takes back what was told beside the parts
 *
 * @typedef {import("./schemas.js").Schema} Schema
 */

/** @param {Schema} schema @returns {Control} */
export function number({ type, minimum, maximum, default: initial }) {
  const whole = type === "integer";
  const range = maximum - minimum; // NaN where one is missing
  // A slider is for what one can hit with it: not for one seed of four billion.
  const slides = range > 0 && !(whole && range > 1000);
  const digits = whole ? 0 : slides ? Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(range)))) : 0;
  const step = whole ? 1 : slides ? 10 ** -digits : "any";
  const typed = make("input", { type: "number", min: minimum, max: maximum, step, value: initial ?? "" });
  const given = () => {
    if (typed.validity.badInput) throw new Problem("is no number");
    if (typed.value === "") return undefined;
    const value = Number(typed.value);
    if (whole && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new Problem("is an integer too large for a browser to send exactly");
    return value;
  };
  const fits = (/** @type {any} */ value) => typeof value === "number" && Number.isFinite(value);
  if (!slides) {
    return {
      element: typed,
      inputs: [typed],
      live: true,
      read: given,
      blank: () => typed.value === "" && !typed.validity.badInput,
      show: (value) => void (fits(value) && (typed.value = String(value))),
    };
  }
  const slider = make("input", { type: "range", min: minimum, max: maximum, step: whole ? 1 : "any" });
  const show = (/** @type {any} */ value) => {
    if (fits(value)) typed.value = slider.value = String(value);
  };
  show(initial ?? Number(((minimum + maximum) / 2).toFixed(digits)));
  // A slider's own value has a tail of digits that nobody asked for.
  slider.addEventListener("input", () => {
    const round = Number(Number(slider.value).toFixed(digits));
    typed.value = round < minimum || round > maximum ? slider.value : String(round);
  });
  typed.addEventListener("input", () => (slider.value = typed.value));
  return {
    element: make("div", { className: "slide" }, slider, typed),
    inputs: [slider, typed],
    live: true,
    read: given,
    blank: () => typed.value === "" && !typed.validity.badInput,
    show,
  };
}

/** A few choices are buttons beside each other; many are a list that opens. @param {Schema} schema @returns {Control} */
export function choice({ enum: choices }) {
  const words = choices.map(String);
  if (choices.length > 5 || words.join("").length > 36) {
    const options = words.map((/** @type {string} */ word, /** @type {number} */ index) =>
      make("option", { value: index }, word),
    );
    const select = make(
      "select",
      {},
      make("option", { value: "", disabled: true, hidden: true, selected: true }, "Choose…"),
      ...options,
    );
    return {
      element: select,
      inputs: [select],
      live: true,
      read: () => (select.value === "" ? undefined : choices[Number(select.value)]),
      show: (value) => void (choices.includes(value) && (select.value = choices.indexOf(value))),
    };
  }
  const name = unique();
  /** @type {HTMLInputElement[]} */
  const radios = choices.map(() => make("input", { type: "radio", name }));
  const labels = radios.map((radio, index) => make("label", {}, radio, make("span", {}, words[index])));
  return {
    element: make("div", { className: "segments", role: "radiogroup" }, ...labels),
    inputs: radios,
    group: true,
    live: true,
    read: () => choices[radios.findIndex(({ checked }) => checked)],
    show: (value) => void (choices.includes(value) && (radios[choices.indexOf(value)].checked = true)),
  };
}

/** @param {Schema} schema @returns {Control} */
export function switched({ default: initial }) {
  const box = make("input", { type: "checkbox", className: "switch", checked: initial === true });
  box.setAttribute("role", "switch");
  return {
    element: box,
    inputs: [box],
    live: true,
    read: () => box.checked,
    show: (value) => void (typeof value === "boolean" && (box.checked = value)),
  };
}

const PROSE = /prompt|text|descri|caption|lyric|story|message|note/i;

/** @param {string} key @param {Schema} schema @returns {Control} */
export function text(key, { maxLength, default: initial }) {
  const long = maxLength === undefined ? PROSE.test(key) || /\n|.{80}/.test(initial ?? "") : maxLength > 120;
  const input = long ? make("textarea", { rows: 2 }) : make("input", { type: "text", autocomplete: "off" });
  return {
    element: input,
    inputs: [input],
    wide: long,
    read: () => input.value,
    blank: () => input.value === "",
    show: (value) => void (typeof value === "string" && (input.value = value)),
  };
}

/** An example of a value. @param {Schema} raw @param {any} doc @returns {any} */
function example(raw, doc) {
  const schema = plain(raw, doc);
  if (schema.default != null) return schema.default;
  if (schema.enum) return schema.enum[0];
  const simple = { string: "text", number: 0.5, integer: 1, boolean: true };
  if (schema.type in simple) return simple[/** @type {keyof typeof simple} */ (schema.type)];
  if (schema.type === "array") return [example(schema.items ?? {}, doc)];
  if (schema.type !== "object") return "anything";
  const parts = schema.properties ? Object.entries(schema.properties) : [["key", schema.additionalProperties || {}]];
  return Object.fromEntries(parts.map(([key, part]) => [key, example(part, doc)]));
}

/** @param {Schema} schema @param {any} doc @returns {Control} */
export function json(schema, doc) {
  const placeholder = schema.type ? JSON.stringify(example(schema, doc)) : 'JSON, such as 1, "text" or [1, 2]';
  const area = make("textarea", { rows: 2, className: "mono", placeholder, spellcheck: false });
  return {
    element: area,
    inputs: [area],
    wide: true,
    eager: true,
    read() {
      if (area.value.trim() === "") return undefined;
      try {
        return JSON.parse(area.value);
      } catch (error) {
        throw new Problem(`is no JSON: ${/** @type {Error} */ (error).message}`);
      }
    },
    blank: () => area.value.trim() === "",
    show: (value) => void (area.value = JSON.stringify(value)),
  };
}
