// The rows of the log: what is drawn of its entries.
import { clockTime, make } from "./dom.js";
import { json, lineOf } from "./entries.js";
import { iconButton } from "./icons.js";

/** @typedef {import("./entries.js").Entry} Entry */
/** @typedef {{ entry: Entry, li: HTMLLIElement, line: HTMLButtonElement, parts: HTMLElement[], whole: HTMLPreElement | null, version: number }} Row */

const ROWS = 200; // at most are in the document
const LAST_ROWS = 40; // while it goes with what comes: more than can be seen
const WHOLE = 200_000; // characters at most are shown of what is opened
/** @type {Record<string, [arrow: string, words: string]>} */
const ARROWS = { in: ["←", "received"], out: ["→", "sent"], error: ["!", "error"], connection: ["·", "connection"] };

/**
 * @param {HTMLOListElement} list
 * @param {(entry: Entry, button: HTMLElement) => void} openMenu
 * @param {() => void} redraw asks for a drawing, as more of the entries can be seen
 * @returns {(entries: Entry[], still: boolean) => void} shows the last of these; `still`: they are looked at, and no
 *   others come
 */
export function logRows(list, openMenu, redraw) {
  /** @type {Map<Entry, Row>} */
  const rows = new Map();
  list.onclick = ({ target }) => {
    if (!(target instanceof Element)) return;
    const row = [...rows.values()].find(({ li }) => li.contains(target));
    const button = target.closest("button");
    if (!row || !button) return;
    if (button === row.line) toggle(row);
    else openMenu(row.entry, button);
  };
  let follows = true; // it is at its end, and goes with it
  list.onscroll = () => {
    const did = follows;
    follows = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    if (did !== follows) redraw();
  };

  return (entries, still) => {
    const wanted = new Set(entries.slice(follows && !still ? -LAST_ROWS : -ROWS));
    // What is being read stays where it is, whatever goes above it.
    const read = follows
      ? undefined
      : [...rows.values()].find(({ entry, li }) => wanted.has(entry) && isBelow(li, list));
    const place = read && read.li.offsetTop;
    for (const [entry, { li }] of rows) {
      if (wanted.has(entry)) continue;
      if (li.contains(document.activeElement)) list.focus(); // the keyboard stays in the log
      li.remove();
      rows.delete(entry);
    }
    let next = list.firstElementChild;
    for (const entry of wanted) {
      let row = rows.get(entry);
      if (row) next = row.li.nextElementSibling;
      else {
        rows.set(entry, (row = makeRow(entry)));
        list.insertBefore(row.li, next);
      }
      if (row.version !== entry.version) fill(row);
    }
    if (follows) list.scrollTop = list.scrollHeight;
    else if (read && place !== undefined) list.scrollTop += read.li.offsetTop - place;
  };
}

/** Whether some of a row is seen, or comes after what is. @param {HTMLElement} li @param {HTMLElement} list */
const isBelow = (li, list) => li.offsetTop - list.offsetTop + li.offsetHeight > list.scrollTop;

/** @param {Entry} entry @returns {Row} */
function makeRow(entry) {
  const { kind, what, name } = entry;
  const [arrow, words] = ARROWS[kind];
  const [time, count, text] = [make("time"), make("span", { className: "count" }), make("span", { className: "text" })];
  const sign = make("span", { role: "img", ariaLabel: words }, arrow);
  const title = make("span", { className: "name" }, sign, ` ${name} `);
  const line = make("button", { type: "button", className: "line", ariaExpanded: "false" }, time, title, count, text);
  const copies = iconButton("copy", `Copy ${name}`);
  copies.ariaHasPopup = "menu";
  const li = make("li", { className: `${kind} ${what}` }, line, copies);
  return { entry, li, line, parts: [time, count, text], whole: null, version: -1 };
}

/** @param {Row} row */
function fill(row) {
  const { entry, whole } = row;
  const [time, count, text] = row.parts;
  row.version = entry.version;
  time.textContent = `${clockTime(new Date(entry.letters[0].at))} `;
  count.textContent = entry.count > 1 ? `×${entry.count} ` : "";
  text.textContent = lineOf(entry);
  if (whole) whole.textContent = wholeOf(entry);
}

/** @param {Row} row */
function toggle(row) {
  const open = !row.whole;
  row.line.ariaExpanded = String(open);
  row.whole?.remove();
  row.whole = open ? make("pre", { tabIndex: 0, ariaLabel: `${row.entry.name}, whole` }, wholeOf(row.entry)) : null;
  if (!row.whole) return;
  row.li.append(row.whole);
  row.li.scrollIntoView({ block: "nearest" });
}

/** All that is kept of an entry, the newest first. @param {Entry} entry */
function wholeOf({ count, letters }) {
  const texts = letters.map(({ at, data, reply, error, ms }) => {
    const lines = [json(data, 2)];
    if (ms !== undefined) lines.push(`⇒ after ${ms.toFixed(1)} ms:`);
    if (error) lines.push(`${error.code}: ${error.message}`);
    else if (ms !== undefined) lines.push(reply ? `${reply.type} ${json(reply.data, 2)}` : "done");
    return (count > 1 ? `— ${clockTime(new Date(at))}\n` : "") + lines.join("\n");
  });
  if (count > letters.length) texts.push(`— and ${count - letters.length} before`);
  const all = texts.join("\n");
  return all.length > WHOLE
    ? `${all.slice(0, WHOLE)}… and ${all.length - WHOLE} characters more; a copy has them all`
    : all;
}
