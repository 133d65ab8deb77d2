// The forms of all commands, as the schema has them.
import { make } from "./dom.js";
import { commandForm } from "./form.js";
import { schemaOf } from "./known.js";

/** @typedef {import("./form.js").Form} Form */

const MANY = 12; // commands; more are filtered, and fold

/** @param {import("../client.js").Reactor} reactor @param {HTMLElement} root */
export function mountCommands(reactor, root) {
  /** @type {Map<string, Form>} */
  const forms = new Map();
  /** @type {Map<string, string>} */
  const shown = new Map(); // what each form was made from
  /** @type {Set<(all: typeof forms) => void>} */
  const listeners = new Set();

  const filter = make("input", {
    type: "search",
    placeholder: "Filter",
    ariaLabel: "Filter the commands",
    autocomplete: "off",
  });
  const found = make("span", { className: "dim", role: "status" });
  const search = make("div", { className: "row filter", hidden: true }, filter, found);
  const said = make("p", { className: "dim" }, "They appear once the model has loaded.");
  const all = make("fieldset", { disabled: true });
  root.append(search, said, all);

  function show() {
    const doc = schemaOf(reactor);
    if (!doc) return;
    const operations = Object.entries(doc.paths ?? {}).filter(([path]) => path.startsWith("/events/"));
    const folds = operations.length > MANY;
    const had = new Map(forms);
    forms.clear();
    for (const [path, { post: operation }] of operations) {
      const name = path.slice("/events/".length);
      const key = JSON.stringify([operation, folds]);
      const form = shown.get(name) === key ? had.get(name) : undefined; // and what was typed there stays
      try {
        forms.set(name, form ?? commandForm(reactor, name, { operation, doc, folds }));
        shown.set(name, key);
      } catch (error) {
        console.error(`no form could be made for ${name}`, error); // and the others are there all the same
      }
    }
    for (const [name, form] of had) if (forms.get(name) !== form) form.root.remove();
    for (const name of shown.keys()) if (!forms.has(name)) shown.delete(name);
    // One that stays in its place is not moved: that would take the focus from it.
    [...forms.values()].forEach(({ root: form }, index) => {
      if (all.children[index] !== form) all.insertBefore(form, all.children[index] ?? null);
    });
    said.textContent = "This model has no commands.";
    said.hidden = forms.size > 0;
    search.hidden = !folds;
    narrow();
    adopt();
    const same = had.size === forms.size && [...forms].every(([name, form]) => had.get(name) === form);
    if (!same) for (const tell of listeners) tell(forms);
  }

  function narrow() {
    const wanted = search.hidden ? "" : filter.value.trim().toLowerCase();
    let count = 0;
    for (const { name, root: form } of forms.values()) {
      form.hidden = !`${name} ${form.querySelector(".hint")?.textContent}`.toLowerCase().includes(wanted);
      count += Number(!form.hidden);
    }
    found.textContent = wanted ? `${count} of ${forms.size}` : `${forms.size}`;
  }
  filter.oninput = narrow;

  // What messages tell of the values that commands set: the newest of each. It is forgotten when a command sets another.
  /** @type {Record<string, any>} */
  let told = Object.create(null);
  let waits = false; // for the next picture of the page: a model may say more than can be seen
  let session = "";
  function adopt() {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      for (const form of forms.values()) form.adopt(told);
    });
  }
  /** @param {any} data */
  function learn(data) {
    if (data && typeof data === "object") Object.assign(told, data);
    adopt();
  }
  reactor.on("message", ({ data }) => learn(data));
  reactor.on("sent", ({ args }) => Object.keys(args).forEach((key) => delete told[key]));
  reactor.on("answered", ({ reply }) => learn(reply?.data));
  all.addEventListener("focusout", adopt);

  const follow = () => {
    all.disabled = reactor.state.name !== "live";
    const now = reactor.session?.session_id ?? session;
    if (now !== session) told = Object.create(null);
    session = now;
  };
  reactor.on("state", follow);
  reactor.on("schema", show);
  follow();
  show();

  return {
    forms,
    /** Calls `tell` with the forms there are, at once and whenever others are. @param {(all: typeof forms) => void} tell */
    onForms(tell) {
      listeners.add(tell);
      tell(forms);
      return () => void listeners.delete(tell);
    },
  };
}
