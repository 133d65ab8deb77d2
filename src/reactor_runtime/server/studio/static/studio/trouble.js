// Why it does not connect: how far it came, what failed there, and what to do about it.
import { make } from "./dom.js";

/** @typedef {import("../client.js").Problem} Problem */

/** @type {[step: string, name: string][]} */
const STEPS = [
  ["http", "The server answers"],
  ["load", "The model is loaded"],
  ["session", "A session"],
  ["signalling", "Offer and answer (signalling)"],
  ["ice", "A way for pictures and sound (ICE)"],
  ["dtls", "Encryption (DTLS)"],
  ["channels", "The channels for commands"],
  ["frame", "The first picture"],
];
/** @type {Record<string, [mark: string, words: string]>} */
const MARKS = { done: ["✓", "done"], failed: ["✗", "failed"], ahead: ["·", "not reached"] };

/** @param {import("../client.js").Reactor} reactor @param {HTMLElement} root */
export function mountTrouble(reactor, root) {
  let shown = "";
  reactor.on("state", (state) => {
    const problem = "problem" in state ? state.problem : null;
    root.hidden = !problem;
    const text = JSON.stringify(problem);
    if (!problem || text === shown) return;
    shown = text; // what says the same stays, with what is selected in it
    root.replaceChildren(...explained(problem));
  });
}

/** @param {Problem} problem */
function explained({ step, message, advice, pairs }) {
  const failed = STEPS.findIndex(([name]) => name === step); // none, where it was connected and is no more
  const steps = STEPS.map(([, name], index) => {
    const is = index < failed ? "done" : index === failed ? "failed" : "ahead";
    const [mark, words] = MARKS[is];
    const sign = make("span", { className: "sign", role: "img", ariaLabel: words }, mark);
    return make("li", { className: is, ariaCurrent: is === "failed" ? "step" : null }, sign, name);
  });
  const told = step === "load" ? "pre" : "p"; // the model's own error keeps its lines
  const words = make("div", {}, make(told, { className: "message", tabIndex: step === "load" ? 0 : null }, message));
  words.append(make("p", {}, advice));
  if (pairs.length) words.append(table(pairs));
  const title = make("h2", {}, failed < 0 ? "The connection was lost" : "Why it does not connect");
  return [title, failed >= 0 && make("ol", {}, ...steps), words].filter((part) => part !== false);
}

/** @param {Problem["pairs"]} pairs */
function table(pairs) {
  const row = (/** @type {"th" | "td"} */ cell, /** @type {string[]} */ texts) =>
    make("tr", {}, ...texts.map((text) => make(cell, {}, text)));
  const rows = pairs.map(({ local, remote, protocol, state }) => row("td", [local, remote, protocol, state]));
  const caption = make("caption", {}, "The pairs of addresses that were tried");
  const head = make("thead", {}, row("th", ["This browser", "The server", "Protocol", "State"]));
  const all = make("table", {}, caption, head, make("tbody", {}, ...rows));
  return make("div", { className: "pairs", tabIndex: 0, role: "group", ariaLabel: "The pairs tried" }, all);
}
