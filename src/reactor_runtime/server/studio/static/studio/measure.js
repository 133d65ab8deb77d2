// What is measured of one picture track: which frame the screen shows, and when it was made, sent, received.

/**
 * The way of a frame that was shown. Times in ms, on performance.now() where they are moments.
 * @typedef {object} Way
 * @property {number} from  µs, the server's media clock: when its step began, or it was emitted where none did
 * @property {number} step  from the beginning of its step to emit()
 * @property {number} queue  from emit() until it was sent: its conversion, and the wait for its time
 * @property {number} travel  from there until the browser had all of it: its encoding, and the network
 * @property {number} decode  from there until it is on the screen
 * @property {number} at  when it is on the screen
 */

/** @typedef {[began: number | null, emitted: number, ready: number, left: number]} Moments  µs */
/** @typedef {import("../client.js").Reactor["clock"]} Clock */

const KEPT = 512; // of frames that were told of and not shown, or the other way round
const PATIENCE = 10_000; // ms until a command that nothing was seen of is given up
const COMMANDS = 64;

/** Brings together what the server tells of frames and what the browser does, by their capture times. */
export class Ways {
  /** @type {Map<number, Moments>} */
  #told = new Map();
  /** @type {{ captured: number, received: number, at: number }[]} */
  #shown = [];

  /** @param {number} captured @param {number} received @param {number} at */
  shown(captured, received, at) {
    this.#shown.push({ captured, received, at });
    if (this.#shown.length > KEPT) this.#shown.shift();
  }

  /**
   * @param {Moments[]} frames
   * @param {Clock} clock
   * @returns {Way[]} those of frames that both sides have told of since, in the order they were shown
   */
  told(frames, clock) {
    for (const moments of frames) this.#told.set(moments[3], moments);
    for (const left of this.#told.keys()) if (this.#told.size > KEPT) this.#told.delete(left);
    /** @type {Way[]} */
    const ways = [];
    this.#shown = this.#shown.filter((shown) => {
      const moments = this.#told.get(shown.captured);
      const left = moments && clock.toPage(moments[3]);
      if (!moments || !left) return true;
      this.#told.delete(shown.captured);
      const [began, emitted] = moments;
      ways.push({
        from: began ?? emitted,
        step: began === null ? 0 : (emitted - began) / 1000,
        queue: (moments[3] - emitted) / 1000,
        travel: Math.max(0, shown.received - left), // the two clocks are compared to a part of the round trip
        decode: shown.at - shown.received,
        at: shown.at,
      });
      return false;
    });
    return ways;
  }
}

/** How long commands take until a frame shows what they did. */
export class Responses {
  /** @type {Map<string, number>} */
  #sent = new Map();
  /** @type {{ handled: number, sent: number }[]} */
  #handled = [];

  /** @param {string} id @param {number} at */
  sent(id, at) {
    this.#sent.set(id, at);
    for (const old of this.#sent.keys()) if (this.#sent.size > COMMANDS) this.#sent.delete(old);
  }

  /** @param {[id: string, handled: number][]} commands */
  handled(commands) {
    for (const [id, handled] of commands) {
      const sent = this.#sent.get(id);
      this.#sent.delete(id);
      if (sent !== undefined) this.#handled.push({ handled, sent });
    }
    this.#handled = this.#handled.slice(-COMMANDS);
  }

  /** @param {Way[]} ways @returns {number[]} ms of each command that one of them shows */
  seen(ways) {
    /** @type {number[]} */
    const took = [];
    const now = performance.now();
    this.#handled = this.#handled.filter(({ handled, sent }) => {
      const way = ways.find(({ from }) => from >= handled);
      if (way) took.push(way.at - sent);
      return !way && now - sent < PATIENCE;
    });
    return took;
  }
}

/** How much a number that only grows has grown lately. */
export class Rate {
  /** @type {[at: number, total: number][]} */
  #points = [];

  /** @param {number} span  ms to look back */
  constructor(span) {
    this.span = span;
  }

  /** @param {number} at @param {number} total */
  add(at, total) {
    const last = this.#points.at(-1);
    if (last && total < last[1]) this.#points = []; // another connection counts anew
    this.#points.push([at, total]);
    while (this.#points.length > 2 && at - this.#points[1][0] >= this.span) this.#points.shift();
  }

  /** By how much it has grown over the span. */
  get grown() {
    return this.#span(1);
  }

  /** By how much a second; null while that is not known. */
  get perSecond() {
    const time = this.#span(0);
    return time ? (1000 * this.grown) / time : null;
  }

  /** @param {0 | 1} of */
  #span(of) {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    return first && last ? last[of] - first[of] : 0;
  }
}

/** The middle one. @param {number[]} values */
export function median(values) {
  return values.length ? [...values].sort((a, b) => a - b)[values.length >> 1] : null;
}
