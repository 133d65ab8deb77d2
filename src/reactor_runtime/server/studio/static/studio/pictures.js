// What the model shows: a tile for each picture, and a row for each sound.
import { make, store } from "./dom.js";
import { iconButton, icon } from "./icons.js";
import { modelName, onTracks } from "./known.js";
import { fileName, save } from "./saving.js";
import { mountSound } from "./sound.js";

/** @typedef {import("../client.js").Reactor} Reactor */
/** @typedef {import("../client.js").Track} Track */

const NONE_YET_MS = 2000; // a picture that takes longer to come is worth a word

/** @param {Reactor} reactor @param {HTMLElement} root */
export function mountPictures(reactor, root) {
  /** @type {Map<string, Tile>} */
  let tiles = new Map();
  /** @type {Map<string, HTMLVideoElement>} */
  const videos = new Map();
  /** @type {Set<(all: typeof videos) => void>} */
  const listeners = new Set();
  const grid = make("div", { className: "tiles" });
  root.replaceChildren(grid);
  mountSound(reactor, root);

  onTracks(reactor, { kind: "video", direction: "out" }, (tracks) => {
    const had = tiles;
    tiles = new Map(tracks.map(({ name }) => [name, had.get(name) ?? new Tile(reactor, name)]));
    videos.clear();
    for (const track of tracks) {
      const tile = /** @type {Tile} */ (tiles.get(track.name));
      if (!("stream" in track)) continue; // its place is kept; what it is shows once there is a connection
      tile.hold(track);
      videos.set(track.name, tile.video);
    }
    for (const [name, tile] of had) if (!tiles.has(name)) tile.close();
    const elements = [...tiles.values()].map(({ root }) => root);
    // A video that is taken out and put back stops for a moment.
    if (elements.some((element, index) => element !== grid.children[index]) || elements.length < grid.childElementCount)
      grid.replaceChildren(...elements);
    for (const tell of listeners) tell(videos);
  });

  return {
    videos,
    /** Calls `tell` with the videos there are, at once and whenever others are. @param {(all: typeof videos) => void} tell */
    onVideos(tell) {
      listeners.add(tell);
      tell(videos);
      return () => void listeners.delete(tell);
    },
    point,
    /** A line over a picture; null leaves it to what is known here. @param {string} name @param {string | null} text */
    say: (name, text) => tiles.get(name)?.say(text),
  };
}

/**
 * Where on the picture of a video an event is: 0..1 from the left and from the top. Null where there is no picture, or
 * in the bars beside it; a drag that began on the picture stays at its edge.
 * @param {HTMLVideoElement} video @param {MouseEvent} event
 */
export function point(video, event) {
  const { videoWidth, videoHeight } = video;
  if (!isPicture(videoWidth, videoHeight)) return null;
  const box = video.getBoundingClientRect();
  const scale = Math.min(box.width / videoWidth, box.height / videoHeight);
  const x = 0.5 + (event.clientX - box.left - box.width / 2) / (scale * videoWidth);
  const y = 0.5 + (event.clientY - box.top - box.height / 2) / (scale * videoHeight);
  const inside = (/** @type {number} */ part) => Math.min(1, Math.max(0, part));
  const drags = event instanceof PointerEvent && video.hasPointerCapture(event.pointerId);
  if (!drags && (x !== inside(x) || y !== inside(y))) return null;
  return { x: inside(x), y: inside(y) };
}

// Before the first frame of a model an engine may show a black one of two pixels.
const isPicture = (/** @type {number} */ width, /** @type {number} */ height) => width > 2 && height > 2;

/** One picture, with what can be done with it. */
class Tile {
  /** @type {Track | null} */
  #track = null;
  #reactor;
  #name;
  #late = false; // no picture has come over this connection, and one should have
  #asks = false; // the video will tell of its next frame
  /** @type {string | null} */
  #said = null;
  #ratio = store("ratio:", 16 / 9);
  /** @type {number | undefined} */
  #timer;
  #off = () => {};

  /** @param {Reactor} reactor @param {string} name of the track */
  constructor(reactor, name) {
    this.#reactor = reactor;
    this.#name = name;
    this.video = make("video", { autoplay: true, playsInline: true, muted: true, ariaLabel: name });
    this.line = make("p", { className: "line" });
    this.spoken = make("p", { className: "visually-hidden", role: "status" }); // without seconds that go on
    this.size = make("span", { className: "dim" });
    this.pause = iconButton("pause", `Pause ${name}`);
    this.shot = iconButton("shot", `Save a picture of ${name}`);
    const full = iconButton("full", `${name} on the full screen`);
    const caption = make("figcaption", {}, make("span", { className: "name" }, name), this.size);
    caption.append(make("span", { className: "icons" }, this.pause, this.shot, full));
    this.frame = make("div", { className: "frame" }, this.video, this.line, this.spoken);
    this.root = make("figure", { className: "tile" }, this.frame, caption);
    this.pause.disabled = this.shot.disabled = true;

    this.video.onresize = () => this.#measure();
    this.pause.onclick = () => {
      if (this.#track?.paused) this.#track.resume();
      else this.#track?.pause();
      this.#show();
    };
    this.shot.onclick = () => this.#save();
    full.onclick = () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen());
    full.hidden = !document.fullscreenEnabled;
    this.#recall();
  }

  /** @param {Track} track */
  hold(track) {
    this.#recall();
    if (this.#track === track) return;
    this.#off();
    this.#track = track;
    this.video.srcObject = track.stream;
    this.#off = this.#reactor.on("state", () => this.#follow());
    this.#follow();
  }

  close() {
    this.#off();
    clearTimeout(this.#timer);
    this.video.srcObject = null;
  }

  /** @param {string | null} text */
  say(text) {
    this.#said = text;
    this.#show();
  }

  /** With the connection, it begins to wait for a first picture. */
  #follow() {
    const live = this.#reactor.state.name === "live";
    clearTimeout(this.#timer);
    this.#late = false;
    this.root.classList.toggle("live", live);
    if (live) {
      this.#await();
      this.#timer = setTimeout(() => {
        this.#late = true;
        this.#show();
      }, NONE_YET_MS);
      this.video.play().catch(() => {}); // it plays by itself, but where a browser has stopped it meanwhile
    }
    this.#show();
  }

  #await() {
    if (this.#asks) return;
    this.#asks = true;
    this.video.requestVideoFrameCallback((_, { width, height }) => {
      this.#asks = false;
      if (this.#reactor.state.name !== "live") return;
      if (!isPicture(width, height)) return this.#await();
      this.#late = false;
      clearTimeout(this.#timer);
      this.#measure();
      this.#show();
    });
  }

  #measure() {
    const { videoWidth, videoHeight } = this.video;
    if (!isPicture(videoWidth, videoHeight)) return;
    this.size.textContent = `${videoWidth}×${videoHeight}`;
    this.#ratio.set(videoWidth / videoHeight);
    this.#shape();
  }

  /** The shape that the picture of this name had the last time. */
  #recall() {
    this.#ratio = store(`ratio:${modelName(this.#reactor)}:${this.#name}`, 16 / 9);
    this.#shape();
  }

  #shape() {
    this.frame.style.setProperty("--ratio", String(this.#ratio.get()));
  }

  #show() {
    const paused = !!this.#track?.paused;
    const live = this.#reactor.state.name === "live";
    const own = !live ? "" : paused ? "Paused." : this.#late ? "The model has not sent a picture yet." : "";
    const text = this.#said ?? own;
    if (this.line.textContent !== text) this.line.textContent = text;
    const spoken = text.replace(/ (for )?[\d.]+ m?s\b/g, "");
    if (this.spoken.textContent !== spoken) this.spoken.textContent = spoken;
    this.shot.disabled = !live || !isPicture(this.video.videoWidth, this.video.videoHeight);
    this.pause.disabled = !live;
    const label = `${paused ? "Resume" : "Pause"} ${this.#name}`;
    if (this.pause.ariaLabel === label) return;
    this.pause.ariaLabel = this.pause.title = label;
    this.pause.replaceChildren(icon(paused ? "play" : "pause"));
  }

  /** The picture that is shown, pixel for pixel. */
  #save() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const canvas = make("canvas", { width, height });
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    canvas.toBlob((blob) => blob && save(blob, fileName([this.#reactor.model?.name, this.#name], "png")));
  }
}
