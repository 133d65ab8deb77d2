// What every room uses to build its part of the page.

/**
 * An element with these properties and children. Properties that the element does not have, such as `aria-label`, are
 * set as attributes; null and undefined are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (key in element) Object.assign(element, { [key]: value });
    else element.setAttribute(key, String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child || child === "")));
  return element;
}

/**
 * Copies a text, and says so on the button that asked for it.
 * @param {string} text
 * @param {HTMLButtonElement} button
 */
export async function copy(text, button) {
  const label = (button.dataset.label ??= button.textContent ?? "");
  const copied =
    (await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    )) || copyBySelection(text);
  button.textContent = copied ? "Copied" : "Not copied: the browser does not allow it";
  setTimeout(() => (button.textContent = label), 1500);
}

/** The way there is on pages over plain http, from another machine. @param {string} text */
function copyBySelection(text) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = make("textarea", { className: "visually-hidden", ariaHidden: "true", value: text });
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}

/**
 * A value that a browser remembers for this page. Where it may not, the value lasts as long as the page.
 * @template T
 * @param {string} key
 * @param {T} initial
 */
export function store(key, initial) {
  const name = `reactor:${key}`;
  let value = initial;
  try {
    value = JSON.parse(localStorage.getItem(name) ?? "null") ?? initial;
  } catch {
    // What is there is of another page, or storage is not allowed.
  }
  return {
    get: () => value,
    /** @param {T} next */
    set(next) {
      value = next;
      try {
        localStorage.setItem(name, JSON.stringify(next));
      } catch {
        // It is remembered until the page is left.
      }
    },
  };
}

/** A size, in the unit that suits it. @param {number} size */
export function bytes(size) {
  const units = ["bytes", "kB", "MB", "GB"];
  const power = size < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(size) / 3));
  return `${Number((size / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/**
 * A time of day, to the millisecond.
 * @param {Date} date
 */
export function clockTime(date) {
  const digits = (/** @type {number} */ n, length = 2) => String(n).padStart(length, "0");
  return `${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}.${digits(date.getMilliseconds(), 3)}`;
}
