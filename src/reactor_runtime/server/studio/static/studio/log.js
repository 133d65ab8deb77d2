// The log: what was said over the connection, both ways. However much comes, it is drawn at a rate that leaves the page
// to its pictures.
import { copyMenu } from "./copymenu.js";
import { copy, make } from "./dom.js";
import { Entries, json, lineOf, recordOf, touch } from "./entries.js";
import { logRows } from "./logrows.js";
import { modelName } from "./known.js";

/** @typedef {import("./entries.js").Entry} Entry */
/** @typedef {import("./entries.js").Kind} Kind */
/** @typedef {import("./entries.js").Letter} Letter */

/** @type {Record<Kind, string>} */
const KINDS = { in: "In", out: "Out", error: "Errors", connection: "Connection" };

const DRAW_MS = 100; // at least, from one drawing to the next: faster than one can read, and cheap

/** @param {import("../client.js").Reactor} reactor @param {HTMLElement} root */
export function mountLog(reactor, root) {
  const entries = new Entries();
  /** @type {Set<Kind>} */
  const kinds = new Set(/** @type {Kind[]} */ (Object.keys(KINDS)));
  /** @type {Entry[] | null} what is shown while it is paused */
  let held = null;
  let missed = 0; // came while it was paused

  const button = (/** @type {string} */ label, /** @type {(button: HTMLButtonElement) => void} */ press) => {
    const element = make("button", { type: "button" }, label);
    element.onclick = () => press(element);
    return element;
  };
  const search = make("input", {
    type: "search",
    placeholder: "Filter",
    ariaLabel: "Show only what has this text in it",
  });
  const toggles = /** @type {Kind[]} */ (Object.keys(KINDS)).map((kind) => {
    const toggle = button(KINDS[kind], () => {
      if (!kinds.delete(kind)) kinds.add(kind);
      toggle.ariaPressed = String(kinds.has(kind));
      draw();
    });
    toggle.ariaPressed = "true";
    return toggle;
  });
  const pause = button("Pause", () => {
    held = held ? null : entries.all.slice();
    entries.seal(); // what is shown does not change
    missed = 0;
    pause.ariaPressed = String(!!held);
    draw();
  });
  pause.ariaPressed = "false";
  const clear = button("Clear", () => {
    entries.clear();
    if (held) held = [];
    draw();
  });
  const copyAll = button("Copy all", (element) => copy(json(shown().map(recordOf), 2), element));
  copyAll.title = "All that the filters leave, as JSON";
  const note = make("span", { className: "dim" });
  const group = make("span", { className: "row", role: "group", ariaLabel: "Kinds to show" }, ...toggles);
  const list = make("ol", { tabIndex: 0, ariaLabel: "Log" });
  const errors = make("p", { className: "visually-hidden", ariaLive: "polite" });
  root.append(
    make("div", { className: "row controls" }, search, group, pause, clear, copyAll, note),
    make("div", { role: "log", ariaLive: "off", ariaLabel: "Messages" }, list),
    errors,
  );
  const show = logRows(
    list,
    copyMenu(() => ({ url: reactor.url.replace(/\/$/, ""), model: modelName(reactor) }), root),
    draw,
  );
  search.oninput = () => draw();

  /** What the filters leave, in the order of time. */
  function shown() {
    const wanted = search.value.toLowerCase();
    return (held ?? entries.all).filter(
      (entry) => kinds.has(entry.kind) && (!wanted || `${entry.name} ${lineOf(entry)}`.toLowerCase().includes(wanted)),
    );
  }

  let due = false;
  let drawn = -DRAW_MS;
  function draw() {
    if (due) return;
    due = true;
    const frame = () => {
      due = false;
      drawn = performance.now();
      const found = shown();
      show(found, !!held);
      const nothing = search.value && !found.length ? `Nothing has “${search.value}” in it.` : "";
      note.textContent = held ? `${missed} more since` : nothing;
    };
    setTimeout(() => requestAnimationFrame(frame), Math.max(0, drawn + DRAW_MS - performance.now()));
  }

  /** @param {Kind} kind @param {import("./entries.js").What} what @param {string} name @param {Letter} letter */
  function add(kind, what, name, letter) {
    const entry = entries.add(kind, what, name, letter);
    missed++;
    if (kind === "error") {
      const message = letter.error?.message ?? letter.data?.message ?? "failed";
      errors.textContent = message.startsWith(`${name}: `) ? message : `${name}: ${message}`;
    }
    draw();
    return entry;
  }

  /** @type {Map<string, { entry: Entry, letter: Letter }>} commands without an answer yet; the client bounds them */
  const open = new Map();
  reactor.on("sent", ({ id, name, args }) => {
    const letter = { at: Date.now(), data: args };
    open.set(id, { letter, entry: add("out", "command", name, letter) });
  });
  reactor.on("answered", ({ id, name, reply, error, ms }) => {
    const sent = open.get(id);
    open.delete(id);
    if (!sent) return;
    Object.assign(sent.letter, { reply, error, ms });
    touch(sent.entry);
    if (error) add("error", "command", name, { ...sent.letter, at: Date.now() });
    draw();
  });
  reactor.on("message", ({ type, data }) => add("in", "message", type, { at: Date.now(), data }));
  reactor.on("notice", ({ type, data }) => {
    const isBad = data?.code || /failed|refused|rejected/i.test(type);
    add(isBad ? "error" : "in", "notice", type, { at: Date.now(), data });
  });
  reactor.on("state", ({ name, ...data }) => {
    const told = Object.fromEntries(Object.entries(data).filter(([key, value]) => value !== null && key !== "retryAt"));
    add("connection", "state", name, { at: Date.now(), data: told });
  });
}
