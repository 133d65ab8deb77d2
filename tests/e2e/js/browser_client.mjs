// Drives client.js in headless Chromium, from a page of another origin.
// node browser_client.mjs --part drive|failures|restart --url http://127.0.0.1:8080 --control … --chromium …
import { chromium } from "playwright-core";
import http from "node:http";
import { parseArgs } from "node:util";
import { checksOf, expect } from "./checks.mjs";

const { check, end } = checksOf("client.js");

const text = { type: "string" };
const { values: options } = parseArgs({ options: { url: text, chromium: text, control: text, part: text } });
const WAIT = 20000; // ms; no wait is longer

// A site of its own; what is under /behind/a/proxy is the server.
const PREFIX = "/behind/a/proxy";
const site = http.createServer((request, response) => {
  if (request.url.startsWith(`${PREFIX}/`)) {
    const { method, headers } = request;
    const there = http.request(options.url + request.url.slice(PREFIX.length), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    there.on("error", () => response.destroy());
    return void request.pipe(there);
  }
  response.setHeader("content-type", "text/html");
  if (request.url === "/strict") response.setHeader("content-security-policy", "worker-src 'none'");
  response.end("<!doctype html><title>elsewhere</title>");
});
await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
const nobody = http.createServer();
await new Promise((listening) => nobody.listen(0, "127.0.0.1", listening));
const closedPort = nobody.address().port;
await new Promise((closed) => nobody.close(closed));

const browser = await chromium.launch({
  executablePath: options.chromium,
  headless: true,
  args: [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    "--autoplay-policy=no-user-gesture-required",
  ],
});
const errors = [];

/** A blank page with the module in `client`, and a Reactor in `reactor`. */
async function blank(settings, { path = "/", module = options.url } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`http://127.0.0.1:${site.address().port}${path}`);
  await page.evaluate(
    async ([url, settings]) => {
      window.client = await import(`${url}/client.js`);
      window.reactor = new client.Reactor(settings);
      window.states = [];
      window.told = { message: [], notice: [], sent: [], answered: [], published: [], schema: [], frame: [] };
      reactor.on("state", (state) => states.push(state));
      for (const event of Object.keys(told)) reactor.on(event, (value) => told[event].push(value));
      window.track = (name) => reactor.tracks.find((track) => track.name === name);
      window.caught = (promise) =>
        promise.then(
          (value) => ({ value }),
          (error) => ({ name: error.name, text: error.message, ...error }),
        );
    },
    [module, settings],
  );
  return page;
}

function expectText(found, pattern) {
  if (!pattern.test(found)) throw new Error(`found ${JSON.stringify(found)}, not ${pattern}`);
}
const control = async (what) => {
  const answer = await fetch(`${options.control}/${what}`, { method: "POST" });
  if (!answer.ok) throw new Error(`${what}: ${answer.statusText}`);
};

/** Shows the track in a <video> of the page and waits until pictures arrive. */
const plays = (page) =>
  page.evaluate(async () => {
    let video = document.querySelector("video");
    if (!video) {
      video = Object.assign(document.createElement("video"), { muted: true, autoplay: true, playsInline: true });
      video.srcObject = track("main_video").stream;
      document.body.append(video);
    }
    const shown = () =>
      new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error("no picture within 10 s")), 10000);
        video.requestVideoFrameCallback((now, about) => resolve(about));
      });
    for (let count = 0; count < 5; count++) await shown();
    return [video.videoWidth, video.videoHeight];
  });
const state = (page, name) => page.waitForFunction((name) => reactor.state.name === name, name);

const parts = {
  async drive() {
    const page = await blank({});
    await check("connects_from_another_origin", async () => {
      await page.evaluate(() => reactor.connect());
      expect(await page.evaluate(() => states.filter(({ name }) => name === "connecting").map(({ step }) => step)), [
        "http",
        "session",
        "signalling",
        "ice",
        "dtls",
        "channels",
      ]);
      const known = await page.evaluate(() => [
        reactor.state.name,
        reactor.model.name,
        reactor.url,
        reactor.session.state.length > 0,
        reactor.tracks.map(({ name, kind, direction, paused }) => [name, kind, direction, paused].join()),
      ]);
      expect(known.slice(0, 4), ["live", "lab", `${options.url}/`, true]);
      expect(known[4].sort(), [
        "main_audio,audio,out,true",
        "main_video,video,out,false",
        "voice,audio,in,true",
        "webcam,video,in,false",
      ]);
    });
    await check("plays", async () => expect(await plays(page), [160, 90]));
    await check("the_schema_comes", async () => {
      await page.waitForFunction(() => told.schema.length === 1);
      expect(await page.evaluate(() => !!reactor.schema.paths["/events/set_speed"]), true);
    });
    await check("a_command_is_answered", async () => {
      const reply = { type: "speed", data: { speed: 2 } };
      expect(await page.evaluate(() => reactor.command("set_speed", { speed: 2 })), reply);
      const [sent, answered] = await page.evaluate(() => [told.sent.at(-1), told.answered.at(-1)]);
      expect(sent, { id: answered.id, name: "set_speed", args: { speed: 2 } });
      expect([answered.reply, answered.ms > 0, answered.ms < 12000], [reply, true, true]);
      expect(await page.evaluate(() => reactor.command("draw", { points: [] })), null);
    });
    await check("a_refusal_names_its_field", async () => {
      const refused = (name, args) =>
        page.evaluate(([name, args]) => caught(reactor.command(name, args)), [name, args]);
      expect(await refused("set_speed", { speed: 99 }), {
        name: "CommandRefused",
        text: "set_speed: speed: 99.0 is above the maximum 10",
        code: "invalid_command",
        path: "speed",
      });
      expect((await refused("draw", { points: [{ x: 0 }, { x: 2 }] })).path, "points[1].x");
      expect((await refused("draw", {})).path, "points");
      expect((await refused("set_speed", { sped: 1 })).path, "sped");
      const unknown = await refused("set_sped", {});
      expect([unknown.code, unknown.path], ["invalid_command", null]);
      expect(await page.evaluate(() => told.answered.filter(({ error }) => error).length), 5);
    });
    await check("files_go_with_a_command", async () => {
      const reply = await page.evaluate(() => {
        const file = (name, size) => new File([new Uint8Array(size)], name, { type: "image/png" });
        return reactor.command("take", {
          first: file("one.png", 10),
          more: [file("two.png", 300000), file("three.png", 5)],
        });
      });
      expect(reply.data, { names: ["one.png", "two.png", "three.png"], size: 300005 });
      const sent = await page.evaluate(() => told.sent.at(-1).args.more[0]);
      expect([typeof sent.upload_id, sent.name, sent.size], ["string", "two.png", 300000]);
    });
    await check("metadata_and_capture_time_come_with_the_shown_frame", async () => {
      const found = await page.evaluate(
        () =>
          new Promise((resolve, reject) => {
            const rows = [];
            setTimeout(() => reject(new Error(`${rows.length} of 20 shown frames have a trailer`)), 10000);
            const video = document.querySelector("video");
            const look = (now, { rtpTimestamp }) => {
              const frame = reactor.frame("main_video", rtpTimestamp);
              if (frame?.metadata) rows.push(frame);
              if (rows.length < 20) video.requestVideoFrameCallback(look);
              else resolve(rows);
            };
            video.requestVideoFrameCallback(look);
          }),
      );
      for (const [index, frame] of found.entries()) {
        const before = found[index - 1];
        if (before && !(frame.metadata.number > before.metadata.number && frame.captured > before.captured)) {
          throw new Error(`${JSON.stringify(before)} before ${JSON.stringify(frame)}`);
        }
      }
      await page.waitForFunction(() => told.frame.length > 300); // more than are kept
      const kept = await page.evaluate(() => {
        const times = new Set(told.frame.map(({ rtpTimestamp }) => rtpTimestamp));
        return [...times].filter((time) => reactor.frame("main_video", time)).length;
      });
      if (kept > 256) throw new Error(`${kept} frames are kept`);
      return { trailer: found.at(-1), kept };
    });
    await check("figures_of_the_browser", async () => {
      const stats = await page.evaluate(() => reactor.stats());
      expect(
        [stats.tracks.main_video.frameWidth, stats.tracks.main_video.codec, stats.connection.remote.protocol],
        [160, "VP8", "udp"],
      );
      if (!(stats.tracks.main_video.framesDecoded > 10 && stats.connection.bytesReceived > 1000))
        throw new Error(JSON.stringify(stats));
    });
    await check("a_track_pauses_and_resumes", async () => {
      const decoded = async () => (await page.evaluate(() => reactor.stats())).tracks.main_video.framesDecoded;
      await page.evaluate(() => track("main_video").pause());
      // Paused is when two looks, half a second apart, find the same.
      for (let last = -1, now; (now = await decoded()) !== last; last = now) await page.waitForTimeout(500);
      await page.evaluate(() => track("main_video").resume());
      await plays(page);
      await page.evaluate(() => track("main_audio").resume());
      await page.waitForFunction(async () => (await reactor.stats()).tracks.main_audio.totalAudioEnergy > 0);
    });
    await check("a_camera_reaches_the_model", async () => {
      await page.evaluate(() => track("webcam").publish("camera"));
      await page.waitForFunction(() => told.message.some(({ type, data }) => type === "sees" && data.width > 0));
      expect(await page.evaluate(() => [typeof track("webcam").source, told.published.length]), ["string", 1]);
      await page.evaluate(() => track("webcam").unpublish());
      expect(await page.evaluate(() => [track("webcam").source, track("webcam").stream.getTracks().length]), [null, 0]);
    });
    await check("a_file_is_sent_in_a_loop", async () => {
      await page.evaluate(async () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
        const paint = setInterval(() => {
          const context = canvas.getContext("2d");
          context.fillStyle = `rgb(${Math.random() * 255}, 200, 0)`;
          context.fillRect(0, 0, 320, 240);
        }, 40);
        const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
        const parts = [];
        recorder.ondataavailable = ({ data }) => parts.push(data);
        const stopped = new Promise((done) => (recorder.onstop = done));
        recorder.start();
        await new Promise((done) => setTimeout(done, 1200));
        recorder.stop();
        await stopped;
        clearInterval(paint);
        told.message.length = 0;
        await track("webcam").publish(new File(parts, "film.webm", { type: "video/webm" }));
      });
      expect(await page.evaluate(() => track("webcam").source), "film.webm");
      await page.waitForFunction(() => told.message.some(({ type, data }) => type === "sees" && data.width === 320));
      const sent = async () => (await page.evaluate(() => reactor.stats())).tracks.webcam.framesSent;
      const before = await sent();
      // More frames than the film has.
      for (const until = Date.now() + WAIT; (await sent()) < before + 50;) {
        if (Date.now() > until) throw new Error(`${(await sent()) - before} frames were sent`);
        await page.waitForTimeout(100);
      }
      const wrong = await page.evaluate(() => caught(track("webcam").publish(new File(["no film"], "notes.txt"))));
      expectText(wrong.text, /^notes\.txt: this browser cannot play it/);
      expect(await page.evaluate(() => track("webcam").source), "film.webm");
    });
    await check("sound_of_a_file_reaches_the_model", async () => {
      await page.evaluate(() => {
        const rate = 8000;
        const samples = Int16Array.from({ length: rate }, (_, n) => 20000 * Math.sin((n * 2 * Math.PI * 440) / rate));
        const head = new DataView(new ArrayBuffer(44));
        const word = (at, text) => [...text].forEach((letter, n) => head.setUint8(at + n, letter.charCodeAt(0)));
        (word(0, "RIFF"), word(8, "WAVEfmt "), word(36, "data"));
        (head.setUint32(4, 36 + samples.byteLength, true), head.setUint32(16, 16, true), head.setUint16(20, 1, true));
        (head.setUint16(22, 1, true), head.setUint32(24, rate, true), head.setUint32(28, 2 * rate, true));
        (head.setUint16(32, 2, true), head.setUint16(34, 16, true), head.setUint32(40, samples.byteLength, true));
        return track("voice").publish(new File([head, samples], "tone.wav", { type: "audio/wav" }));
      });
      await page.waitForFunction(() => told.message.some(({ type, data }) => type === "hears" && data.loud));
      await page.evaluate(() => track("voice").unpublish());
    });
    await check("a_clip_is_an_mp4", async () => {
      const clip = await page.evaluate(async () => {
        const { blob, seconds, name } = await reactor.clip(2);
        const video = Object.assign(document.createElement("video"), { muted: true, src: URL.createObjectURL(blob) });
        await video.play();
        return { size: blob.size, type: blob.type, seconds, name, length: video.duration, width: video.videoWidth };
      });
      expect(
        [clip.type, clip.width, clip.seconds >= 2, Math.abs(clip.length - clip.seconds) < 0.5],
        ["video/mp4", 160, true, true],
      );
      expectText(clip.name, /^lab-clip-\d{8}-\d{6}\.mp4$/);
      const all = await page.evaluate(async () => (await reactor.recording()).seconds);
      if (all < clip.seconds) throw new Error(`the recording has ${all} s`);
      return clip;
    });
    await check("a_listener_that_throws_harms_nobody", async () => {
      const heard = page.waitForEvent("console", { predicate: (message) => message.type() === "error" });
      await page.evaluate(() => {
        const off = reactor.on("answered", () => {
          off();
          throw new Error("mine");
        });
        return reactor.command("set_speed", { speed: 1 });
      });
      expectText((await heard).text(), /a listener of "answered" failed/);
    });
    await check("the_clocks_are_compared", async () => {
      await page.waitForFunction(() => reactor.clock.rtt !== null);
      const late = await page.evaluate(() => {
        const { captured } = told.frame.at(-1);
        return performance.now() - reactor.clock.toPage(captured);
      });
      if (!(late > 0 && late < 2000)) throw new Error(`a frame that has just come was captured ${late} ms ago`);
    });
    await check("figures_of_the_server", async () => {
      await page.evaluate(() => {
        window.figures = [];
        reactor.on("figures", (value) => figures.push(value));
        reactor.watch(true);
      });
      await page.waitForFunction(() => figures.length > 1);
      expect(await page.evaluate(() => [figures.at(-1).fps, figures.at(-1).frames.length > 0]), [30, true]);
      await page.evaluate(() => reactor.watch(false));
    });
    await check("another_page_does_not_get_a_track_that_is_taken", async () => {
      const other = await blank({});
      await other.evaluate(() => reactor.connect());
      const refused = await other.evaluate(() => caught(track("webcam").publish("camera")));
      expect([refused.code, await other.evaluate(() => track("webcam").source)], ["publish_refused", null]);
      await other.close({ runBeforeUnload: true });
    });
    await check("what_the_model_fails_of_closes_it", async () => {
      await page.evaluate(() => reactor.command("fail"));
      await state(page, "closed");
      const { reason, bad } = await page.evaluate(() => states.at(-1));
      expectText(reason, /run\(\) failed with RuntimeError/);
      expect(bad, true);
      expect(await page.evaluate(() => [track("webcam").source, reactor.session]), [null, null]);
      expect((await page.evaluate(() => caught(reactor.command("draw", {})))).code, "not_connected");
    });
    await check("works_under_a_path_that_the_server_does_not_know", async () => {
      const other = await blank({}, { module: PREFIX });
      await other.evaluate(() => reactor.connect());
      expect(new URL(await other.evaluate(() => reactor.url)).pathname, `${PREFIX}/`);
      await plays(other);
      const reply = await other.evaluate(() =>
        reactor.command("take", { first: new File(["x"], "one.txt"), more: [] }),
      );
      expect(reply.data.names, ["one.txt"]);
      expect(await other.evaluate(async () => (await reactor.clip(1)).blob.size > 1000), true);
      await other.close();
    });
    await check("plays_where_the_page_allows_no_worker", async () => {
      const other = await blank({}, { path: "/strict" });
      await other.evaluate(() => reactor.connect());
      await plays(other);
      expect(await other.evaluate(() => told.frame.length), 0);
      await other.close();
    });
    await check("connects_again", async () => {
      await page.evaluate(() => reactor.connect());
      await plays(page);
      await page.evaluate(() => reactor.reconnect());
      await plays(page);
      await page.evaluate(() => reactor.disconnect());
      const { name, reason, bad } = await page.evaluate(() => reactor.state);
      expect([name, reason, bad], ["closed", "disconnected", false]);
    });
  },

  async failures() {
    const CANDIDATE = /^(a=candidate:\S+ \d+ \S+ \d+) (\S+) \d+/gm;
    const accepted = { status: 202, headers: { "access-control-allow-origin": "*" } };
    const page = await blank({});
    const fails = (settings) =>
      page.evaluate(
        (settings) => {
          window.reactor = new client.Reactor(settings);
          return caught(reactor.connect());
        },
        { deadlines: { ice: 3000, channels: 3000, answer: 3000 }, ...settings },
      );
    const answers = (change) =>
      page.route("**/sdp_params", async (route) => {
        const answer = await route.fetch();
        if (route.request().method() !== "GET" || answer.status() !== 200) return route.fulfill({ response: answer });
        const told = await answer.json();
        await route.fulfill({ response: answer, json: { ...told, sdp_answer: change(told.sdp_answer) } });
      });
    await check("nobody_there_is_http", async () => {
      const error = await fails({ url: `http://127.0.0.1:${closedPort}` });
      expect([error.name, error.step], ["ConnectError", "http"]);
      expectText(error.advice, /Does the server run.*`reactor run`/);
      expect(await page.evaluate(() => [reactor.state.name, reactor.state.bad]), ["closed", true]);
    });
    await check("nobody_there_is_waited_for", async () => {
      await page.evaluate((url) => {
        window.reactor = new client.Reactor({ url, patient: true });
        window.states = [];
        reactor.on("state", (state) => states.push(state));
        void reactor.connect();
      }, `http://127.0.0.1:${closedPort}`);
      await page.waitForFunction(() => states.filter(({ name }) => name === "waiting").length === 3);
      const waits = await page.evaluate(() =>
        states.filter(({ name }) => name === "waiting").map(({ attempt, problem }) => [attempt, problem.step]),
      );
      expect(waits, [
        [1, "http"],
        [2, "http"],
        [3, "http"],
      ]);
      await page.evaluate(() => reactor.disconnect());
    });
    await check("a_wrong_path_is_told_with_its_status", async () => {
      const error = await fails({ url: `${options.url}/nowhere` });
      expect(error.step, "http");
      expectText(error.text, /nowhere\/health: 404/);
      expectText(error.advice, /no Reactor server/);
    });
    await check("a_refused_offer_is_signalling", async () => {
      await page.route("**/sdp_params", (route) =>
        route.continue({ postData: JSON.stringify({ sdp_offer: "nonsense", track_mapping: [] }) }),
      );
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect(error.step, "signalling");
      expectText(error.text, /422 .*sdp_offer/);
    });
    await check("no_answer_is_signalling", async () => {
      await page.route("**/sdp_params", (route) =>
        route.request().method() === "GET"
          ? route.fulfill({ status: 202, headers: { "access-control-allow-origin": "*" } })
          : route.continue(),
      );
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect([error.step, error.text], ["signalling", "the server has not answered the offer within 3 s"]);
    });
    await check("an_unreachable_address_is_ice", async () => {
      await page.route("**/ice_candidates", (route) => route.fulfill(accepted));
      await answers((sdp) => sdp.replace(CANDIDATE, `$1 $2 ${closedPort}`));
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect(error.step, "ice");
      expectText(error.advice, /block UDP between here and \S+:\d+.*--ice-server turn:USER:PASSWORD@HOST:PORT/);
      expect(
        [error.pairs.length > 0, error.pairs.every(({ remote }) => remote.endsWith(`:${closedPort} host`))],
        [true, true],
      );
      const failing = error.pairs.filter(({ local, state }) => local.endsWith(" host") && state !== "succeeded");
      if (!failing.length) throw new Error(JSON.stringify(error.pairs));
      return error.pairs;
    });
    await check("an_address_that_is_not_even_tried_is_ice", async () => {
      await page.route("**/ice_candidates", (route) => route.fulfill(accepted));
      await answers((sdp) => sdp.replace(CANDIDATE, "$1 127.0.0.1 9"));
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect([error.step, error.pairs[0].remote], ["ice", "127.0.0.1:9 host"]);
      return error.pairs;
    });
    await check("an_answer_without_an_address_is_ice", async () => {
      await page.route("**/ice_candidates", (route) => route.fulfill(accepted));
      await answers((sdp) => sdp.replace(/^a=candidate:.*\r\n/gm, ""));
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect([error.step, error.text], ["ice", "the server's answer names no address to reach it at"]);
    });
    await check("a_turn_server_that_does_not_answer_is_named", async () => {
      await page.route("**/ice_servers", (route) =>
        route.fulfill({
          json: { ice_servers: [{ uris: ["turn:127.0.0.1:9"], credentials: { username: "me", password: "mine" } }] },
          headers: { "access-control-allow-origin": "*" },
        }),
      );
      await page.route("**/ice_candidates", (route) => route.fulfill(accepted));
      await answers((sdp) => sdp.replace(CANDIDATE, `$1 $2 ${closedPort}`));
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect(error.step, "ice");
      expectText(error.advice, /The TURN server turn:127\.0\.0\.1:9 did not answer, or refused/);
    });
    await check("another_certificate_is_dtls", async () => {
      await answers((sdp) => sdp.replace(/^(a=fingerprint:\S+ )(..):(..)/gm, "$1$3:$2"));
      const error = await fails({ url: options.url });
      await page.unrouteAll();
      expect([error.step, error.pairs.some((pair) => pair.state === "succeeded")], ["dtls", true]);
      expectText(error.text, /DTLS/);
    });
    await check("after_all_that_it_connects", async () => {
      const done = await fails({ url: options.url });
      expect([done.text, await page.evaluate(() => reactor.state.name)], [undefined, "live"]);
    });
  },

  async restart() {
    const page = await blank({ patient: true });
    await page.evaluate(() => reactor.connect());
    await check("comes_back_after_a_restart", async () => {
      await page.evaluate(() => reactor.watch(true));
      await plays(page);
      await page.evaluate(() => track("webcam").publish("camera"));
      await page.evaluate(() => {
        window.stream = track("main_video").stream;
        told.schema.length = told.message.length = states.length = 0;
        window.figures = 0;
        reactor.on("figures", () => figures++);
      });
      await control("stop");
      await state(page, "waiting");
      const { problem } = await page.evaluate(() => states.find(({ name }) => name === "waiting"));
      expect([problem.step, problem.message], ["lost", "the server is shutting down"]);
      expect(await page.evaluate(() => typeof track("webcam").source), "string");
      await control("load");
      await state(page, "loading");
      await control("open");
      await state(page, "live");
      expect(await plays(page), [160, 90]);
      await page.waitForFunction(() => told.schema.length === 1);
      await page.waitForFunction(() => told.message.some(({ type }) => type === "sees")); // the camera, anew
      expect(await page.evaluate(() => track("main_video").stream === stream), true);
      expect(await page.evaluate(() => states.some(({ name }) => name === "closed")), false);
      await page.waitForFunction(() => figures > 1);
    });
    await check("a_failed_load_is_told", async () => {
      await control("stop");
      await state(page, "waiting");
      await control("load");
      await state(page, "loading");
      await control("shut");
      await page.waitForFunction(() => reactor.state.problem?.step === "load");
      expectText((await page.evaluate(() => reactor.state.problem)).message, /the weights are not there/);
      await control("start");
      await state(page, "live");
      await plays(page);
    });
    await check("comes_back_after_the_server_was_killed", async () => {
      await page.evaluate(() => (states.length = 0));
      await control("kill");
      await state(page, "waiting");
      const { problem } = await page.evaluate(() => reactor.state);
      expectText(problem.step, /^(lost|http)$/);
      await control("start");
      await state(page, "live");
      await plays(page);
    });
    await check("a_page_that_is_left_is_missed_at_once", async () => {
      const other = await blank({});
      await other.evaluate(() => reactor.connect());
      await other.evaluate(() => track("voice").publish("microphone"));
      await other.goto("about:blank");
      // The server gives the track to another one only once it knows that its holder is gone.
      await page.waitForFunction(() =>
        track("voice")
          .publish("microphone")
          .then(
            () => true,
            () => false,
          ),
      );
      await page.evaluate(() => track("voice").unpublish());
      await other.close();
    });
    await check("stop_ends_the_session", async () => {
      const other = await blank({});
      await other.evaluate(() => reactor.connect());
      await page.evaluate(() => reactor.stop("enough"));
      const [name, reason, bad] = await page.evaluate(() => [
        reactor.state.name,
        reactor.state.reason,
        reactor.state.bad,
      ]);
      expect([name, reason, bad], ["closed", "enough", false]);
      await state(other, "closed");
      expect(await other.evaluate(() => [reactor.state.reason, reactor.state.bad]), ["enough", true]);
      expect(await page.evaluate(() => states.at(-1).name), "closed");
    });
  },
};

await parts[options.part]();
await check("no_errors_in_the_page", () => expect(errors.join("\n"), ""));
await browser.close();
site.close();
end();
