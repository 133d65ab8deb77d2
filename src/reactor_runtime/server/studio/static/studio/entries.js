// What was said over the connection: the last thousand entries, each one message or several of one type in a row.

/**
 * @typedef {{ at: number, data: any, size?: number, reply?: { type: string, data: any } | null, error?: { code: string, message: string }, ms?: number }} Letter
 *   `reply`, `error` and `ms` are those of a command
 * @typedef {"in" | "out" | "error" | "connection"} Kind
 * @typedef {"command" | "message" | "notice" | "state"} What
 * @typedef {{ kind: Kind, what: What, name: string, count: number, letters: Letter[], version: number, text?: string }} Entry
 *   `letters`: the last few, the newest first; `version` changes with what it says; `text`: see `lineOf`
 */

const ENTRIES = 1000;
const CHARACTERS = 20_000_000; // all of them together, as JSON
const LETTERS = 10; // of one entry are kept
const CUT = 2000; // characters of a line are shown

export class Entries {
  /** @type {Entry[]} the oldest first */
  all = [];
  #sealed = false;
  #size = 0;

  /** @param {Kind} kind @param {What} what @param {string} name @param {Letter} letter @returns {Entry} */
  add(kind, what, name, letter) {
    const last = this.all.at(-1);
    letter.size = json(letter.data).length;
    this.#size += letter.size;
    if (last && !this.#sealed && last.kind === kind && last.what === what && last.name === name && kind !== "error") {
      last.count++;
      last.letters.unshift(letter);
      while (last.letters.length > LETTERS) this.#size -= last.letters.pop()?.size ?? 0;
      touch(last);
      this.#forget();
      return last;
    }
    this.#sealed = false;
    const entry = { kind, what, name, count: 1, letters: [letter], version: 0 };
    this.all.push(entry);
    this.#forget();
    return entry;
  }

  #forget() {
    while (this.all.length > 1 && (this.all.length > ENTRIES || this.#size > CHARACTERS))
      for (const { size = 0 } of this.all.shift()?.letters ?? []) this.#size -= size;
  }

  /** What comes from here on is an entry of its own. */
  seal() {
    this.#sealed = true;
  }

  clear() {
    this.all = [];
    this.#size = 0;
  }
}

/** Says that what an entry says has changed. @param {Entry} entry */
export function touch(entry) {
  entry.version++;
  entry.text = undefined;
}

/** JSON, with a word for each file. @param {any} value @param {number} [indent] */
export function json(value, indent) {
  const plain = (/** @type {string} */ _, /** @type {any} */ item) =>
    item instanceof Blob ? { name: item instanceof File ? item.name : "blob", size: item.size, type: item.type } : item;
  return JSON.stringify(value, plain, indent) ?? "";
}

/** The newest of an entry, on one line. @param {Entry} entry */
export function lineOf(entry) {
  return (entry.text ??= shortened(entry));
}

/** @param {Entry} entry */
function shortened({ what, kind, letters: [{ data, reply, error, ms }] }) {
  const refused = error && `${error.code}: ${error.message}`;
  let line = kind === "error" && refused ? `${refused}  ${json(data)}` : json(data);
  if (what === "command" && kind === "out" && ms !== undefined)
    line += `  ⇒ ${refused ?? (reply ? `${reply.type} ${json(reply.data)}` : "done")}  (${ms.toFixed(0)} ms)`;
  return line.length > CUT ? `${line.slice(0, CUT)}…` : line;
}

/** An entry as one would send it on. @param {Entry} entry */
export function recordOf({ kind, what, name, count, letters: [{ at, data, ...answer }] }) {
  const { code, message } = answer.error ?? {};
  return {
    time: new Date(at).toISOString(),
    direction: what === "state" ? undefined : what === "command" ? "out" : "in",
    what,
    error: answer.error ? { code, message } : kind === "error" || undefined,
    count: count > 1 ? count : undefined,
    type: name,
    data,
    reply: answer.reply,
    ms: answer.ms,
  };
}
