// The figures as they stand on the page.
import { watches } from "./known.js";
import { make } from "./dom.js";
import { Plot } from "./plots.js";

const STAGES = /** @type {const} */ (["generate", "queue", "encode", "network", "decode"]);

const LONGEST = 300; // characters of a frame's metadata

/** @param {number} bits */
export function megabits(bits) {
  return `${(bits / 1e6).toFixed(bits < 1e6 ? 2 : 1)} Mbit/s`;
}

/** @param {number | null} value */
const ms = (value) => (value === null ? "–" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);
/** @param {number | null} value */
const rate = (value) => (value === null ? "–" : value.toFixed(1));

export class FiguresView {
  #tiles = Object.fromEntries(
    [
      [
        "command",
        "Command to visible",
        "From sending a command until the first picture of a step that began after its handler is on the screen: the middle of the last ten",
      ],
      ["picture", "Emitted to visible", "From emit() until the picture is on the screen"],
      ["frames", "Frames a second", "Out of the model, received, and on the screen"],
      ["step", "Model step", "From the end of one emit() to the next one: what the model takes for one output"],
      ["bitrate", "Bit rate", "Of this picture, as received"],
    ].map(([key, title, help]) => {
      const value = make("dd", { className: "value" }, "–");
      const more = make("dd", { className: "more" }, "\u00a0");
      const plot = new Plot(title);
      return [key, { title, help, value, more, plot }];
    }),
  );
  #legend = Object.fromEntries(STAGES.map((stage) => [stage, make("b", {}, "–")]));
  #losses = make("p", { className: "losses" }, "\u00a0");
  #path = make("p", { className: "path" }, "\u00a0");
  #metadata = make("p", { className: "metadata mono", hidden: true });
  /** @type {Record<string, any> | null} */
  #noted = null;
  #about = "";
  #choice = make("select", { ariaLabel: "Figures of", hidden: true });
  #bar;
  #beats = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    root.querySelector("h2")?.append(this.#choice);
    this.#bar = make("div", { className: "split", role: "img", ariaLabel: "Where the time goes" });
    root.append(
      make(
        "div",
        { className: "figures" },
        ...Object.values(this.#tiles).map(({ title, help, value, more, plot }) =>
          make("dl", { title: help }, make("dt", {}, title), value, more, make("dd", {}, plot.root)),
        ),
      ),
      this.#bar,
      make(
        "p",
        { className: "legend" },
        ...STAGES.map((stage) => make("span", { className: stage }, stage, " ", this.#legend[stage])),
      ),
      this.#losses,
      this.#path,
      this.#metadata,
    );
  }

  get chosen() {
    return this.#choice.value;
  }

  /** @param {string[]} names */
  offer(names) {
    const { value } = this.#choice;
    this.#choice.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
    if (names.includes(value)) this.#choice.value = value;
    this.#choice.hidden = names.length < 2;
  }

  clear() {
    for (const { value, more } of Object.values(this.#tiles)) {
      value.textContent = "–";
      more.textContent = "\u00a0";
    }
    for (const stage of STAGES) {
      this.#legend[stage].textContent = "–";
      this.#bar.style.setProperty(`--${stage}`, "0%");
    }
    this.#losses.textContent = this.#path.textContent = "\u00a0";
    this.#noted = null;
    this.#metadata.hidden = true;
  }

  /** @param {number} now @param {Record<string, any>} figures */
  show(now, { made, wire, screen, wanted, command, last, response, step, waiting, bitrate, parts, uncertain, about }) {
    const age = parts && parts.queue + parts.encode + parts.network + parts.decode;
    const plotted = { command: response, picture: age, frames: screen, step, bitrate: bitrate && bitrate / 1e6 };
    for (const [key, value] of Object.entries(plotted)) this.#tiles[key].plot.add(now, value);
    this.#about = about;
    if (this.#beats++ % 2) return; // twice a second is as fast as one reads
    if (this.#noted) {
      this.#metadata.hidden = false;
      this.#metadata.textContent = `metadata ${JSON.stringify(this.#noted).slice(0, LONGEST)}`;
    }
    const say = (/** @type {string} */ key, /** @type {string} */ value, more = "\u00a0") => {
      this.#tiles[key].value.textContent = value;
      this.#tiles[key].more.textContent = more;
    };
    say("command", ms(command), last === null ? (watches ? "" : "send one") : `the last ${ms(last)}`);
    say("picture", ms(age), age === null ? "\u00a0" : `±${ms(uncertain)}`);
    say("frames", rate(screen), `model ${rate(made)} of ${rate(wanted)}, received ${rate(wire)}`);
    say("step", ms(step), `${waiting} waiting`);
    say("bitrate", bitrate === null ? "–" : megabits(bitrate), about.split(",")[0] || "\u00a0");
    const all = parts ? STAGES.reduce((sum, stage) => sum + parts[stage], 0) : 0;
    let reached = 0;
    for (const stage of STAGES) {
      reached += parts ? parts[stage] : 0;
      this.#legend[stage].textContent = ms(parts && parts[stage]);
      this.#bar.style.setProperty(`--${stage}`, `${all ? (100 * reached) / all : 0}%`);
    }
    this.#bar.ariaLabel = parts
      ? `Where the time goes: ${STAGES.map((stage) => `${stage} ${ms(parts[stage])}`).join(", ")}`
      : "Where the time goes: not known yet";
  }

  /** What came with the newest frame. @param {Record<string, any> | null} metadata */
  note(metadata) {
    this.#noted = metadata;
  }

  /** @param {[count: number, what: string][]} losses  of the last minute */
  lose(losses) {
    const told = losses.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    this.#losses.textContent = told.length
      ? `Lost in the last minute: ${told.join(", ")}.`
      : "Nothing lost in the last minute.";
    this.#losses.classList.toggle("warn", told.length > 0);
  }

  /** @param {Record<string, any>} pair */
  path({ local, remote, currentRoundTripTime }) {
    if (!remote) return;
    const trip = currentRoundTripTime === undefined ? "" : `, ${ms(1000 * currentRoundTripTime)} there and back`;
    const ends = `${local?.candidateType ?? "?"} to ${remote.candidateType ?? "?"} over ${remote.protocol ?? "?"}`;
    this.#path.textContent = `${ends}${trip}${this.#about && `; ${this.#about}`}`;
  }
}
