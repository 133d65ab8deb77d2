// Live figures: how many pictures there are on the way, how long they take and where, and what is lost.
import { FiguresView, megabits, STAGES } from "./figuresview.js";
import { median, Rate, Responses, Ways } from "./measure.js";
import { stalled } from "./stall.js";

/** @typedef {import("../client.js").Reactor} Reactor */
/** @typedef {import("./measure.js").Way} Way */

const SECOND = 1000;
const MINUTE = 60_000;
/** @type {Record<string, string>} the counts of the server that say why a frame or a sound is missing */
const LOSSES = {
  "frames.dropped": "replaced in the queue by newer ones",
  "frames.flushed": "flushed",
  "frames.stale": "made for a session or an epoch that was over",
  "frames.held_too_long": "held too long for their sound",
  "frames.not_finite": "with values that are no numbers",
  "sound.dropped": "of sound that came too fast",
  "input.evicted": "of input that the model did not read",
};

/** What is measured of one picture track. */
class Track {
  ways = new Ways();
  screen = new Rate(SECOND);
  wire = new Rate(SECOND);
  bytes = new Rate(2 * SECOND);
  dropped = new Rate(MINUTE);
  lost = new Rate(MINUTE);
  /** Encoding: how long it took together, in s, and of how many frames. */
  encoding = { seconds: 0, frames: 0, each: /** @type {number | null} */ (null) };
  /** @type {Record<"left" | "encoded" | "received" | "decoded" | "shown", number | null>} when each last happened */
  last = { left: null, encoded: null, received: null, decoded: null, shown: null };
  /** @type {Way[]} of the last notices */
  recent = [];
  totals = { received: 0, decoded: 0 };
  about = "";
}

/**
 * @param {Reactor} reactor
 * @param {{ videos: Map<string, HTMLVideoElement>, onVideos: (tell: (all: Map<string, HTMLVideoElement>) => void) => void, say: (name: string, text: string | null) => void }} pictures
 * @param {HTMLElement} root
 */
export function mountFigures(reactor, pictures, root) {
  /** @type {Map<string, Track>} */
  const tracks = new Map();
  const responses = new Responses();
  /** @type {number[]} */
  let took = [];
  const made = new Rate(SECOND);
  let frames = 0;
  /** @type {Map<string, Rate>} */
  const losses = new Map();
  /** @type {number | null} */
  let told = null;
  /** @type {number[]} */
  let steps = [];
  let asking = false;
  const view = new FiguresView(root);

  const current = () => tracks.get(view.chosen) ?? [...tracks.values()][0];

  pictures.onVideos((videos) => {
    for (const name of tracks.keys()) if (!videos.has(name)) tracks.delete(name);
    for (const [name, video] of videos) {
      if (tracks.has(name)) continue;
      const track = new Track();
      tracks.set(name, track);
      const look = (/** @type {number} */ now, /** @type {VideoFrameCallbackMetadata} */ shown) => {
        if (tracks.get(name) !== track) return;
        video.requestVideoFrameCallback(look);
        track.last.shown = performance.now();
        track.screen.add(now, shown.presentedFrames);
        const frame = reactor.frame(name, shown.rtpTimestamp ?? -1);
        if (frame) track.ways.shown(frame.captured, shown.receiveTime ?? now, shown.expectedDisplayTime);
      };
      video.requestVideoFrameCallback(look);
    }
    view.offer([...tracks.keys()]);
  });

  reactor.watch(true);
  reactor.on("sent", ({ id }) => responses.sent(id, performance.now()));
  reactor.on("frame", ({ track, metadata }) => {
    if (!tracks.has(view.chosen) || track === view.chosen) view.note(metadata);
  });
  reactor.on("state", ({ name }) => {
    if (name === "live") return;
    told = null;
    steps = took = [];
    for (const [name, track] of tracks) {
      Object.assign(track, { ...new Track(), ways: track.ways, screen: track.screen });
      pictures.say(name, null);
    }
    view.clear();
  });
  reactor.on("figures", (figures) => {
    const now = (told = performance.now());
    frames += figures.frames.length + figures.missed;
    made.add(now, frames);
    steps = [...steps, ...figures.frames.flatMap(stepOf)].slice(-60);
    responses.handled(figures.commands);
    for (const [name, count] of Object.entries(figures.counts)) {
      if (!(name in LOSSES)) continue;
      if (!losses.has(name)) losses.set(name, new Rate(MINUTE));
      losses.get(name)?.add(now, count);
    }
    const left = figures.frames.at(-1)?.[3];
    /** @type {Way[]} */
    let ways = [];
    for (const [name, track] of tracks) {
      if (left) track.last.left = reactor.clock.toPage(left);
      const found = track.ways.told(figures.frames, reactor.clock);
      track.recent = [...track.recent, ...found].filter(({ at }) => at > now - SECOND);
      if (name === view.chosen || ways.length === 0) ways = found;
      follow(track, figures.sender?.[name], now);
    }
    took = [...took, ...responses.seen(ways)].slice(-10);
    ask();
    show(figures, now);
  });

  /** @param {Track} track @param {any} sender @param {number} now */
  function follow(track, sender, now) {
    if (!sender) return;
    const { encoding } = track;
    const more = sender.frames_encoded - encoding.frames;
    if (more > 0) {
      if (encoding.frames) encoding.each = (1000 * (sender.encode_seconds - encoding.seconds)) / more;
      track.last.encoded = now;
    }
    Object.assign(encoding, { seconds: sender.encode_seconds, frames: sender.frames_encoded });
    track.about = [sender.codec, sender.encoder, `target ${megabits(sender.bits_per_second)}`]
      .filter(Boolean)
      .join(", ");
  }

  // What the browser counts, asked for as often as the server tells, one question at a time.
  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const stats = await reactor.stats();
      if (!stats) return;
      const { at, connection } = stats;
      view.path(connection);
      for (const [name, track] of tracks) {
        const rtp = stats.tracks[name];
        if (!rtp) continue;
        const { framesReceived = 0, framesDecoded = 0, framesDropped = 0, bytesReceived = 0, packetsLost = 0 } = rtp;
        track.wire.add(at, framesReceived);
        track.bytes.add(at, bytesReceived);
        track.dropped.add(at, framesDropped);
        track.lost.add(at, Math.max(0, packetsLost));
        if (framesReceived > track.totals.received) track.last.received = at;
        if (framesDecoded > track.totals.decoded) track.last.decoded = at;
        track.totals = { received: framesReceived, decoded: framesDecoded };
      }
    } finally {
      asking = false;
    }
  }

  /** @param {any} figures @param {number} now */
  function show(figures, now) {
    const usualStep = median(steps) ?? 0;
    const step = figures.step_us === null ? null : figures.step_us / 1000;
    const period = made.perSecond ? SECOND / made.perSecond : SECOND / figures.fps;
    for (const track of reactor.tracks) {
      const known = tracks.get(track.name);
      if (!known || !("paused" in track)) continue;
      const ages = /** @type {Record<keyof Track["last"], number | null>} */ ({});
      for (const [stage, at] of Object.entries(known.last))
        ages[/** @type {keyof Track["last"]} */ (stage)] = at === null ? null : now - at;
      const why = track.paused || document.hidden ? null : stalled({ told: 0, step, usualStep, period, ...ages });
      pictures.say(track.name, why && `Stalled. ${why.text}`);
    }
    const track = current();
    if (!track) return;
    view.show(now, {
      made: made.perSecond,
      wire: track.wire.perSecond,
      screen: track.last.shown && now - track.last.shown < SECOND ? track.screen.perSecond : 0,
      wanted: figures.fps,
      command: median(took),
      last: took.at(-1) ?? null,
      step: step !== null && step > 3 * usualStep ? step : median(steps),
      waiting: figures.waiting,
      bitrate: track.bytes.perSecond === null ? null : 8 * track.bytes.perSecond,
      parts: split(track),
      uncertain: (reactor.clock.rtt ?? 0) / 2,
      about: track.about,
    });
    view.lose([
      ...[...losses].map(([name, rate]) => /** @type {[number, string]} */ ([rate.grown, LOSSES[name]])),
      [track.dropped.grown, "dropped by the browser"],
      [track.lost.grown, "packets lost on the network"],
    ]);
  }

  // Figures stop when the server does; that, too, is a reason to tell.
  setInterval(() => {
    const age = told === null ? null : performance.now() - told;
    if (age === null || age < 2 * SECOND || reactor.state.name !== "live") return;
    for (const [name, { last }] of tracks) {
      const shown = last.shown === null ? null : performance.now() - last.shown;
      const why = stalled({
        told: age,
        step: null,
        usualStep: 0,
        left: null,
        encoded: null,
        received: null,
        decoded: null,
        shown,
        period: 0,
      });
      if (!document.hidden) pictures.say(name, why && `Stalled. ${why.text}`);
    }
  }, SECOND);
}

/** @param {[number | null, number, number, number]} moments @returns {number[]} */
function stepOf([began, emitted]) {
  return began === null ? [] : [(emitted - began) / 1000];
}

/**
 * The middle times of each stage, over the last second.
 * @param {Track} track
 * @returns {Record<(typeof STAGES)[number], number> | null}
 */
function split({ recent, encoding }) {
  if (!recent.length) return null;
  const middle = (/** @type {"step" | "queue" | "travel" | "decode"} */ part) =>
    median(recent.map((way) => way[part])) ?? 0;
  const travel = middle("travel");
  const encode = Math.min(travel, encoding.each ?? 0);
  return {
    generate: middle("step"),
    queue: middle("queue"),
    encode,
    network: travel - encode,
    decode: middle("decode"),
  };
}
