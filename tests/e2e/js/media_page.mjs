// Drives the server's own page with sound and several pictures: what a model has of them is looked at and listened to.
// node media_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { check, finish, form, page, says, slide, status, url } from "./page_driver.mjs";

const button = (name) => page.getByRole("button", { name });
const log = (text) => page.locator("#log li").filter({ hasText: text }).first();
const videos = page.locator("video");

// How many frames of a video came, and that more do.
const shown = (index) => videos.nth(index).evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames);
const goesOn = async (index) => {
  const from = await shown(index);
  await page.waitForFunction(([index, from]) =>
    document.querySelectorAll("video")[index].getVideoPlaybackQuality().totalVideoFrames > from + 10, [index, from]);
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

await page.goto(`${url}/`);
await status("Connected.");
await check("every_picture_plays", async () => {
  for (let index = 0; index < await videos.count(); index++) await goesOn(index);
  return await videos.count();
});
if (await videos.count() > 1) {
  await check("each_picture_pauses_by_itself", async () => {
    await button("Pause depth").click();
    let before;
    do { // what was on its way still comes
      before = await shown(1);
      await goesOn(0);
    } while (await shown(1) !== before);
    await button("Resume depth").click();
    await goesOn(1);
  });
}
if (await button("Sound on").count()) {
  await check("sound_is_off_until_it_is_wanted", async () => {
    if (!await page.locator("audio").evaluate(({ muted }) => muted)) throw new Error("it plays at once");
  });
  await check("sound_is_heard_in_both_ears_and_follows_commands", async () => {
    await button("Sound on").click();
    await listen();
    await form("set_waveform").locator("select").selectOption("sine");
    await slide("set_pitch", "pitch", 400);
    await areHeard(400, 600); // a fifth higher on the right
    await form("set_interval").locator("select").selectOption("octave");
    await slide("set_pitch", "pitch", 500);
    await areHeard(500, 1000);
    await page.waitForFunction(() => !document.querySelector("audio").paused && !document.querySelector("audio").muted);
  });
  await check("sound_goes_off", async () => {
    await button("Sound off").click();
    await areHeard(0, 0);
  });
}
if (await button("Send my microphone as voice").count()) {
  await check("microphone_reaches_the_model", async () => {
    await button("Send my microphone as voice").click();
    await log('← beep').waitFor();
  });
  await check("microphone_stops", async () => {
    await button("Stop sending my microphone").click();
    await log('← quiet').waitFor();
  });
  await check("a_second_picture_in_is_the_screen", async () => {
    await says(button("Send my screen as screen"), "screen");
    await says(button("Send my camera as camera"), "camera");
  });
}
await finish();
