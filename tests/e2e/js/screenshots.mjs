// Takes the pictures of the studio that the documentation shows: one JSON object for each file that is written.
// node screenshots.mjs --paint http://127.0.0.1:8080 --duet http://127.0.0.1:8081 --chromium /usr/bin/chromium --folder docs/images
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const text = { type: "string" };
const { values: options } = parseArgs({ options: { paint: text, duet: text, chromium: text, folder: text } });
const WAIT = 60000; // ms; no wait is longer
const MOST = 150_000; // bytes; a page with its pictures should come at once
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
// An address that is nobody's (RFC 5737): what is sent there is not answered.
const NOWHERE = "203.0.113.7 50000";

const browser = await chromium.launch({
  executablePath: options.chromium,
  headless: true,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"],
});

async function open(viewport, colorScheme, more = {}) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce", ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => {
    throw error;
  });
  return page;
}

async function plays(page) {
  await page.locator('#status[data-state="live"]').waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#pictures video")].every((video) => video.videoWidth > 2 && video.currentTime > 0.5),
  );
}

// Until the model has shown so many frames since its session began or, where it does not say, the page has.
const grown = (page, frames) =>
  page.evaluate(
    (frames) =>
      new Promise((resolve) => {
        let start = null;
        const off = window.reactor.on("message", ({ type, data }) => {
          if (type !== "progress") return;
          start ??= data.step;
          if (data.step - start < frames) return;
          off();
          resolve();
        });
      }),
    frames,
  );
const shown = (page, frames) =>
  page.waitForFunction(
    (frames) => document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames > frames,
    frames,
  );

// Every figure has a value, that of commands too.
const figures = (page) =>
  page.waitForFunction(() =>
    [...document.querySelectorAll("#figures .value, #figures .legend b")].every(({ textContent }) =>
      /\d/.test(textContent),
    ),
  );

async function drag(page, places) {
  const box = await page.locator("#pictures video").first().boundingBox();
  const move = ([x, y]) => page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 12 });
  await move(places[0]);
  await page.mouse.down();
  for (const place of places.slice(1)) await move(place);
  await page.mouse.up();
}

// Makes the window as high as the page is to the end of one of its parts.
async function fit(page, part) {
  const end = await page.locator(part).evaluate((element) => element.getBoundingClientRect().bottom + scrollY);
  await page.setViewportSize({ ...page.viewportSize(), height: Math.round(end + 12) });
}

async function take(page, name, scale = 1) {
  await page.mouse.move(0, 0); // no button looks as if it were about to be pressed
  const devtools = await page.context().newCDPSession(page);
  const clip = { x: 0, y: 0, ...page.viewportSize(), scale };
  for (let quality = 85; ; quality -= 5) {
    const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality, clip });
    const bytes = Buffer.from(data, "base64");
    if (bytes.length > MOST && quality > 40) continue;
    const file = join(options.folder, `${name}.webp`);
    writeFileSync(file, bytes);
    console.log(JSON.stringify({ file, bytes: bytes.length, quality }));
    break;
  }
  await page.context().close();
}

const WAVE = [0.12, 0.22, 0.32, 0.42, 0.52, 0.62, 0.72, 0.82].map((x, index) => [x, index % 2 ? 0.35 : 0.62]);

async function desktop() {
  const page = await open(DESKTOP, "dark");
  await page.goto(options.paint);
  await plays(page);
  await page.evaluate(() => window.reactor.command("reset", { seed: 7 }));
  await grown(page, 300);
  await drag(page, WAVE);
  await grown(page, 300);
  await drag(
    page,
    WAVE.map(([x, y]) => [x, 1 - y]),
  );
  await grown(page, 300); // the plots, too, have something to show
  await figures(page);
  await fit(page, "#figures");
  await take(page, "studio-desktop");
}

async function light() {
  const page = await open(DESKTOP, "light");
  await page.goto(options.duet);
  await plays(page);
  await shown(page, 150);
  await drag(page, [
    [0.5, 0.5],
    [0.62, 0.6],
    [0.7, 0.55],
  ]);
  await shown(page, 450);
  await figures(page);
  await fit(page, "#log");
  await page.getByRole("button", { name: "Copy look" }).click(); // its menu is open
  await take(page, "studio-desktop-light");
}

async function phone() {
  const page = await open(PHONE, "dark", { isMobile: true, hasTouch: true });
  await page.goto(options.paint);
  await plays(page);
  await page.evaluate(() => window.reactor.command("reset", { seed: 11 }));
  await grown(page, 450);
  await take(page, "studio-phone", 2);
}

// The answer of the server, with its addresses replaced by one that leads nowhere; and it does not learn the page's.
async function trouble() {
  const page = await open(DESKTOP, "dark");
  await page.route("**/ice_candidates", (route) => route.fulfill({ status: 202 }));
  await page.route("**/sdp_params", async (route) => {
    const answer = await route.fetch();
    if (route.request().method() !== "GET" || answer.status() !== 200) return route.fulfill({ response: answer });
    const told = await answer.json();
    const sdp = told.sdp_answer.replace(/^(a=candidate:\S+ \d+ \S+ \d+) \S+ \d+/gm, `$1 ${NOWHERE}`);
    await route.fulfill({ response: answer, json: { ...told, sdp_answer: sdp } });
  });
  await page.goto(options.paint);
  await page.locator("#trouble li.failed").waitFor();
  await fit(page, "#trouble");
  await take(page, "studio-trouble");
}

for (const each of [desktop, light, phone, trouble]) await each();
await browser.close();
