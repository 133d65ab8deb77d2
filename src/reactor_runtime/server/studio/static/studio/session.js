// The bar: which model this is, how the connection stands, and what one can do about that.
import { make } from "./dom.js";
import { watches } from "./known.js";
import { mountTrouble } from "./trouble.js";

/** @typedef {import("../client.js").State} State */

/** @type {Record<string, string>} */
const CONNECTING = {
  http: "Asking the server…",
  session: "Starting the session…",
  signalling: "Agreeing on a connection…",
  ice: "Looking for a way to the server…",
  dtls: "Agreeing on keys…",
  channels: "Opening the channels…",
};
/** @type {Record<string, string>} */
const FAILED = {
  http: "The server does not answer.",
  load: "The model did not load.",
  session: "No session could be started.",
  signalling: "The server took no offer of a connection.",
  ice: "No way to the server was found.",
  dtls: "No encrypted connection came about.",
  channels: "The server opened no channels.",
  lost: "The connection was lost.",
};
const SURE_MS = 3000; // so long a second press ends the session

/**
 * @param {import("../client.js").Reactor} reactor
 * @param {HTMLElement} root
 * @param {HTMLElement} trouble where it says why it does not connect
 */
export function mountSession(reactor, root, trouble) {
  mountTrouble(reactor, trouble);
  const part = (/** @type {string} */ which) => /** @type {HTMLElement} */ (root.querySelector(which));
  const status = part("#status");
  const sentence = make("span");
  const count = make("span", { ariaHidden: "true" }); // seconds, which nobody wants read out
  status.replaceChildren(sentence, count);

  const button = (/** @type {string} */ label, /** @type {string} */ look = "") =>
    make("button", { type: "button", className: look }, label);
  const [connect, leave, now] = [button("Connect", "primary"), button("Disconnect"), button("Try now", "primary")];
  const [ask, sure] = [make("span", {}, "End session"), make("span", {}, "End for all?")];
  const stop = make("button", { type: "button", className: "swap" }, ask, sure);
  // Buttons of one place lie upon each other, so that the bar keeps its width.
  const places = [
    [connect, leave],
    [now, stop],
  ];
  part(".actions").replaceChildren(...places.map((buttons) => make("span", { className: "swap" }, ...buttons)));

  let failure = ""; // of the model, or of new code for it; until new code comes
  let asked = false; // the next schema is the answer to the client's own question
  let ending = false;
  let until = 0; // a second press ends the session until then
  /** @type {number | undefined} */
  let timer;

  connect.onclick = now.onclick = () => void reactor.connect().catch(() => {}); // the state says what comes of it
  leave.onclick = () => reactor.disconnect();
  stop.onclick = async () => {
    if (performance.now() > until) return arm(SURE_MS);
    arm(0);
    ending = true;
    try {
      await reactor.stop();
    } catch (error) {
      ending = false;
      say(`The session could not be ended: ${/** @type {Error} */ (error).message}`, true);
    }
  };

  /** @param {number} ms */
  function arm(ms) {
    until = performance.now() + ms;
    clearTimeout(timer);
    if (ms) timer = setTimeout(() => arm(0), ms);
    ask.classList.toggle("off", ms > 0);
    sure.classList.toggle("off", !ms);
    stop.classList.toggle("sure", ms > 0);
  }

  /** @param {string} text @param {boolean} [bad] */
  function say(text, bad = false) {
    if (sentence.textContent !== text) sentence.textContent = text;
    status.title = text;
    status.classList.toggle("bad", bad);
  }

  /** @param {State} state @returns {[text: string, bad?: boolean]} */
  function told(state) {
    if (state.name === "connecting")
      return state.problem && state.step === "http" ? [FAILED[state.problem.step], true] : [CONNECTING[state.step]];
    if (state.name === "loading") return ["The model is loading…"];
    if (state.name === "waiting") return [FAILED[state.problem.step], true];
    if (state.name === "live") return failure ? [failure, true] : ["Connected."];
    if (ending) return ["You ended the session."];
    if (state.reason === "disconnected") return ["Disconnected."];
    if (state.reason === "stopped") return ["The session was ended, by another client."];
    return [state.problem ? state.problem.message : `The session ended: ${state.reason}`, state.bad];
  }

  let since = 0; // when it began to load
  function counting() {
    const { state } = reactor;
    const seconds = (/** @type {number} */ ms) => Math.max(0, Math.round(ms / 1000));
    let text = "";
    if (state.name === "loading") text = `${seconds(performance.now() - since)} s`;
    if (state.name === "waiting") text = `Next try in ${Math.max(1, seconds(state.retryAt - performance.now()))} s.`;
    if (state.name === "connecting" && state.problem && state.step === "http") text = "Trying…";
    if (count.textContent !== ` ${text}`) count.textContent = ` ${text}`;
  }
  setInterval(counting, 250);

  /** @param {State} state */
  function show(state) {
    if (state.name === "live") [asked, ending] = [true, false];
    else if (state.name !== "connecting" || state.step === "http") failure = "";
    if (state.name === "loading") since = performance.now() - 1000 * state.seconds;
    status.dataset.state = state.name;
    say(...told(state));
    counting();
    const shown = new Set([state.name === "closed" ? connect : leave]);
    if (state.name === "waiting") shown.add(now);
    else if (reactor.session && !watches) shown.add(stop);
    else arm(0);
    for (const buttons of places) {
      const had = buttons.find((each) => each === document.activeElement);
      for (const each of buttons) each.classList.toggle("off", !shown.has(each));
      // Who has pressed a button stays at its place; a hidden one would lose the keyboard.
      if (had && !shown.has(had)) (buttons.find((each) => shown.has(each)) ?? [...shown][0]).focus();
    }
    const name = reactor.model?.name;
    if (name) document.title = part("#model").textContent = part("#model").title = name;
  }

  arm(0);
  reactor.on("state", show);
  reactor.on("notice", ({ type, data }) => {
    if (type !== "run_failed" && type !== "reload_refused") return;
    failure = data.message;
    if (reactor.state.name === "live") say(...told(reactor.state));
  });
  reactor.on("schema", () => {
    if (!asked) failure = "";
    asked = false;
    if (reactor.state.name === "live") say(...told(reactor.state));
  });
  show(reactor.state);
}
