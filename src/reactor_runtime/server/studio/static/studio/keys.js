// Held keys: what each does while it is down, on which action's behalf.

/** @typedef {import("./actions.js").Action} Action */

// A model with the commands `press` and `release` and these choices of their `key` is driven like this.
const USUAL = {
  KeyW: "forward",
  ArrowUp: "forward",
  KeyS: "back",
  ArrowDown: "back",
  KeyA: "left",
  KeyD: "right",
  KeyQ: "turn_left",
  ArrowLeft: "turn_left",
  KeyE: "turn_right",
  ArrowRight: "turn_right",
  KeyR: "up",
  Space: "up",
  KeyF: "down",
  ShiftLeft: "fast",
  ShiftRight: "fast",
};

/** The keys of a model for which nobody has chosen others. @param {Map<string, Action>} actions @returns {Record<string, string>} */
export function usualKeys(actions) {
  const known = Object.entries(USUAL).map(([code, key]) => [code, `press ${key}`]);
  return Object.fromEntries(known.filter(([, id]) => actions.has(id)));
}

/** @type {{ get(code: string): string | undefined } | undefined} */
let layout;
// What is written on a key depends on its owner's country; where a browser does not tell, that of a US keyboard is shown.
/** @type {any} */ (navigator).keyboard?.getLayoutMap?.().then(
  (/** @type {typeof layout} */ map) => (layout = map),
  () => {},
);

/** What is written on a key. @param {string} code its place on the keyboard */
export function keyName(code) {
  const arrows = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };
  const plain = arrows[/** @type {keyof typeof arrows} */ (code)] ?? layout?.get(code)?.toUpperCase();
  return plain ?? code.replace(/^(Key|Digit)/, "").replace(/(Left|Right)$/, (side) => ` (${side.toLowerCase()})`);
}

/** Keys with which controls, or a browser, are operated. */
const OPERATES = /^(Space|Enter|Tab|Arrow.*|Home|End|Page.*)$/;

/** Whether a key is meant for the control that has the focus. @param {KeyboardEvent} event */
function isTaken({ target, code }) {
  if (!(target instanceof Element)) return false;
  if (target.closest("select, textarea, [contenteditable]")) return true;
  const input = target.closest("input");
  if (input && !["range", "checkbox", "radio"].includes(input.type)) return true;
  return OPERATES.test(code) && !!target.closest("button, summary, a, input, [tabindex], [controls]");
}

/**
 * Listens to the keyboard.
 * @param {(code: string) => Action | undefined} actionOf
 * @returns {(tell?: boolean) => void} lets go of all that is held; and says so to the model, unless `tell` is false
 */
export function listenToKeys(actionOf) {
  /** @type {Map<string, Action>} */
  const held = new Map();
  /** @param {string} code */
  function letGo(code) {
    const action = held.get(code);
    held.delete(code);
    if (action && ![...held.values()].includes(action)) action.up?.(); // another key may stand for the same
  }
  const letAllGo = (tell = true) => (tell ? [...held.keys()].forEach(letGo) : held.clear());

  addEventListener("keydown", (event) => {
    if (event.code.startsWith("Meta")) letAllGo(); // while it is down, some systems do not tell of keys that go up
    const action = actionOf(event.code);
    if (!action || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event)) return;
    event.preventDefault(); // arrows and space would move the page
    if (event.repeat || held.has(event.code)) return;
    const first = ![...held.values()].includes(action);
    held.set(event.code, action);
    if (first) action.down();
  });
  addEventListener("keyup", ({ code }) => letGo(code));
  // What is released elsewhere, the page does not hear.
  addEventListener("blur", () => letAllGo());
  document.addEventListener("visibilitychange", () => letAllGo());
  // A field that is entered takes the keys.
  addEventListener("focusin", ({ target }) => {
    if (
      target instanceof Element &&
      target.matches("textarea, select, input:not([type=range], [type=checkbox], [type=radio])")
    )
      letAllGo();
  });
  return letAllGo;
}
