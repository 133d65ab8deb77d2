// The form of one command: sends what its fields say, and shows what comes of it.
import { make } from "./dom.js";
import { field } from "./fields.js";
import { takeFiles } from "./files.js";
import { readAt } from "./groups.js";
import { Problem } from "./schemas.js";

/**
 * @typedef {import("../client.js").Reactor} Reactor
 * @typedef {import("./fields.js").Field} Field
 * @typedef {{ reply?: { type: string, data: any } | null, error?: Error }} Outcome
 *
 * @typedef {object} Form
 * @property {string} name of the command
 * @property {Map<string, Field>} fields
 * @property {HTMLFormElement} root
 * @property {(overrides?: Record<string, any>) => Promise<Outcome>} submit sends what the fields say, with `overrides` in
 *   place of some of it
 * @property {(overrides?: Record<string, any>) => void} sendNewest the same, with one command at most under way: after it
 *   the newest is sent, and those between are not
 * @property {(told: Record<string, any>) => void} adopt shows what a message tells of the one field there is
 */

const SHOWN = 400; // characters of an answer; one line has no room for more

/**
 * @param {Reactor} reactor
 * @param {string} name
 * @param {{ operation: any, doc: any, folds: boolean }} about the operation of the schema `doc`; `folds`: a form of
 *   several fields opens on demand
 * @returns {Form}
 */
export function commandForm(reactor, name, { operation, doc, folds }) {
  const body = operation.requestBody?.content["application/json"].schema ?? {};
  /** @type {Map<string, Field>} */
  const fields = new Map();
  for (const [key, schema] of Object.entries(body.properties ?? {}))
    fields.set(key, field(key, schema, { doc, required: !!body.required?.includes(key), depth: 0 }));
  const all = [...fields.values()];
  const only = all.length === 1 ? all[0] : null;

  const answer = make("output", { className: "answer", ariaLive: only?.live ? "off" : "polite" });
  const title = make("h3", { title: name });
  const about = operation.summary && make("p", { className: "hint" }, operation.summary);
  const send = make("button", { ariaLabel: `Send ${name}`, className: only?.live ? "quiet" : "" }, "Send");
  const rest = [
    about,
    ...all.map(({ root }) => root),
    make("div", { className: "send" }, all.length > 0 && send, answer),
  ];
  const root = make("form", { className: only?.live ? "command live" : "command", noValidate: true, ariaLabel: name });
  /** @type {HTMLDetailsElement | null} */
  let fold = null;
  if (all.length === 0) {
    root.append(make("div", { className: "send" }, title, answer), about || "");
    title.append(make("button", {}, name));
  } else {
    title.append(name);
    if (folds && !only) root.append((fold = make("details", {}, make("summary", {}, title), ...rest)));
    else root.append(title, ...rest.filter((part) => !!part));
  }
  takeFiles(root);

  let pending = 0; // commands without an answer: until then the control is ahead of the model
  let typed = false; // something here has not been sent
  /** @param {string} text */
  function say(text, bad = false) {
    const shown = text.slice(0, SHOWN);
    // What is said again would be read out again, at each move of a slider.
    if (answer.textContent === shown && answer.title === text && answer.classList.contains("bad") === bad) return;
    answer.textContent = shown;
    answer.title = text;
    answer.classList.toggle("bad", bad);
  }
  /** Tells a problem beside the field that its path leads to; else in the answer's place. @param {string} path @param {string} text */
  function tell(path, text, { otherwise = text, verdict = "taken" } = {}) {
    const [key] = path.split(/[.[]/, 1);
    const at = fields.get(key);
    at?.error(text.startsWith(`${path}: `) ? text.slice(path.length + 2) : text, path.slice(key.length));
    if (at && fold) fold.open = true;
    say(at ? `Not ${verdict}: see ${path}.` : otherwise, true);
    return at;
  }

  /** The arguments; or the field that has none to give, which says why. @param {Record<string, any>} overrides */
  function read(overrides) {
    /** @type {[string, any][]} */
    const args = []; // a field may be called `constructor`
    /** @type {Field | undefined} */
    let wrong;
    for (const [key, each] of fields) {
      each.error(null);
      try {
        const value = Object.hasOwn(overrides, key) ? overrides[key] : readAt(key, each);
        if (value !== undefined) args.push([key, value]);
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        const found = tell(problem.path, problem.message, { verdict: "sent" });
        wrong ??= found;
      }
    }
    return { args: Object.fromEntries(args), wrong };
  }

  /** @param {Record<string, any>} args @returns {Promise<Outcome>} */
  async function carry(args) {
    const file = Object.values(args)
      .flat()
      .find((value) => value instanceof File);
    if (file) say(`Uploading ${file.name}…`);
    answer.ariaBusy = "true";
    pending++;
    typed = false;
    try {
      const reply = await reactor.command(name, args);
      say(reply ? `${reply.type} ${JSON.stringify(reply.data)}` : "done");
      return { reply };
    } catch (cause) {
      const error = /** @type {Error & { code?: string, path?: string | null }} */ (cause);
      const text = error.message.startsWith(`${name}: `) ? error.message.slice(name.length + 2) : error.message;
      typed ||= !only?.live; // it is there to be mended
      tell(error.path ?? "", text, { otherwise: error.code ? `${error.code}: ${text}` : text });
      return { error };
    } finally {
      pending--;
      if (!pending) answer.ariaBusy = null;
    }
  }

  /** @type {Form["submit"]} */
  async function submit(overrides = {}) {
    const { args, wrong } = read(overrides);
    return wrong ? { error: new Problem(`${wrong.key} needs a value`) } : carry(args);
  }

  let sends = false;
  /** @type {Record<string, any> | null} */
  let next = null;
  /** @type {Form["sendNewest"]} */
  async function sendNewest(overrides = {}) {
    next = overrides;
    if (sends) return;
    sends = true;
    try {
      while (next) {
        const now = next;
        next = null;
        await submit(now);
      }
    } finally {
      sends = false;
    }
  }

  let changed = false; // in this turn of the browser's
  root.onsubmit = (event) => {
    event.preventDefault();
    if (changed) return; // Enter in a field tells of a change first, and that has sent it
    const { args, wrong } = read({});
    if (wrong) wrong.focus();
    else carry(args);
  };
  root.addEventListener("input", (event) => {
    typed = true;
    if (only?.live && isSlider(event)) sendNewest();
  });
  root.addEventListener("change", (event) => {
    if (!only?.live || isSlider(event)) return;
    changed = true;
    setTimeout(() => (changed = false));
    sendNewest();
  });
  root.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) {
      event.preventDefault();
      root.requestSubmit();
    }
  };

  return {
    name,
    fields,
    root,
    submit,
    sendNewest,
    adopt(told) {
      if (!only || !(only.key in told) || pending || typed) return;
      const focused = only.root.contains(document.activeElement) && document.activeElement;
      const used = only.root.querySelector(":active") || (focused && focused.matches(TYPED));
      if (!used) only.show(told[only.key]);
    },
  };
}

const TYPED = "textarea, select, input[type=text], input[type=number]";
/** @param {Event} event */
const isSlider = ({ target }) => target instanceof HTMLInputElement && target.type === "range";
