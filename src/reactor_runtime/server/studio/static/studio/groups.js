// The controls of values that have parts: a list, and an object with fields of its own.
import { make } from "./dom.js";
import { Problem } from "./schemas.js";

/**
 * @typedef {import("./controls.js").Control} Control
 * @typedef {import("./fields.js").Field} Field
 * @typedef {typeof import("./fields.js").field} MakeField what makes a part: a field may hold a group, and a group fields
 * @typedef {import("./schemas.js").Place} Place
 * @typedef {import("./schemas.js").Schema} Schema
 */

/** What `part` reads; a problem in it gets the step that leads there. @param {string} step @param {Field} part */
export function readAt(step, part) {
  try {
    return part.read();
  } catch (problem) {
    throw problem instanceof Problem ? new Problem(problem.message, step + problem.path) : problem;
  }
}

/** `.x` or `[2]`, and the rest of the path after it. @param {string} path */
function split(path) {
  const [, key, index, rest] = /^(?:\.?([^.[\]]+)|\[(\d+)\])(.*)$/s.exec(path) ?? [];
  return { key, index, rest };
}

/** @param {Schema} schema @param {Place} place @param {MakeField} field @returns {Control} */
export function object({ properties, required = [] }, { doc, depth }, field) {
  const parts = Object.entries(properties).map(([key, schema]) =>
    field(key, schema, { doc, depth: depth + 1, required: required.includes(key) }),
  );
  const element = make("div", { className: "nest" }, ...parts.map(({ root }) => root));
  return {
    element,
    inputs: /** @type {HTMLElement[]} */ ([...element.querySelectorAll("input, select, textarea")]),
    group: true,
    wide: true,
    read() {
      const values = parts.map((part) => [part.key, readAt(`.${part.key}`, part)]);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined));
    },
    show(value) {
      if (typeof value !== "object" || value === null) return;
      for (const part of parts) if (Object.hasOwn(value, part.key)) part.show(value[part.key]);
    },
    error(problem, path) {
      const { key, rest } = split(path);
      const part = parts.find((each) => each.key === key);
      part?.error(problem, rest);
      return !!part;
    },
    clear: () => parts.forEach((part) => part.error(null)),
  };
}

/**
 * @param {string} key @param {Schema} schema @param {Schema} items @param {Place} place @param {MakeField} field
 * @returns {Control}
 */
export function list(key, schema, items, { doc, depth }, field) {
  /** @type {{ part: Field, row: HTMLElement, remove: HTMLButtonElement }[]} */
  let rows = [];
  const holder = make("div", { className: "rows" });
  const more = make("button", { type: "button", ariaLabel: `Add to ${key}` }, "Add");
  const element = make("div", { className: "nest" }, holder, more);
  const changed = () => element.dispatchEvent(new Event("input", { bubbles: true }));
  const renumber = () =>
    rows.forEach(({ part, remove }, index) => {
      part.name.textContent = `[${index}]`; // as an error names it
      remove.ariaLabel = `Remove [${index}] from ${key}`;
    });
  function add(/** @type {any} */ value) {
    const part = field(`[${rows.length}]`, items, { doc, depth, required: true });
    if (value !== undefined) part.show(value);
    const remove = make("button", { type: "button", className: "quiet", title: "Remove" }, "×");
    const row = make("div", { className: "entry" }, part.root, remove);
    remove.onclick = () => {
      const at = rows.findIndex((each) => each.row === row);
      rows.splice(at, 1);
      row.remove();
      renumber();
      (rows[Math.min(at, rows.length - 1)]?.remove ?? more).focus();
      changed();
    };
    rows.push({ part, row, remove });
    holder.append(row);
    renumber();
    return part;
  }
  more.onclick = () => {
    const part = add(undefined);
    part.focus();
    changed();
  };
  return {
    element,
    inputs: [more],
    group: true,
    wide: true,
    read: () => rows.map(({ part }, index) => readAt(`[${index}]`, part)),
    show(values) {
      if (!Array.isArray(values)) return;
      rows = [];
      holder.replaceChildren();
      values.forEach(add);
    },
    error(problem, path) {
      const { index, rest } = split(path);
      const row = rows[Number(index)];
      row?.part.error(problem, rest);
      return !!row;
    },
    clear: () => rows.forEach(({ part }) => part.error(null)),
  };
}
