// Live figures: how many pictures there are on the way, how long they take and where, what is lost, and what stands still.
import { FiguresView } from "./figuresview.js";
import { median, Rate, Responses } from "./measure.js";
import { PictureFigures } from "./picturefigures.js";
import { stalled } from "./stall.js";

/** @typedef {import("../client.js").Reactor} Reactor */
/** @typedef {import("./measure.js").Way} Way */
/**
 * @typedef {object} Pictures
 * @property {Map<string, HTMLVideoElement>} videos
 * @property {(tell: (all: Map<string, HTMLVideoElement>) => void) => unknown} onVideos
 * @property {(name: string, text: string | null) => void} say
 */

const SECOND = 1000;
const MINUTE = 60_000;
const SILENCE = 2 * SECOND; // without a notice, what was told before is no longer true
/** @type {Record<string, string>} the counts of the server that say why a frame or a sound is missing */
const LOSSES = {
  "frames.dropped": "replaced in the queue by newer ones",
  "frames.flushed": "thrown away by a flush",
  "frames.stale": "made before a flush, or for a session that was over",
  "frames.held_too_long": "held too long for their sound",
  "frames.overtaken_at_encoder": "overtaken by newer ones before the encoder",
  "frames.left_out_for_bandwidth": "left out for slow networks",
  "frames.late_for_bandwidth": "late for slow networks",
  "frames.rests_for_bandwidth": "rests for slow networks",
  "frames.not_finite": "with values that are no numbers",
  "sound.dropped": "pieces of sound that came too fast",
  "input.evicted": "of input that the model did not read",
};

/** @param {Reactor} reactor @param {Pictures} pictures @param {HTMLElement} root */
export function mountFigures(reactor, pictures, root) {
  const view = new FiguresView(root);
  /** @type {Map<string, PictureFigures>} */
  const tracks = new Map();
  const responses = new Responses();
  /** @type {Map<string, Rate>} */
  const losses = new Map();
  let made = new Rate(SECOND);
  let frames = 0;
  /** @type {number[]} ms of the last commands until they could be seen */
  let took = [];
  /** @type {number[]} ms of the last steps */
  let steps = [];
  let live = 0; // since when there is a connection
  /** @type {number | null} when the server last told */
  let told = null;

  pictures.onVideos((videos) => {
    for (const name of tracks.keys()) if (!videos.has(name)) tracks.delete(name);
    for (const [name, video] of videos) {
      if (tracks.has(name)) continue;
      tracks.set(name, new PictureFigures());
      const look = (/** @type {number} */ now, /** @type {VideoFrameCallbackMetadata} */ frame) => {
        if (pictures.videos.get(name) !== video) return;
        video.requestVideoFrameCallback(look);
        tracks.get(name)?.shown(now, frame, reactor.frame(name, frame.rtpTimestamp ?? -1)?.captured);
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
    if (name === "live") return void (live = performance.now());
    told = null;
    steps = took = [];
    made = new Rate(SECOND);
    for (const name of tracks.keys()) {
      tracks.set(name, new PictureFigures());
      pictures.say(name, null);
    }
    view.clear();
  });
  document.addEventListener("visibilitychange", () => {
    // Nothing is drawn in a tab that is not seen.
    for (const { last } of tracks.values()) if (last.shown !== null) last.shown = performance.now();
  });

  reactor.on("figures", (figures) => {
    const now = (told = performance.now());
    frames += figures.frames.length + figures.missed;
    made.add(now, frames);
    steps = [...steps, ...figures.frames.flatMap(stepOf)].slice(-60);
    responses.handled(figures.commands);
    for (const name of Object.keys(LOSSES)) {
      const count = figures.counts[name];
      if (count === undefined) continue;
      if (!losses.has(name)) losses.set(name, new Rate(MINUTE));
      losses.get(name)?.add(now, count);
    }
    /** @type {Way[]} */
    let ways = [];
    for (const [name, track] of tracks) {
      const found = track.told(figures, figures.sender?.[name], reactor.clock, now);
      if (name === view.chosen || ways.length === 0) ways = found;
    }
    const seen = responses.seen(ways);
    took = [...took, ...seen].slice(-10);
    ask();
    const step = figures.step_us === null ? null : figures.step_us / 1000;
    judge(now, step);
    show(figures, now, step, seen.at(-1) ?? null);
  });

  let asking = false;
  // What the browser counts, asked for as often as the server tells, one question at a time.
  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const stats = await reactor.stats();
      if (!stats) return;
      view.path(stats.connection);
      for (const [name, track] of tracks) if (stats.tracks[name]) track.counted(stats.at, stats.tracks[name]);
    } finally {
      asking = false;
    }
  }

  /** Says over each picture what holds it up. @param {number} now @param {number | null} step */
  function judge(now, step) {
    const period = made.perSecond ? SECOND / made.perSecond : 0;
    for (const track of reactor.tracks) {
      const known = tracks.get(track.name);
      if (!known || told === null) continue;
      const ages = known.ages(now);
      ages.shown ??= now - live; // a first picture is waited for since then
      const stages = { told: now - told, step, usualStep: median(steps), period, ...ages };
      const why = track.paused || document.hidden ? null : stalled(stages);
      pictures.say(track.name, why && `Stalled. ${why.text}`);
    }
  }

  /** @param {any} figures @param {number} now @param {number | null} step @param {number | null} response */
  function show(figures, now, step, response) {
    const track = tracks.get(view.chosen) ?? [...tracks.values()][0];
    if (!track) return;
    const usualStep = median(steps);
    view.show(now, {
      made: made.perSecond,
      wire: track.wire.perSecond,
      screen: track.last.shown && now - track.last.shown < SECOND ? track.screen.perSecond : 0,
      wanted: figures.fps,
      command: median(took),
      last: took.at(-1) ?? null,
      response,
      step: step !== null && step > 3 * (usualStep ?? Infinity) ? step : usualStep,
      waiting: figures.waiting,
      bitrate: track.bytes.perSecond === null ? null : 8 * track.bytes.perSecond,
      parts: track.split(),
      uncertain: (reactor.clock.rtt ?? 0) / 2,
      about: track.about,
    });
    view.lose([
      ...[...losses].map(([name, rate]) => /** @type {[number, string]} */ ([rate.grown, LOSSES[name]])),
      [track.dropped.grown, "dropped by the browser"],
      [track.lost.grown, "packets lost on the network"],
    ]);
  }

  // The server's silence is a reason to tell, too.
  setInterval(() => {
    const now = performance.now();
    if (told === null || now - told < SILENCE || reactor.state.name !== "live") return;
    view.clear();
    judge(now, null);
  }, SECOND);
}

/** @param {[number | null, number, number, number]} moments @returns {number[]} */
function stepOf([began, emitted]) {
  return began === null ? [] : [(emitted - began) / 1000];
}
