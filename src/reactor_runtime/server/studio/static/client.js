// @ts-check
/**
 * The browser's client of a Reactor server: one module without a dependency, for any page.
 *
 *     import { connect } from "http://127.0.0.1:8080/client.js";
 *     const reactor = await connect();
 *     video.srcObject = reactor.tracks.find(({ kind }) => kind === "video").stream;
 *     await reactor.command("set_palette", { palette: "gold" });
 *
 * A lost connection comes back by itself, also after the server has been restarted; tracks, sources and listeners stay.
 *
 * @typedef {"http" | "session" | "load" | "signalling" | "ice" | "dtls" | "channels" | "lost"} Step
 * @typedef {{ local: string, remote: string, state: string, protocol: string }} Pair  two addresses that were tried
 * @typedef {{ step: Step, message: string, advice: string, pairs: Pair[] }} Problem
 * @typedef {(
 *   | { name: "connecting", step: Step, problem: Problem | null }
 *   | { name: "loading", seconds: number }
 *   | { name: "live" }
 *   | { name: "waiting", problem: Problem, retryAt: number, attempt: number }
 *   | { name: "closed", reason: string, bad: boolean, problem: Problem | null }
 * )} State  `retryAt` is on performance.now(); a `problem` in "connecting" is why the attempt before it failed
 * @typedef {{ type: string, data: any }} Message
 * @typedef {{ id: number, captured: number, metadata: Record<string, any> | null }} Frame  `captured`: µs, the server's media clock
 * @typedef {"camera" | "microphone" | "screen" | { device: string } | File | MediaStreamTrack} Source
 * @typedef {{ track: MediaStreamTrack, label: string, close: () => void }} Media
 * @typedef {{ upload_id: string, name: string, size: number, mime_type: string }} Reference
 * @typedef {{ blob: Blob, seconds: number, name: string }} Film
 * @typedef {{ http: number, answer: number, ice: number, channels: number, command: number, clip: number }} Deadlines  in ms
 * @typedef {{ url?: string | URL, patient?: boolean, deadlines?: Partial<Deadlines> }} Options
 * @typedef {{ name: string, kind: "video" | "audio", direction: "recvonly" | "sendonly" }} Described  the direction is ours
 * @typedef {{ session_id: string, model: { name: string, version?: string }, capabilities: { tracks: Described[] }, last_end_reason?: string } & Record<string, any>} Descriptor
 * @typedef {{ at: number, connection: Record<string, any>, tracks: Record<string, Record<string, any>> }} Stats
 * @typedef {{
 *   state: State, tracks: Track[], published: { track: Track }, schema: any, message: Message, notice: Message,
 *   sent: { id: string, name: string, args: Record<string, any> },
 *   answered: { id: string, name: string, args: Record<string, any>, reply?: Message | null, error?: CommandRefused, ms: number },
 *   figures: any, frame: Frame & { track: string, rtpTimestamp: number },
 * }} Events
 */

/** @type {Deadlines} */
const DEADLINES = { http: 10_000, answer: 10_000, ice: 15_000, channels: 10_000, command: 12_000, clip: 60_000 };
const SHUTDOWN = "server is shutting down"; // the one end of a session after which there will be another
const FRAMES = 256; // of each track are remembered
const PENDING = 256; // requests may be without an answer at once

/**
 * Connect to a server.
 * @param {Options} [options] `url`: where it is; left out, where this module came from. `patient`: also the first
 *   attempt is made again until it succeeds, instead of rejecting.
 * @returns {Promise<Reactor>} once it is live
 */
export async function connect(options) {
  const reactor = new Reactor(options);
  await reactor.connect();
  return reactor;
}

/** Why there is no connection: which `step` failed, what to do about it (`advice`), and the addresses tried (`pairs`). */
export class ConnectError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.name = "ConnectError";
    this.problem = problem;
    this.step = problem.step;
    this.advice = problem.advice;
    this.pairs = problem.pairs;
  }
}

/** A command that was not carried out; `path` is the field that its message names, such as `points[2].x`, or null. */
export class CommandRefused extends Error {
  /** @param {string} code @param {string} message @param {string | null} [path] */
  constructor(code, message, path = null) {
    super(message);
    this.name = "CommandRefused";
    this.code = code;
    this.path = path;
  }
}

// ---- the connection, however often it is made

export class Reactor {
  /** @type {State} */
  state = { name: "closed", reason: "", bad: false, problem: null };
  /** @type {{ name: string, version?: string } | null} */
  model = null;
  /** @type {Descriptor | null} */
  session = null;
  /** @type {any} the model as an OpenAPI document */
  schema = null;
  /** @type {Track[]} */
  tracks = [];
  clock = new Clock();

  /** @type {Map<string, Set<{ hear: (told: any) => void }>>} */
  #listeners = new Map();
  /** @type {Map<string, Map<number, Frame>>} */
  #frames = new Map();
  /** @type {Link | null} */
  #link = null;
  /** @type {{ promise: Promise<void>, resolve: () => void, reject: (error: Error) => void } | null} */
  #wanted = null;
  /** @type {Problem | null} */
  #problem = null;
  /** @type {AbortController | null} */
  #wakers = null;
  #timer = 0;
  #attempt = 0;
  #liveSince = 0;
  #tolerant = false;
  #stopping = false;
  #watching = false;
  #ids = 0;
  #deadlines;
  #patient;
  #base;

  /** @param {Options} [options] see `connect` */
  constructor({ url, patient = false, deadlines = {} } = {}) {
    const base = new URL(url ?? ".", url === undefined ? import.meta.url : location.href);
    if (!/^https?:$/.test(base.protocol)) throw new TypeError(`url: ${base} does not begin with http:// or https://`);
    base.search = base.hash = "";
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    this.#base = base;
    this.#patient = patient;
    this.#deadlines = { ...DEADLINES, ...deadlines };
  }

  /** Where the server is. */
  get url() {
    return this.#base.href;
  }

  /**
   * Connect; where it waits for its next attempt, make that at once.
   * @returns {Promise<void>} fulfilled once it is live. Rejected with a ConnectError where the first attempt fails and
   *   it is not patient, and where it is closed meanwhile.
   */
  connect() {
    if (this.state.name === "live") return Promise.resolve();
    if (!this.#wakers) {
      this.#tolerant = this.#patient;
      this.#problem = null;
      this.#attempt = 0;
      this.#wake();
    }
    if (!this.#wanted) this.#wanted = deferred();
    const { promise } = this.#wanted;
    if (!this.#link) this.#try();
    return promise;
  }

  /** Leave the session, which goes on. */
  disconnect() {
    this.#close("disconnected", false);
  }

  /** Make the connection anew. */
  reconnect() {
    this.#drop();
    this.state = { name: "connecting", step: "http", problem: null };
    return this.connect();
  }

  /** End the session, for everyone in it. @param {string} [reason] everyone is told; 64 characters at most */
  async stop(reason) {
    const link = this.#link;
    this.#stopping = true;
    try {
      await this.#call("POST", "stop_session", { body: reason ? { reason } : {} });
    } catch (error) {
      this.#stopping = false;
      if (!(error instanceof HttpError && error.status === 409)) throw error; // with 409 there is none
    }
    if (link === this.#link) this.#close(reason ?? "stopped", false);
  }

  /**
   * Hear of `event` from now on.
   * @template {keyof Events} Name
   * @param {Name} event
   * @param {(told: Events[Name]) => void} hear
   * @returns {() => void} ends that
   */
  on(event, hear) {
    const entry = { hear };
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(entry));
    return () => void listeners.delete(entry);
  }

  /** @template {keyof Events} Name @param {Name} event @param {Events[Name]} told */
  #tell(event, told) {
    for (const { hear } of [...(this.#listeners.get(event) ?? [])]) {
      try {
        hear(told);
      } catch (error) {
        console.error(`a listener of "${event}" failed:`, error);
      }
    }
  }

  /**
   * Call a command of the model.
   * @param {string} name
   * @param {Record<string, any>} [args] a File or Blob among them, at whatever depth, is uploaded first
   * @returns {Promise<Message | null>} what its handler returned
   * @throws {CommandRefused}
   */
  async command(name, args) {
    const link = this.#live();
    const id = `c${++this.#ids}`;
    /** @type {Record<string, any>} */
    let told = args ?? {};
    let began = performance.now();
    let sent = false;
    try {
      told = await this.#carried(told);
      began = performance.now();
      this.#tell("sent", { id, name, args: told });
      sent = true;
      const letter = { scope: "application", request_id: id, data: { type: name, data: told } };
      const reply = await link.ask(link.data, letter, this.#deadlines.command);
      this.#tell("answered", { id, name, args: told, reply, ms: performance.now() - began });
      return reply;
    } catch (cause) {
      const properties =
        this.schema?.paths?.[`/events/${name}`]?.post?.requestBody?.content?.["application/json"]?.schema?.properties;
      const error =
        cause instanceof CommandRefused
          ? new CommandRefused(cause.code, cause.message, fieldOf(name, cause.message, { ...properties, ...told }))
          : new CommandRefused("not_sent", `${name}: not sent: ${textOf(cause)}`);
      if (!sent) this.#tell("sent", { id, name, args: told });
      this.#tell("answered", { id, name, args: told, error, ms: performance.now() - began });
      throw error;
    }
  }

  /** @param {any} value @returns {Promise<any>} the same, with a reference for each file */
  async #carried(value) {
    if (value instanceof Blob) return this.upload(value);
    if (Array.isArray(value)) return Promise.all(value.map((item) => this.#carried(item)));
    if (!value || Object.getPrototypeOf(value) !== Object.prototype) return value;
    const entries = Object.entries(value).map(async ([key, item]) => [key, await this.#carried(item)]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Give a file to the session. @param {File | Blob} file @returns {Promise<Reference>} what a command takes for it */
  async upload(file) {
    const link = this.#live();
    const about = {
      name: file instanceof File ? file.name : "blob",
      size: file.size,
      mime_type: file.type || "application/octet-stream",
    };
    const { value } = await this.#call("POST", `sessions/${link.session.session_id}/uploads`, { body: about });
    await this.#call("PUT", `uploads/${value.presigned_id}`, { body: file, ms: Infinity });
    const reference = { upload_id: value.presigned_id, ...about };
    if (!link.closed) link.say("fileUploaded", reference);
    return reference;
  }

  /** The last seconds of the session. @param {number} seconds @returns {Promise<Film>} an mp4 */
  clip(seconds) {
    return this.#film("clip", "requestClip", { duration_seconds: seconds });
  }

  /** The session from its beginning on. @returns {Promise<Film>} an mp4 */
  recording() {
    return this.#film("recording", "requestRecording", {});
  }

  /** @param {string} kind @param {string} type @param {any} data @returns {Promise<Film>} */
  async #film(kind, type, data) {
    const link = this.#live();
    const letter = { scope: "runtime", request_id: `f${++this.#ids}`, data: { type, data } };
    const { playlist_url } = await link.ask(link.data, letter, this.#deadlines.command);
    /** @param {string} address behind a proxy, it may stand under another path than the server knows of */
    const own = (address) => address.replace(/^.*\/(?=clips[/?])/, "");
    const until = performance.now() + this.#deadlines.clip;
    let playlist = await this.#call("GET", own(playlist_url));
    while (playlist.status === 202) {
      // Its last segment is still being made.
      if (performance.now() > until)
        throw new CommandRefused("clip_failed", "the clip was not ready in time; ask again, or for a shorter one");
      await sleep(1000 * (playlist.retryAfter ?? 1));
      playlist = await this.#call("GET", own(playlist_url));
    }
    const lines = String(playlist.value).split("\n");
    const names = lines.flatMap(
      (line) => line.match(/^#EXT-X-MAP:URI="(.+?)"/)?.[1] ?? (/^[^#]/.test(line) ? [line] : []),
    );
    const parts = [];
    for (const name of names) parts.push((await this.#call("GET", own(name), { blob: true })).value);
    const seconds = lines.reduce((sum, line) => sum + Number(line.match(/^#EXTINF:([\d.]+)/)?.[1] ?? 0), 0);
    const when = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    return {
      blob: new Blob(parts, { type: "video/mp4" }),
      seconds,
      name: `${this.model?.name ?? "reactor"}-${kind}-${when}.mp4`,
    };
  }

  /**
   * The browser's figures, under the names of the WebRTC statistics: of each track `inbound-rtp` or `outbound-rtp`, with
   * its `codec` by name; of the connection its `candidate-pair`, with its ends in `local` and `remote`. Null unless live.
   * @returns {Promise<Stats | null>}
   */
  async stats() {
    const link = this.#link;
    return link && this.state.name === "live" ? link.stats() : null;
  }

  /** Whether the server is to tell its "figures". @param {boolean} on */
  watch(on) {
    this.#watching = on;
    if (this.state.name === "live") this.#link?.say("watchFigures", { on });
  }

  /**
   * What came with a frame, by the `rtpTimestamp` that `requestVideoFrameCallback` tells of it.
   * @param {string} track @param {number} rtpTimestamp @returns {Frame | undefined}
   */
  frame(track, rtpTimestamp) {
    return this.#frames.get(track)?.get(rtpTimestamp);
  }

  // -- one attempt after another

  #try() {
    clearTimeout(this.#timer);
    this.#frames.clear();
    this.clock.forget();
    const link = new Link(this.#base, this.#deadlines, {
      step: (step) => this.#turn({ name: "connecting", step, problem: this.#problem }),
      loading: (seconds) => this.#turn({ name: "loading", seconds }),
      session: (descriptor) => this.#adopt(descriptor),
      letter: (letter) => this.#hear(letter),
      pong: (sent, at) => this.clock.add(sent, performance.now(), at),
      frame: (track, rtpTimestamp, frame) => this.#keep(track, rtpTimestamp, frame),
      lost: (problem) => this.#lose(problem),
      ended: (reason) => this.#ended(reason),
    });
    this.#link = link;
    link.open().then(
      () => link === this.#link && this.#opened(link),
      (/** @type {ConnectError} */ { problem }) => link === this.#link && this.#lose(problem),
    );
  }

  /** @param {Link} link */
  #opened(link) {
    this.#tolerant = true;
    this.#problem = null;
    this.#stopping = false;
    this.#liveSince = performance.now();
    for (const track of this.tracks) track.attach(link);
    link.say("requestSchema", {}, "schema");
    if (this.#watching) link.say("watchFigures", { on: true });
    this.#turn({ name: "live" });
    this.#wanted?.resolve();
    this.#wanted = null;
  }

  /** @param {Problem} problem */
  #lose(problem) {
    // A load that failed ends the server; what is worth reading is still why.
    if (problem.step === "http" && this.#problem?.step === "load") problem = this.#problem;
    this.#drop();
    if (!this.#tolerant) return this.#close(problem.message, true, problem);
    if (this.#liveSince && performance.now() - this.#liveSince > 5000) this.#attempt = 0;
    this.#liveSince = 0;
    this.#problem = problem;
    const delay = Math.min(10_000, 500 * 1.7 ** this.#attempt++);
    this.#timer = setTimeout(() => this.#try(), delay);
    this.#turn({ name: "waiting", problem, retryAt: performance.now() + delay, attempt: this.#attempt });
  }

  /** @param {string} reason */
  #ended(reason) {
    if (reason === SHUTDOWN)
      this.#lose(trouble("lost", "the server is shutting down", "Start it again: this page comes back by itself."));
    else this.#close(reason || "no reason given", !this.#stopping);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#link?.close();
    this.#link = this.session = null;
    for (const track of this.tracks) track.detach();
  }

  /** @param {string} reason @param {boolean} bad @param {Problem | null} [problem] */
  #close(reason, bad, problem = null) {
    if (!this.#wakers) return; // it is closed
    this.#drop();
    this.#wakers.abort();
    this.#wakers = null;
    this.#stopping = false;
    for (const track of this.tracks) if (track.direction === "in") track.unpublish(); // no camera stays on
    const wanted = this.#wanted;
    this.#wanted = null;
    this.#turn({ name: "closed", reason, bad, problem });
    wanted?.reject(new ConnectError(problem ?? trouble("lost", `closed: ${reason}`, "")));
  }

  #wake() {
    const { signal } = (this.#wakers = new AbortController());
    const retry = () => this.state.name === "waiting" && this.#try();
    addEventListener("online", retry, { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && retry(), { signal });
    // The server hears at once of a page that is left, rather than after a silence. A page that is taken back from the
    // browser's cache goes on with the timer.
    const leave = () => this.#link && this.#lose(trouble("lost", "the page was left", ""));
    addEventListener("pagehide", leave, { signal });
  }

  /** @param {State} state */
  #turn(state) {
    this.state = state;
    this.#tell("state", state);
  }

  // -- what the server says

  /** @param {Descriptor} descriptor */
  #adopt(descriptor) {
    this.session = descriptor;
    this.model = descriptor.model;
    const had = this.tracks;
    const host = {
      tell: (/** @type {Track} */ track) => this.#tell("published", { track }),
      notice: (/** @type {Message} */ notice) => this.#tell("notice", notice),
    };
    this.tracks = descriptor.capabilities.tracks.map(({ name, kind, direction: ours }) => {
      const direction = ours === "recvonly" ? "out" : "in";
      return (
        had.find((track) => track.name === name && track.kind === kind && track.direction === direction) ??
        new Track(name, kind, direction, host)
      );
    });
    for (const track of had) if (!this.tracks.includes(track) && track.direction === "in") track.unpublish();
    if (this.tracks.length !== had.length || this.tracks.some((track, index) => track !== had[index]))
      this.#tell("tracks", this.tracks);
  }

  /** @param {any} letter */
  #hear({ scope, data: { type, data } = /** @type {any} */ ({}) }) {
    if (scope === "application") this.#tell("message", { type, data });
    else if (type === "figures") this.#tell("figures", data);
    else if (type === "modelSchema") {
      // The same object as before where it says the same.
      if (JSON.stringify(data) !== JSON.stringify(this.schema)) this.schema = data;
      this.#tell("schema", this.schema);
    } else if (data?.code === "run_failed" || data?.code === "reload_refused")
      this.#tell("notice", { type: data.code, data: { message: data.message } });
    else this.#tell("notice", { type, data });
  }

  /** @param {string} track @param {number} rtpTimestamp @param {Frame} frame */
  #keep(track, rtpTimestamp, frame) {
    const frames = this.#frames.get(track) ?? new Map();
    this.#frames.set(track, frames.set(rtpTimestamp, frame));
    if (frames.size > FRAMES) frames.delete(frames.keys().next().value);
    if (frame.metadata) this.#tell("frame", { track, rtpTimestamp, ...frame });
  }

  #live() {
    if (this.#link && this.state.name === "live") return this.#link;
    throw new CommandRefused("not_connected", "there is no connection");
  }

  /** @param {string} method @param {string} path @param {CallOptions} [options] */
  #call(method, path, options = {}) {
    return call(this.#base, method, path, { ms: this.#deadlines.http, ...options });
  }
}

// ---- tracks

/** A track of the model: `direction` "out" is what it shows or plays, "in" what it takes. It outlives connections. */
export class Track {
  /** One for as long as the track is there; it holds what is received, or what is sent. */
  stream = new MediaStream();
  /** @type {boolean} whether the server sends none of it; sound begins so, until somebody listens */
  paused;
  #host;
  /** @type {Link | null} */
  #link = null;
  /** @type {Media | null} */
  #media = null;
  /** @type {Promise<void> | null} asked of the server, for this connection */
  #claim = null;
  #turn = 0;

  /**
   * @param {string} name @param {"video" | "audio"} kind @param {"out" | "in"} direction
   * @param {{ tell: (track: Track) => void, notice: (notice: Message) => void }} host
   */
  constructor(name, kind, direction, host) {
    this.name = name;
    this.kind = kind;
    this.direction = direction;
    this.paused = kind === "audio";
    this.#host = host;
  }

  pause() {
    this.#play(false);
  }

  resume() {
    this.#play(true);
  }

  /** @param {boolean} playing */
  #play(playing) {
    this.paused = !playing;
    this.#link?.notify(playing ? "resume_track" : "pause_track", this.name);
  }

  /** What is sent, in words; or null. */
  get source() {
    return this.#media?.label ?? null;
  }

  /**
   * Send `source` to the model, in the place of what may be sent already. Without a connection it begins with the next.
   * @param {Source} source "camera", "microphone", "screen", `{ device: id }`, a film or a sound as a File (it is played
   *   in a loop), or a MediaStreamTrack
   */
  async publish(source) {
    if (this.direction !== "in")
      throw new TypeError(`${this.name}: the model sends it; publish on a track whose direction is "in"`);
    const turn = ++this.#turn;
    const media = await openMedia(this.kind, source);
    if (turn !== this.#turn) return media.close(); // another source was chosen meanwhile
    this.#hold(media);
    try {
      if (this.#link) await this.#send(this.#link);
    } catch (error) {
      if (this.#media === media) this.unpublish();
      throw error;
    }
    if (this.#media === media) this.#host.tell(this);
  }

  unpublish() {
    this.#turn++;
    const had = this.#media;
    this.#hold(null);
    if (this.#claim) {
      void this.#link?.transceivers.get(this.name)?.sender.replaceTrack(null);
      this.#link?.notify("unpublish_track", this.name);
      this.#claim = null;
    }
    if (had) this.#host.tell(this);
  }

  /** @param {Media | null} media */
  #hold(media) {
    this.#media?.close();
    this.#media = media;
    show(this.stream, media?.track);
    // Unplugged, or stopped by the browser's own button.
    media?.track.addEventListener("ended", () => media === this.#media && this.unpublish());
  }

  /** @param {Link} link */
  async #send(link) {
    const claim = (this.#claim ??= link.claim(this.name));
    try {
      await claim;
    } catch (error) {
      if (claim === this.#claim) this.#claim = null;
      throw error;
    }
    // Else the connection went meanwhile, or what was to be sent.
    if (claim === this.#claim) await link.transceivers.get(this.name)?.sender.replaceTrack(this.#media?.track ?? null);
  }

  /** For the client itself: the connection `link` is there. @param {Link} link */
  attach(link) {
    this.#link = link;
    if (this.direction === "in") return void (this.#media && this.#again(link));
    show(this.stream, link.transceivers.get(this.name)?.receiver.track);
    if (!this.paused) this.#play(true);
  }

  /** For the client itself: the connection is gone. What was shown last stays. */
  detach() {
    this.#link = this.#claim = null;
  }

  /** Send what was sent before. The server may not have noticed yet that the last connection is gone. @param {Link} link */
  async #again(link) {
    for (let tries = 1; this.#media && link === this.#link; tries++) {
      try {
        return await this.#send(link);
      } catch (error) {
        if (tries === 12) {
          this.#host.notice({ type: "publish_refused", data: { track: this.name, message: textOf(error) } });
          return this.unpublish();
        }
        await sleep(2000);
      }
    }
  }
}

/** Let `stream` hold `track` alone. @param {MediaStream} stream @param {MediaStreamTrack | null} [track] */
function show(stream, track) {
  for (const old of stream.getTracks()) if (old !== track) stream.removeTrack(old);
  if (track) stream.addTrack(track);
}

// ---- one attempt at a connection, and what comes of it

/**
 * @typedef {{
 *   step: (step: Step) => void, loading: (seconds: number) => void, session: (descriptor: Descriptor) => void,
 *   letter: (letter: any) => void, pong: (sent: number, at: number) => void,
 *   frame: (track: string, rtpTimestamp: number, frame: Frame) => void,
 *   lost: (problem: Problem) => void, ended: (reason: string) => void,
 * }} Hooks  none is called once the link is closed
 */
class Link {
  #end = new AbortController();
  /** @type {Step} */
  #step = "http";
  /** @type {Map<string, { resolve: (value: any) => void, reject: (error: Error) => void, timer: number }>} */
  #pending = new Map();
  /** @type {Map<string, number>} when a ping was sent */
  #pings = new Map();
  #beats = 0;
  #claims = 0;
  #timer = 0;
  #going = false;
  /** @type {Promise<Worker | null> | null} */
  #worker = null;
  /** @type {Map<string, RTCRtpTransceiver>} by the name of the track */
  transceivers = new Map();
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** @type {RTCDataChannel} */ // @ts-ignore: there once it is live
  data;
  /** @type {RTCDataChannel} */ // @ts-ignore: there once it is live
  control;
  /** @type {Descriptor} */ // @ts-ignore: there once it is live
  session;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #base;
  #deadlines;
  #hooks;

  /** @param {URL} base @param {Deadlines} deadlines @param {Hooks} hooks */
  constructor(base, deadlines, hooks) {
    this.#base = base;
    this.#deadlines = deadlines;
    this.#hooks = hooks;
  }

  get closed() {
    return this.#end.signal.aborted;
  }

  close() {
    if (this.closed) return;
    this.#end.abort();
    clearTimeout(this.#timer);
    this.#pc?.close();
    this.#worker?.then((worker) => worker?.terminate());
    const error = { code: "disconnected", message: "the connection was lost before the answer came" };
    for (const id of [...this.#pending.keys()]) this.#settle(id, error, null);
  }

  /** @throws {ConnectError} */
  async open() {
    try {
      this.#begin("http");
      await this.#loaded();
      await this.#startSession();
      const pc = await this.#negotiate();
      await this.#reach(pc);
      await this.#openChannels();
      this.#guard(pc);
      this.#beat();
    } catch (error) {
      throw error instanceof ConnectError ? error : new ConnectError(explain(error, this.#step, this.#base));
    }
  }

  /** @param {Step} step */
  #begin(step) {
    this.#end.signal.throwIfAborted();
    this.#step = step;
    this.#hooks.step(step);
  }

  /** @param {string} method @param {string} path @param {CallOptions} [options] */
  #call(method, path, options = {}) {
    return call(this.#base, method, path, { ms: this.#deadlines.http, signal: this.#end.signal, ...options });
  }

  /** Until the model is loaded. */
  async #loaded() {
    /** @param {string} path @param {number} [ms] */
    const health = async (path, ms = this.#deadlines.http) => {
      const { value } = await this.#call("GET", path, { ms, accept: 503 });
      if (typeof value?.state === "string") return value;
      throw new HttpError(`GET ${new URL(path, this.#base)}: no answer of a Reactor server`, 404);
    };
    let { state, detail } = await health("health");
    if (state === "loading") {
      const began = performance.now();
      const tell = () => this.closed || this.#hooks.loading(Math.round((performance.now() - began) / 1000));
      const ticking = setInterval(tell, 1000);
      tell();
      try {
        while (state === "loading") {
          const asked = performance.now();
          ({ state, detail } = await health("health?wait=loading", this.#deadlines.http + 25_000));
          const left = asked + 1000 - performance.now(); // an older server answers at once
          if (state === "loading" && left > 0) await sleep(left, this.#end.signal);
        }
      } finally {
        clearInterval(ticking);
      }
    }
    if (state !== "terminated") return;
    if (!detail)
      throw new ConnectError(
        trouble("http", "the server is ending", "Start it again: this page comes back by itself."),
      );
    throw new ConnectError(
      trouble(
        "load",
        detail,
        "The server's log has the whole of it. Mend the model: with --reload it is loaded again by itself, else start the server again.",
      ),
    );
  }

  async #startSession() {
    for (;;) {
      this.#begin("session");
      try {
        this.session = (await this.#call("POST", "start_session", { body: {} })).value; // the one that runs, if one does
        this.#end.signal.throwIfAborted();
        return this.#hooks.session(this.session);
      } catch (error) {
        if (!(error instanceof HttpError && error.status === 503 && error.retryAfter !== null)) throw error;
        await sleep(1000 * error.retryAfter, this.#end.signal);
        await this.#loaded();
      }
    }
  }

  /** From the offer to the answer. */
  async #negotiate() {
    this.#begin("signalling");
    if (!globalThis.RTCPeerConnection)
      throw new ConnectError(
        trouble("signalling", "this browser has no WebRTC", "Switch it on in its settings, or take another browser."),
      );
    const tracks = this.session.capabilities.tracks;
    const isPicture = (/** @type {Described} */ { kind, direction }) => kind === "video" && direction === "recvonly";
    this.#worker = tracks.some(isPicture) ? trailerWorker() : null;
    const root = `sessions/${this.session.session_id}/transport/webrtc`;
    const { value } = await this.#call("GET", `${root}/ice_servers`);
    this.#iceServers = value.ice_servers.map((/** @type {any} */ { uris, credentials }) => ({
      urls: uris,
      username: credentials?.username,
      credential: credentials?.password,
    }));
    const registered = await this.#call("POST", `${root}/connections`, { body: {} });
    const own = `${root}/connections/${registered.value.connection_id}`;
    const worker = await this.#worker;
    if (worker) {
      worker.onmessage = ({ data: { track, rtpTimestamp, ...frame } }) =>
        this.closed || this.#hooks.frame(track, rtpTimestamp, frame);
    }
    this.#end.signal.throwIfAborted();

    const pc = (this.#pc = new RTCPeerConnection({ iceServers: this.#iceServers }));
    this.data = pc.createDataChannel("data");
    this.control = pc.createDataChannel("control");
    this.data.onmessage = this.control.onmessage = ({ data }) => this.closed || this.#receive(data);
    // One section for each track, in the order of the descriptor.
    const mapping = tracks.map((track) => {
      const transceiver = pc.addTransceiver(track.kind, { direction: track.direction });
      this.transceivers.set(track.name, transceiver);
      if (isPicture(track)) tune(track.name, transceiver.receiver, worker);
      return { track, transceiver };
    });
    pc.onicecandidate = ({ candidate }) => {
      const candidates = candidate?.candidate
        ? [{ candidate: candidate.candidate, sdp_mid: candidate.sdpMid, sdp_mline_index: candidate.sdpMLineIndex }]
        : [];
      const body = { candidates, is_final: !candidate };
      this.#call("POST", `${own}/ice_candidates`, { body }).catch(() => {}); // what that costs shows in "ice"
    };
    const offer = await pc.createOffer();
    // Of Opus: a browser that does not ask for two channels gets and plays one.
    if (!offer.sdp?.includes("stereo=1"))
      offer.sdp = offer.sdp?.replaceAll("useinbandfec=1", "useinbandfec=1;stereo=1");
    await pc.setLocalDescription(offer);
    const sdp = pc.localDescription?.sdp ?? "";
    await this.#call("POST", `${own}/sdp_params`, {
      body: {
        sdp_offer: worker ? sdp.replace(/^m=/m, "a=x-reactor-frame-metadata:1\r\nm=") : sdp,
        track_mapping: mapping.map(({ track: { name, kind, direction }, transceiver: { mid } }) => ({
          mid,
          name,
          kind,
          direction,
        })),
        client_info: { sdk_type: "js", sdk_version: "client.js" },
      },
    });
    const until = performance.now() + this.#deadlines.answer;
    for (let wait = 50; ; wait = Math.min(500, wait * 1.7)) {
      await sleep(wait, this.#end.signal);
      const answer = await this.#call("GET", `${own}/sdp_params`);
      if (answer.status === 200) {
        await pc.setRemoteDescription({ type: "answer", sdp: answer.value.sdp_answer });
        return pc;
      }
      if (performance.now() > until) {
        const message = `the server has not answered the offer within ${this.#deadlines.answer / 1000} s`;
        throw new ConnectError(trouble("signalling", message, "Its log says why, or it is too busy to answer."));
      }
    }
  }

  /** ICE, then DTLS. @param {RTCPeerConnection} pc */
  async #reach(pc) {
    this.#begin("ice");
    const until = performance.now() + this.#deadlines.ice;
    const found = () => ["connected", "completed"].includes(pc.iceConnectionState);
    // Looked at while it lasts: a browser forgets the pairs that it has given up.
    /** @type {Map<string, Pair>} */
    const tried = new Map();
    const look = async () => (await pairsOf(pc)).forEach((pair) => tried.set(`${pair.local} ${pair.remote}`, pair));
    const looking = setInterval(look, 250);
    try {
      await this.#when(pc, () => found() || pc.iceConnectionState === "failed", until);
    } finally {
      clearInterval(looking);
    }
    if (!found()) throw new ConnectError(await iceProblem(pc, this.#iceServers, [...tried.values()]));
    this.#begin("dtls");
    await this.#when(pc, () => ["connected", "failed"].includes(pc.connectionState), until);
    if (pc.connectionState === "connected") return;
    const message = "the server was reached, but the encrypted connection to it could not be agreed on (DTLS)";
    const advice =
      "Does a proxy change what they tell each other? Or a firewall lets only small packets of UDP through.";
    throw new ConnectError(trouble("dtls", message, advice, await pairsOf(pc)));
  }

  async #openChannels() {
    this.#begin("channels");
    const channels = [this.data, this.control];
    const until = performance.now() + this.#deadlines.channels;
    for (const channel of channels) await this.#when(channel, () => channel.readyState !== "connecting", until);
    if (channels.every(({ readyState }) => readyState === "open")) return;
    const reason = await this.#endReason();
    const message = reason ? `the session has ended: ${reason}` : "the server did not open the data channels";
    throw new ConnectError(trouble("channels", message, "Its log says why."));
  }

  /**
   * Until `test` holds, or the time `until` has come.
   * @param {EventTarget} target @param {() => boolean} test @param {number} until
   */
  async #when(target, test, until) {
    const { signal } = this.#end;
    const done = new AbortController();
    let timer = 0;
    await new Promise((resolve) => {
      const look = () => (test() || signal.aborted) && resolve(null);
      timer = setTimeout(resolve, until - performance.now());
      signal.addEventListener("abort", look, { signal: done.signal });
      for (const event of ["iceconnectionstatechange", "connectionstatechange", "open", "close"])
        target.addEventListener(event, look, { signal: done.signal });
      look();
    });
    clearTimeout(timer);
    done.abort();
    signal.throwIfAborted();
  }

  // -- while it lasts

  /** @param {RTCPeerConnection} pc */
  #guard(pc) {
    this.data.onclose = this.control.onclose = () => this.#hungUp();
    const look = async () => {
      if (["failed", "closed"].includes(pc.connectionState)) this.#lost("nothing comes from the server any more");
      if (pc.connectionState !== "disconnected") return;
      // It may be the network for a moment, or a server that was killed and says nothing.
      for (let tries = 0; tries < 4 && pc.connectionState === "disconnected"; tries++) {
        const { value } = await this.#call("GET", "session", { ms: 2000 }).catch(() => ({ value: null }));
        if (value?.session_id !== this.session.session_id) break;
        await sleep(2000, this.#end.signal).catch(() => {});
      }
      if (pc.connectionState === "disconnected") this.#lost("nothing comes from the server any more");
    };
    pc.onconnectionstatechange = look;
    void look();
    if (this.data.readyState !== "open" || this.control.readyState !== "open") void this.#hungUp();
  }

  /** The server has closed the connection. The reason may still be on its way, on the other channel. */
  async #hungUp() {
    if (this.#going || this.closed) return;
    this.#going = true;
    await sleep(300);
    const reason = this.closed ? "" : await this.#endReason();
    if (reason && !this.closed) this.#hooks.ended(reason);
    else this.#lost("the server closed the connection");
  }

  /** @param {string} message */
  #lost(message) {
    const advice = "Is the server running, and the network up? It is tried again until it is there.";
    if (!this.closed) this.#hooks.lost(trouble("lost", message, advice));
  }

  /** Why this session has ended, if it has, and the server is there to say so. @returns {Promise<string>} */
  async #endReason() {
    const { value } = await this.#call("GET", "session", { ms: 2000 }).catch(() => ({ value: null }));
    return value && value.session_id !== this.session.session_id ? (value.last_end_reason ?? "") : "";
  }

  /** @param {string} text */
  #receive(text) {
    const letter = JSON.parse(text);
    const { type, data } = letter.data ?? {};
    if (letter.type === "response") {
      this.#settle(letter.request_id, letter.error, letter.data);
    } else if (letter.scope === "runtime" && type === "commandResponse") {
      this.#settle(data.request_id, data.error, data.message);
    } else if (letter.scope === "runtime" && (type === "clipReady" || type === "clipFailed")) {
      this.#settle(letter.request_id, type === "clipFailed" && { code: "clip_failed", message: data.reason }, data);
    } else if (letter.scope === "runtime" && type === "pong") {
      const sent = this.#pings.get(letter.request_id);
      this.#pings.delete(letter.request_id);
      if (sent !== undefined) this.#hooks.pong(sent, data.at_us);
    } else if (letter.scope === "runtime" && type === "sessionEnded") {
      this.#hooks.ended(data.reason);
    } else {
      this.#hooks.letter(letter);
    }
  }

  /** @param {string} id @param {{ code: string, message: string } | false | undefined} error @param {any} value */
  #settle(id, error, value) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    if (error) pending?.reject(new CommandRefused(error.code, error.message));
    else pending?.resolve(value);
  }

  /**
   * Send a letter with a `request_id`.
   * @param {RTCDataChannel} channel @param {any} letter @param {number} ms @returns {Promise<any>} its answer
   */
  ask(channel, letter, ms) {
    return new Promise((resolve, reject) => {
      const id = letter.request_id;
      if (this.closed) throw new CommandRefused("not_connected", "there is no connection");
      if (this.#pending.size >= PENDING)
        throw new CommandRefused("busy", `${PENDING} requests are without an answer already`);
      channel.send(JSON.stringify(letter));
      const late = () => this.#settle(id, { code: "timeout", message: `no answer within ${ms / 1000} s` }, null);
      this.#pending.set(id, { resolve, reject, timer: setTimeout(late, ms) });
    });
  }

  /** Ask for an input track. @param {string} name */
  async claim(name) {
    const letter = { type: "request", method: "publish_track", request_id: `t${++this.#claims}`, data: { name } };
    await this.ask(this.control, letter, 10_000);
  }

  /** @param {string} type @param {any} data @param {string} [request_id] */
  say(type, data, request_id) {
    this.#put(this.data, { scope: "runtime", ...(request_id && { request_id }), data: { type, data } });
  }

  /** @param {string} event @param {string} name of a track */
  notify(event, name) {
    this.#put(this.control, { type: "notification", event, data: { name } });
  }

  /** @param {RTCDataChannel} channel @param {any} letter */
  #put(channel, letter) {
    if (channel.readyState === "open") channel.send(JSON.stringify(letter));
  }

  /** The pings that keep it alive also tell how the clocks stand; the first ones come quickly, for a good beginning. */
  #beat() {
    const id = `p${++this.#beats}`;
    this.#pings.set(id, performance.now());
    for (const old of this.#pings.keys()) if (this.#pings.size > 8) this.#pings.delete(old);
    this.#timer = setTimeout(() => this.#beat(), this.#beats < 5 ? 200 : 2000);
    this.say("ping", {}, id);
  }

  /** @returns {Promise<Stats | null>} */
  async stats() {
    const pc = this.#pc;
    if (!pc || this.closed) return null;
    const of = [...this.transceivers].map(async ([name, { sender, receiver, currentDirection }]) => {
      const sends = currentDirection === "sendonly";
      const report = await (sends ? sender : receiver).getStats();
      const rtp = [...report.values()].find(({ type }) => type === (sends ? "outbound-rtp" : "inbound-rtp"));
      return [name, { ...rtp, codec: report.get(rtp?.codecId)?.mimeType.split("/")[1] ?? null }];
    });
    const [report, ...tracks] = await Promise.all([pc.getStats(), ...of]);
    const all = [...report.values()];
    const chosen = all.find(({ type }) => type === "transport")?.selectedCandidatePairId;
    const pair =
      report.get(chosen) ??
      all.find(({ type, selected, nominated }) => type === "candidate-pair" && (selected ?? nominated));
    const connection = {
      ...pair,
      local: report.get(pair?.localCandidateId),
      remote: report.get(pair?.remoteCandidateId),
    };
    return { at: performance.now(), connection, tracks: Object.fromEntries(tracks) };
  }
}

/** From the server's media clock to performance.now(), by the quickest of the last pings. */
class Clock {
  /** @type {{ rtt: number, offset: number }[]} */
  #samples = [];
  /** @type {{ rtt: number, offset: number } | null} */
  #best = null;

  forget() {
    this.#samples = [];
    this.#best = null;
  }

  /** @param {number} sent @param {number} got @param {number} at µs */
  add(sent, got, at) {
    this.#samples = [...this.#samples.slice(-29), { rtt: got - sent, offset: (sent + got) / 2 - at / 1000 }];
    this.#best = this.#samples.reduce((best, sample) => (sample.rtt < best.rtt ? sample : best));
  }

  /** The time there and back in ms, or null until it is known. */
  get rtt() {
    return this.#best && this.#best.rtt;
  }

  /** @param {number} us @returns {number | null} ms on performance.now(); null until it is known */
  toPage(us) {
    return this.#best && us / 1000 + this.#best.offset;
  }
}

// ---- why it does not connect

/** @param {Step} step @param {string} message @param {string} [advice] @param {Pair[]} [pairs] @returns {Problem} */
function trouble(step, message, advice = "", pairs = []) {
  return { step, message, advice, pairs };
}

/** @param {unknown} error @param {Step} step where it happened @param {URL} base @returns {Problem} */
function explain(error, step, base) {
  if (!(error instanceof HttpError))
    return trouble(step, textOf(error), "The browser's console and the server's log may say more.");
  if (error.status) {
    const foreign = step === "http" && error.status === 404;
    const advice = foreign
      ? `Something answers at ${base}, but no Reactor server. Is the address right, with the path that the server stands under?`
      : "The server's log says more.";
    return trouble(step, error.message, advice);
  }
  const local = /^(localhost|127\.|\[::1\])/.test(base.hostname);
  if (location.protocol === "https:" && base.protocol === "http:" && !local) {
    return trouble(
      "http",
      error.message,
      "A page from https may not ask a server over http (mixed content). Serve the model over https, or open the page from http.",
    );
  }
  const reach = local
    ? ""
    : " Other machines reach it only with `--host 0.0.0.0 --insecure`, and where no firewall blocks its TCP port.";
  return trouble(
    "http",
    error.message,
    `Does the server run, and is ${base.origin} its address? Start it with \`reactor run\`; its log says why, if it has ended.${reach}`,
  );
}

/** @param {RTCPeerConnection} pc @param {RTCIceServer[]} servers @param {Pair[]} pairs @returns {Promise<Problem>} */
async function iceProblem(pc, servers, pairs) {
  const offered = [
    ...(pc.remoteDescription?.sdp ?? "").matchAll(/^a=candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ (\S+)/gm),
  ];
  const remotes = offered.map(([, protocol, host, port, type]) => ({
    protocol,
    remote: `${place(host, port)} ${type}`,
  }));
  const addresses = [...new Set(remotes.map(({ remote }) => remote.split(" ")[0]))];
  const relayed = [...(await pc.getStats()).values()].some(
    ({ type, candidateType }) => type === "local-candidate" && candidateType === "relay",
  );
  const turns = servers
    .flatMap(({ urls }) => urls)
    .filter((url) => /^turns?:/.test(url))
    .join(", ");
  const shown = addresses.slice(0, 3).join(", ") + (addresses.length > 3 ? ` and ${addresses.length - 3} more` : "");
  const open = `Does a firewall or a container block UDP between here and ${shown}? Open the server's UDP ports, or`;
  if (!pairs.length) pairs = remotes.map((remote) => ({ local: "none", state: "not tried", ...remote }));
  let message = `no way to the server was found for pictures and sound (ICE): ${pairs.length === 1 ? "the one pair of addresses does not work" : `of ${pairs.length} pairs of addresses none works`}`;
  let advice = `${open} configure a TURN server: reactor run --ice-server turn:USER:PASSWORD@HOST:PORT`;
  if (!addresses.length) {
    message = "the server's answer names no address to reach it at";
    advice = "Has its machine a network? Its log says what was found.";
  } else if (turns && !relayed) {
    advice = `The TURN server ${turns} did not answer, or refused the user and the password. Does it run, and can this machine reach it?`;
  } else if (turns) {
    advice = `${open} those of the TURN server ${turns}.`;
  }
  return trouble("ice", message, advice, pairs);
}

/** @param {string} host @param {string | number} port */
function place(host, port) {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @param {RTCPeerConnection} pc @returns {Promise<Pair[]>} */
async function pairsOf(pc) {
  const report = await pc.getStats();
  /** @param {string} id */
  const end = (id) => {
    const { address, port, candidateType } = report.get(id) ?? {};
    return `${place(address || "hidden", port ?? "?")} ${candidateType ?? "?"}`;
  };
  const tried = [...report.values()].filter(({ type }) => type === "candidate-pair").slice(0, 32);
  return tried.map(({ localCandidateId, remoteCandidateId, state }) => ({
    local: end(localCandidateId),
    remote: end(remoteCandidateId),
    state,
    protocol: report.get(localCandidateId)?.protocol ?? "",
  }));
}

/**
 * The field that a refusal names: its text begins with the path, after the command's name perhaps.
 * @param {string} name @param {string} message @param {Record<string, any>} known the fields there are
 */
function fieldOf(name, message, known) {
  const text = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  const [path, problem] = text.replace(/^data\.(data|uploads)\./, "").split(": ", 2);
  return problem !== undefined && Object.hasOwn(known, path.split(/[.[]/, 1)[0]) ? path : null;
}

// ---- what is sent

/** @param {"video" | "audio"} kind @param {Source} source @returns {Promise<Media>} */
async function openMedia(kind, source) {
  if (source instanceof MediaStreamTrack) {
    if (source.kind !== kind) throw new TypeError(`a track of kind ${source.kind} cannot be sent as ${kind}`);
    return { track: source, label: source.label || "a track of the page", close() {} };
  }
  if (source instanceof File) return kind === "video" ? openFilm(source) : openSound(source);
  const devices = navigator.mediaDevices;
  if (!devices)
    throw new Error(
      "a browser gives its camera, its microphone and its screen to pages from https and from localhost only",
    );
  const wanted = typeof source === "object" ? { deviceId: { exact: source.device } } : true;
  const stream = await (source === "screen"
    ? devices.getDisplayMedia({ video: true, audio: kind === "audio" })
    : devices.getUserMedia({ [kind]: wanted }));
  const track = stream.getTracks().find((candidate) => candidate.kind === kind);
  const close = () => stream.getTracks().forEach((each) => each.stop());
  if (track) return { track, label: track.label || String(source), close };
  close();
  throw new Error(`the ${source} that was chosen has no ${kind}`);
}

/** @param {HTMLMediaElement} player @param {File} file @returns {() => void} lets go of it */
function load(player, file) {
  const url = URL.createObjectURL(file);
  Object.assign(player, { src: url, loop: true, playsInline: true });
  return () => {
    player.pause();
    player.removeAttribute("src");
    player.load();
    URL.revokeObjectURL(url);
  };
}

/** @param {HTMLMediaElement} player @param {File} file */
function unplayable({ error }, file) {
  return new Error(
    `${file.name || "the file"}: this browser cannot play it${error?.message ? ` (${error.message})` : ""}`,
  );
}

/** @param {File} file @returns {Promise<Media>} */
async function openFilm(file) {
  const video = document.createElement("video");
  video.muted = true;
  const unload = load(video, file);
  try {
    await video.play();
  } catch {
    unload();
    throw unplayable(video, file);
  }
  let playing = true;
  /** @type {any} */
  const player = video; // its captureStream() is in no standard yet, and not in every browser
  /** @type {MediaStream | undefined} */
  let stream = (player.captureStream ?? player.mozCaptureStream)?.call(player);
  if (!stream?.getVideoTracks().length) {
    const canvas = Object.assign(document.createElement("canvas"), {
      width: video.videoWidth,
      height: video.videoHeight,
    });
    const context = canvas.getContext("2d");
    const draw = () => {
      context?.drawImage(video, 0, 0, canvas.width, canvas.height);
      if (playing) video.requestVideoFrameCallback(draw);
    };
    draw();
    stream = canvas.captureStream();
  }
  const tracks = stream.getTracks();
  const close = () => {
    playing = false;
    tracks.forEach((track) => track.stop());
    unload();
  };
  return { track: stream.getVideoTracks()[0], label: file.name, close };
}

/** @param {File} file @returns {Promise<Media>} */
async function openSound(file) {
  const player = new Audio();
  const context = new AudioContext();
  const into = context.createMediaStreamDestination();
  context.createMediaElementSource(player).connect(into); // and so not to the loudspeakers
  const unload = load(player, file);
  const [track] = into.stream.getAudioTracks();
  const close = () => {
    track.stop();
    unload();
    void context.close();
  };
  try {
    await Promise.all([player.play(), context.resume()]);
  } catch {
    const error = unplayable(player, file);
    close();
    throw error;
  }
  return { track, label: file.name, close };
}

// ---- what comes with a frame

/** @param {string} name of a track @param {RTCRtpReceiver} receiver @param {Worker | null} worker */
function tune(name, receiver, worker) {
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0; // what is shown answers to what is done
  if (worker) receiver.transform = new RTCRtpScriptTransform(worker, { name });
}

/** A worker that takes the trailers off encoded frames and tells them; null where the browser, or the page's policy, has none. */
async function trailerWorker() {
  if (!globalThis.RTCRtpScriptTransform) return null;
  const url = URL.createObjectURL(new Blob([`(${takeTrailers})()`], { type: "text/javascript" }));
  /** @type {Worker | undefined} */
  let worker;
  try {
    const begun = (worker = new Worker(url));
    await new Promise((ready, failed) => {
      begun.onmessage = ready;
      begun.onerror = failed;
      setTimeout(failed, 1000);
    });
    return begun;
  } catch {
    worker?.terminate();
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The whole of the worker: it stands alone. A trailer is a protobuf, its length (uint32, little-endian), and "RXMT". */
function takeTrailers() {
  /** @param {DataView} view @returns {Frame} 1: the frame's id, 2: when it was captured, 3: JSON */
  const read = (view) => {
    const frame = { id: 0, captured: 0, metadata: null };
    let at = 0;
    const varint = () => {
      let value = 0;
      for (let weight = 1; ; weight *= 128) {
        const byte = view.getUint8(at++);
        value += (byte & 127) * weight;
        if (byte < 128) return value;
      }
    };
    while (at < view.byteLength) {
      const key = varint();
      const value = varint(); // of a field of bytes, their number
      if (key === 8) frame.id = value;
      if (key === 16) frame.captured = value;
      if ((key & 7) !== 2) continue;
      const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, value));
      at += value;
      if (key === 26 && text) frame.metadata = JSON.parse(text);
    }
    return frame;
  };
  /** @type {any} */ (self).onrtctransform = (/** @type {any} */ { transformer: { readable, writable, options } }) => {
    const strip = new TransformStream({
      transform(encoded, controller) {
        const size = encoded.data.byteLength;
        const view = new DataView(encoded.data);
        const begin =
          size < 8 || view.getUint32(size - 4) !== 0x52584d54 ? -1 : size - 8 - view.getUint32(size - 8, true);
        if (begin >= 0) {
          try {
            const frame = read(new DataView(encoded.data, begin, size - 8 - begin));
            const rtpTimestamp = encoded.getMetadata().rtpTimestamp ?? encoded.timestamp;
            self.postMessage({ track: options.name, rtpTimestamp, ...frame });
          } catch {
            // A frame is worth showing whatever stands behind it.
          }
          encoded.data = encoded.data.slice(0, begin);
        }
        controller.enqueue(encoded);
      },
    });
    readable
      .pipeThrough(strip)
      .pipeTo(writable)
      .catch(() => {}); // it ends with the connection
  };
  self.postMessage("ready");
}

// ---- HTTP, and time

/** @typedef {{ body?: any, blob?: boolean, accept?: number, ms?: number, signal?: AbortSignal }} CallOptions */

class HttpError extends Error {
  /** @param {string} message @param {number} status 0: there was no answer @param {number | null} [retryAfter] seconds */
  constructor(message, status, retryAfter = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {URL} base @param {string} method @param {string} path from `base` on
 * @param {CallOptions} options `accept`: a status that is an answer too; `blob`: the answer is bytes, and not JSON or text
 * @returns {Promise<{ status: number, value: any, retryAfter: number | null }>}
 * @throws {HttpError}
 */
async function call(base, method, path, { body, blob = false, accept = 0, ms = Infinity, signal }) {
  const url = new URL(path, base);
  const what = `${method} ${url.href}`;
  const end = new AbortController();
  const stop = () => end.abort();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  let late = false;
  const timer = ms < Infinity ? setTimeout(() => (stop(), (late = true)), ms) : 0;
  try {
    const isFile = body instanceof Blob;
    const headers =
      body === undefined
        ? undefined
        : { "Content-Type": isFile ? body.type || "application/octet-stream" : "application/json" };
    const response = await fetch(url, {
      method,
      headers,
      body: isFile || body === undefined ? body : JSON.stringify(body),
      signal: end.signal,
      cache: "no-store",
    });
    const seconds = Number.parseFloat(response.headers.get("Retry-After") ?? "");
    const retryAfter = Number.isNaN(seconds) ? null : Math.min(10, Math.max(0.2, seconds));
    if (response.ok && blob) return { status: response.status, value: await response.blob(), retryAfter };
    const text = await response.text();
    const value = parsed(text);
    if (response.ok || response.status === accept) return { status: response.status, value, retryAfter };
    // A text, or a list of what is wrong where in the body.
    const detail =
      typeof value === "object" && value?.detail ? value.detail : text.slice(0, 200) || response.statusText;
    const problems = [detail]
      .flat()
      .map((each) => (each?.msg ? `${each.loc.slice(1).join(".")}: ${each.msg}`.replace(/^: /, "") : each));
    throw new HttpError(`${what}: ${response.status} ${problems.join("; ")}`, response.status, retryAfter);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(`${what}: ${late ? `no answer within ${ms / 1000} s` : "the server cannot be reached"}`, 0);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text; // an empty or a plain answer
  }
}

/** @param {number} ms @param {AbortSignal} [signal] rejects it */
function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => (clearTimeout(timer), reject(signal?.reason));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), resolve(null)), ms);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** @returns {{ promise: Promise<void>, resolve: () => void, reject: (error: Error) => void }} */
function deferred() {
  /** @type {any} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  parts.promise.catch(() => {}); // who does not wait for it hears of it by "state"
  return parts;
}

/** @param {unknown} error */
function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}
