// What is known of one picture track: by the server's notices, by the browser's statistics, and by what the screen shows.
import { megabits } from "./figuresview.js";
import { median, Rate, Ways } from "./measure.js";

/** @typedef {import("./measure.js").Way} Way */
/** @typedef {Record<"left" | "encoded" | "received" | "decoded" | "shown", number | null>} Last */

const SECOND = 1000;
const MINUTE = 60_000;

export class PictureFigures {
  ways = new Ways();
  screen = new Rate(SECOND);
  wire = new Rate(SECOND);
  bytes = new Rate(2 * SECOND);
  dropped = new Rate(MINUTE);
  lost = new Rate(MINUTE);
  /** @type {Last} when each last happened, in ms on performance.now() */
  last = { left: null, encoded: null, received: null, decoded: null, shown: null };
  /** @type {Way[]} of the last second */
  recent = [];
  about = "";
  #encoded = { seconds: 0, frames: 0 };
  /** @type {number | null} ms that encoding takes */
  #encoding = null;
  #totals = { received: 0, decoded: 0 };

  /** A frame is on the screen. @param {number} now @param {VideoFrameCallbackMetadata} frame @param {number | undefined} captured */
  shown(now, { presentedFrames, receiveTime, expectedDisplayTime }, captured) {
    this.last.shown = performance.now();
    this.screen.add(now, presentedFrames);
    if (captured !== undefined) this.ways.shown(captured, receiveTime ?? now, expectedDisplayTime);
  }

  /**
   * The server tells of its frames, and once a second of its sender.
   * @param {any} figures @param {any} sender @param {import("./measure.js").Clock} clock @param {number} now
   * @returns {Way[]} those of frames that the screen has shown
   */
  told(figures, sender, clock, now) {
    const left = figures.frames.at(-1)?.[3];
    if (left) this.last.left = clock.toPage(left);
    const ways = this.ways.told(figures.frames, clock);
    this.recent = [...this.recent, ...ways].filter(({ at }) => at > now - SECOND);
    if (!sender) return ways;
    const had = this.#encoded;
    const more = sender.frames_encoded - had.frames;
    if (more > 0) {
      if (had.frames) this.#encoding = (1000 * (sender.encode_seconds - had.seconds)) / more;
      this.last.encoded = now;
    }
    this.#encoded = { seconds: sender.encode_seconds, frames: sender.frames_encoded };
    const target = `target ${megabits(sender.bits_per_second)}`;
    this.about = [sender.codec, sender.encoder, target].filter(Boolean).join(", ");
    return ways;
  }

  /** What the browser counts of it. @param {number} at @param {Record<string, any>} rtp */
  counted(at, { framesReceived = 0, framesDecoded = 0, framesDropped = 0, bytesReceived = 0, packetsLost = 0 }) {
    this.wire.add(at, framesReceived);
    this.bytes.add(at, bytesReceived);
    this.dropped.add(at, framesDropped);
    this.lost.add(at, Math.max(0, packetsLost));
    if (framesReceived > this.#totals.received) this.last.received = at;
    if (framesDecoded > this.#totals.decoded) this.last.decoded = at;
    this.#totals = { received: framesReceived, decoded: framesDecoded };
  }

  /** How long ago each last happened, in ms. @param {number} now @returns {Last} */
  ages(now) {
    const ages = Object.entries(this.last).map(([stage, at]) => [stage, at === null ? null : now - at]);
    return /** @type {Last} */ (Object.fromEntries(ages));
  }

  /** The middle times of each stage, over the last second; null where none is known. */
  split() {
    if (!this.recent.length) return null;
    const middle = (/** @type {"step" | "queue" | "travel" | "decode"} */ part) =>
      median(this.recent.map((way) => way[part])) ?? 0;
    const travel = middle("travel");
    const encode = Math.min(travel, this.#encoding ?? 0);
    return {
      generate: middle("step"),
      queue: middle("queue"),
      encode,
      network: travel - encode,
      decode: middle("decode"),
    };
  }
}
