// Drives the studio's figures with a model that can be told to flash, to stand still and to drop frames.
// node figures_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { check, expect, finish, page, plays, says, url } from "./page_driver.mjs";

const figure = (title) => page.locator("#figures dl").filter({ hasText: title });
const known = (title) => figure(title).locator(".value").filter({ hasText: /^\d/ }).waitFor();
const command = (name, args) => page.evaluate(([name, args]) => window.reactor.command(name, args), [name, args]);

await page.goto(`${url}/`);
await check("plays", plays);
await check("every_figure_of_a_stream_is_known", async () => {
  for (const title of ["Emitted to visible", "Frames a second", "Model step", "Bit rate"]) await known(title);
  await page.waitForFunction(() => [...document.querySelectorAll("#figures .legend b")].every((part) => /\d ms/.test(part.textContent)));
  await says(page.locator("#figures .path"), /host.*udp.*VP8/);
});
await check("each_frame_on_the_screen_is_one_the_server_told_of", async () => {
  // The capture time that came with it is a time at which a frame left.
  const { shown, left } = await page.evaluate(async () => {
    const video = document.querySelector("video"), shown = [], left = new Set();
    const off = window.reactor.on("figures", ({ frames }) => frames.forEach((moments) => left.add(moments[3])));
    while (shown.length < 30) {
      const { rtpTimestamp } = await new Promise((done) => video.requestVideoFrameCallback((_, frame) => done(frame)));
      shown.push(window.reactor.frame("main_video", rtpTimestamp)?.captured);
    }
    for (let more = 0; more < 3; more++) await new Promise((done) => { const stop = window.reactor.on("figures", () => { stop(); done(); }); });
    off();
    return { shown, left: [...left] };
  });
  const unknown = shown.filter((captured) => !left.includes(captured));
  // Those that left before the first notice was heard are told of in one that was not.
  if (unknown.length > 10 || !left.includes(shown.at(-1))) throw new Error(`${unknown.length} of ${shown.length} were not told of`);
  return unknown.length;
});
await check("command_to_visible_is_until_the_very_frame_that_shows_it", async () => {
  // The truth is in the pixels: the first bright frame, and when the browser says that it is on the screen.
  const took = await page.evaluate(async () => {
    const video = document.querySelector("video"), canvas = new OffscreenCanvas(1, 1);
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    const bright = new Promise((done) => {
      const look = (_, { expectedDisplayTime }) => {
        brush.drawImage(video, 0, 0, 1, 1);
        if (brush.getImageData(0, 0, 1, 1).data[0] > 128) done(expectedDisplayTime);
        else video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    });
    const sent = new Promise((done) => window.reactor.on("sent", () => done(performance.now())));
    await window.reactor.command("flash", {});
    return (await bright) - (await sent);
  });
  const said = figure("Command to visible").locator(".more").filter({ hasText: /last \d/ });
  await said.waitFor();
  const told = Number.parseFloat((await said.textContent()).match(/[\d.]+/)[0]);
  if (Math.abs(told - took) > 2) throw new Error(`it says ${told} ms; the pixels say ${took} ms`); // both are rounded
  return { told, took };
});
await check("a_model_in_a_long_step_is_what_stalls", async () => {
  await command("stand_still", { seconds: 6 });
  await says(page.locator("#pictures"), /Stalled\. The model has been in one step for \d/);
  await page.waitForFunction(() => !document.querySelector("#pictures").textContent.includes("Stalled"));
});
await check("what_is_dropped_is_told_with_its_cause", async () => {
  await command("hurry", { on: true });
  await says(page.locator("#figures .losses"), /\d+ replaced in the queue by newer ones/);
  await command("hurry", { on: false });
});
await check("a_paused_picture_is_not_stalled", async () => {
  await page.getByRole("button", { name: "Pause main_video" }).click();
  const before = await page.evaluate(() => new Promise((done) => {
    let notices = 0;
    window.reactor.on("figures", () => { if (++notices === 12) done(document.querySelector("#pictures").textContent); });
  }));
  expect(before.includes("Stalled"), false);
  await page.getByRole("button", { name: "Resume main_video" }).click();
  await plays();
});
await finish();
