// Drives the server's own page with what a model has of pictures, sound, sources and clips: it is looked at and listened to.
// node media_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium --file FILM (or a folder, for what is saved)
import { readFileSync } from "node:fs";
import { check, expect, file, finish, page, plays, says, state, url } from "./page_driver.mjs";

const button = (name) => page.getByRole("button", { name, exact: true });
const log = (text) => page.locator("#log li").filter({ hasText: text }).last();
const videos = page.locator("#pictures video");
const lines = page.locator("#pictures .line");
const command = (name, args) => page.evaluate(([name, args]) => window.reactor.command(name, args), [name, args]);

// How many frames of a video came, and that more do.
const shown = (index) => videos.nth(index).evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames);
const goesOn = async (index) => {
  const from = await shown(index);
  await page.waitForFunction(([index, from]) =>
    document.querySelectorAll("#pictures video")[index].getVideoPlaybackQuality().totalVideoFrames > from + 10, [index, from]);
};

// The loudest frequency of each of two channels, in Hz; 0 where all is quiet.
const listen = () => page.evaluate(() => {
  const context = new AudioContext(), splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  context.createMediaStreamSource(document.querySelector("audio").srcObject).connect(splitter);
  const analysers = [0, 1].map((channel) => {
    const analyser = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
    splitter.connect(analyser, channel);
    return analyser;
  });
  window.loudest = () => analysers.map((analyser) => {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const at = levels.indexOf(Math.max(...levels));
    return levels[at] > -60 ? (at * context.sampleRate) / analyser.fftSize : 0;
  });
});
const areHeard = (...pitches) => page.waitForFunction((pitches) =>
  window.loudest().every((pitch, channel) => Math.abs(pitch - pitches[channel]) < 8), pitches);

// What pressing `press` has the page save: its name, and where it lies.
async function saved(press) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 60000 }), press()]);
  return { name: download.suggestedFilename(), path: await download.path(), download };
}

const drop = async (name, mimeType, bytes) => {
  const dropped = await page.evaluateHandle(([name, type, base64]) => {
    const given = new DataTransfer();
    given.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
    return given;
  }, [name, mimeType, bytes.toString("base64")]);
  const row = page.locator(".source").first();
  await row.dispatchEvent("dragover", { dataTransfer: dropped });
  expect(await page.locator(".source.over").count(), 1);
  await row.dispatchEvent("drop", { dataTransfer: dropped });
  expect(await page.locator(".source.over").count(), 0);
};

await page.goto(`${url}/`);
await state("live");
const { model, ins, outs } = await page.evaluate(() => {
  const of = (direction) => window.reactor.tracks.filter((track) => track.direction === direction).map(({ name }) => name);
  return { model: window.reactor.model.name, ins: of("in"), outs: of("out") };
});
await check("every_picture_plays", async () => {
  for (let index = 0; index < await videos.count(); index++) await goesOn(index);
  expect(await page.title(), model);
  return await videos.count();
});

if (outs.includes("depth")) {
  await check("each_picture_pauses_by_itself", async () => {
    await button("Pause depth").click();
    await says(lines.nth(1), "Paused.");
    expect(await lines.nth(0).textContent(), "");
    let before;
    do { // what was on its way still comes
      before = await shown(1);
      await goesOn(0);
    } while (await shown(1) !== before);
    await button("Resume depth").click();
    await goesOn(1);
    expect(await lines.nth(1).textContent(), "");
  });
  await check("a_picture_has_the_full_screen_and_gives_it_back", async () => {
    await button("depth on the full screen").click();
    await page.waitForFunction(() => document.fullscreenElement?.querySelector("video")?.ariaLabel === "depth");
    await button("depth on the full screen").click();
    await page.waitForFunction(() => !document.fullscreenElement);
  });
  await check("a_picture_is_saved_pixel_for_pixel", async () => {
    await button("Pause main_video").click();
    let before;
    do {
      before = await shown(0);
      await goesOn(1);
    } while (await shown(0) !== before);
    const { name, path } = await saved(() => button("Save a picture of main_video").click());
    if (!/^duet-main_video-[\d-]+\.png$/.test(name)) throw new Error(`it is called ${name}`);
    const [width, height, difference] = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const video = document.querySelector("#pictures video");
      const pixels = (source) => {
        const brush = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext("2d");
        brush.drawImage(source, 0, 0);
        return brush.getImageData(0, 0, video.videoWidth, video.videoHeight).data;
      };
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const [one, other] = [pixels(image), pixels(video)];
      return [image.width, image.height, one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0)];
    }, readFileSync(path).toString("base64"));
    expect(`${width}×${height} ${difference}`, "480×270 0");
    await button("Resume main_video").click();
  });
  await check("a_point_is_one_of_the_picture_and_not_of_its_bars", async () => {
    const found = await page.evaluate(async () => {
      const { point } = await import("/studio/pictures.js");
      const video = document.querySelector("#pictures video"); // 16:9, in a box that is twice as wide as it is
      Object.assign(video.style, { position: "fixed", left: "0", top: "0", width: "320px", height: "90px", zIndex: "9" });
      const at = (clientX, clientY) => point(video, new MouseEvent("click", { clientX, clientY }));
      const points = [at(160, 45), at(80, 0), at(240, 90), at(79, 45), at(241, 45)];
      video.removeAttribute("style");
      return JSON.stringify(points);
    });
    expect(found, '[{"x":0.5,"y":0.5},{"x":0,"y":0},{"x":1,"y":1},null,null]');
  });
  await check("pictures_have_their_places_before_they_come", async () => {
    const boxes = () => page.locator(".frame").evaluateAll((frames) => JSON.stringify(frames.map((frame) => frame.getBoundingClientRect())));
    await page.waitForFunction(() => document.querySelectorAll(".frame").length === 2);
    const before = await boxes();
    // The page is held before it asks anything of the server.
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await page.route("**/health*", async (route) => (await held, route.continue()));
    await page.reload();
    await state("connecting");
    await page.waitForFunction(() => document.querySelectorAll(".frame").length === 2);
    expect(await boxes(), before);
    go();
    await plays();
    expect(await boxes(), before);
    await page.unroute("**/health*");
  });
  await check("on_a_phone_they_stand_side_by_side_and_nothing_is_wider_than_it", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const [first, second] = await page.locator(".tile").evaluateAll((tiles) => tiles.map((tile) => tile.getBoundingClientRect().toJSON()));
    expect(first.top, second.top);
    const out = await page.evaluate(() => [...document.querySelectorAll("#bar *, #pictures *, .tools *, #log .controls *")]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth)
      .map((element) => element.outerHTML.slice(0, 80)).join("\n"));
    expect(out, "");
    await page.setViewportSize({ width: 1280, height: 1000 });
  });
}

if (outs.includes("main_audio") && model === "synth") {
  await check("sound_is_off_until_it_is_wanted", async () => {
    if (!await page.locator("audio").evaluate(({ muted }) => muted)) throw new Error("it plays at once");
  });
  await check("sound_is_heard_in_both_ears_and_follows_commands", async () => {
    await button("Sound on").click();
    await listen();
    await command("set_waveform", { waveform: "sine" });
    await command("set_pitch", { pitch: 400 });
    await areHeard(400, 600); // a fifth higher on the right
    await command("set_interval", { interval: "octave" });
    await command("set_pitch", { pitch: 500 });
    await areHeard(500, 1000);
    await page.waitForFunction(() => !document.querySelector("audio").paused && !document.querySelector("audio").muted);
  });
  await check("a_slider_is_its_volume", async () => {
    await page.getByRole("slider", { name: "Volume of main_audio" }).fill("0.25");
    expect(await page.locator("audio").evaluate(({ volume }) => volume), 0.25);
  });
  await check("sound_goes_off", async () => {
    await button("Sound off").click();
    await areHeard(0, 0);
  });
}

if (ins.includes("voice")) {
  const voice = page.getByRole("group", { name: "Send as voice" });
  await check("microphone_reaches_the_model", async () => {
    await voice.getByRole("button", { name: "Microphone" }).click();
    await log("← beep").waitFor();
    await page.waitForFunction(() => document.querySelector("meter").value > 0.05);
  });
  await check("another_device_can_be_chosen", async () => {
    const choice = voice.getByRole("combobox", { name: "Which microphone to send as voice" });
    await choice.selectOption({ label: "Fake Audio Input 2" });
    await says(voice.locator(".sends"), "Fake Audio Input 2");
  });
  await check("microphone_stops", async () => {
    await voice.getByRole("button", { name: "Stop" }).click();
    await log("← quiet").waitFor();
    expect(await voice.getByRole("button", { name: "Stop" }).count(), 0);
  });
  await check("each_track_has_sources_of_its_own", async () => {
    expect(await page.locator(".source legend").allTextContents().then(String), "Send as camera,Send as screen,Send as voice");
    expect(await voice.getByRole("button").allTextContents().then(String), "Microphone,Sound file…");
  });
}

if (ins.includes("webcam")) {
  const stop = button("Stop");
  await check("camera_reaches_the_model", async () => {
    await button("Camera").click();
    await log(/"client":\d+,"width":640/).waitFor();
    await page.waitForFunction(() => document.querySelector(".source video").videoWidth === 640);
  });
  await check("another_client_that_sends_is_told_beside_the_control", async () => {
    const other = await (await page.context().browser().newContext()).newPage();
    await other.goto(`${url}/`);
    await other.locator("#status[data-state=live]").waitFor();
    await other.getByRole("button", { name: "Camera", exact: true }).click();
    await says(other.locator(".source .error"), /another client|published|sends/i);
    const told = await other.locator(".source .error").textContent();
    await other.close();
    return told;
  });
  await check("camera_stops", async () => {
    await stop.click();
    await log('"client":null').waitFor();
    expect(await stop.isVisible(), false);
  });
  await check("a_film_is_a_source", async () => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button("Video file…").click()]);
    await chooser.setFiles(file);
    await log(/"client":\d+,"width":320,"height":180/).waitFor();
    await says(page.locator(".source .sends"), "film.webm");
    await stop.click();
  });
  await check("a_film_can_be_dropped", async () => {
    await drop("notes.txt", "text/plain", Buffer.from("words"));
    await says(page.locator(".source .error"), "notes.txt is no video file.");
    await drop("film.webm", "video/webm", readFileSync(file));
    await says(page.locator(".source .sends"), "film.webm");
    expect(await page.locator(".source .error").textContent(), "");
    await page.waitForFunction(() => document.querySelector(".source video").videoWidth === 320);
  });
  await check("what_no_browser_plays_is_told_beside_the_control", async () => {
    await drop("broken.webm", "video/webm", Buffer.from("no film"));
    await says(page.locator(".source .error"), "Broken.webm: this browser cannot play it");
  });
  await check("a_server_that_records_nothing_says_how_it_would", async () => {
    await button("Save the last").click();
    await says(page.locator("#clips [role=status]"), /recording: \{enabled: true\}.*reactor run --record DIR/);
    expect(await button("Save the last").isEnabled(), true);
  });
}

if (model === "recorded") {
  await check("a_clip_and_the_recording_are_saved", async () => {
    await page.waitForFunction(() => document.querySelector("video").currentTime > 5);
    await page.getByRole("combobox", { name: "Length of the clip" }).selectOption("5 s");
    const clip = await saved(() => button("Save the last").click());
    await says(page.locator("#clips [role=status]"), /Saved recorded-clip-.*\.mp4: \d/);
    await clip.download.saveAs(`${file}/clip.mp4`);
    const whole = await saved(() => button("Save all").click());
    await says(page.locator("#clips [role=status]"), /Saved recorded-recording-.*\.mp4: \d/);
    await whole.download.saveAs(`${file}/recording.mp4`);
    return [clip.name, whole.name];
  });
}
await finish();
