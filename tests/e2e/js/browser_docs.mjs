// Opens the page of the docs about browsers, and runs the snippets beside it, all from one folder.
// node browser_docs.mjs --folder … --example paint|webcam --url http://127.0.0.1:8080 --chromium …
import { chromium } from "playwright-core";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { checksOf, expect } from "./checks.mjs";

const { check, end } = checksOf("docs");

const text = { type: "string" };
const { values: options } = parseArgs({ options: { url: text, chromium: text, folder: text, example: text } });
const TYPES = { ".html": "text/html", ".js": "text/javascript" };
const site = http.createServer(async (request, response) => {
  const file = path.join(options.folder, path.basename(request.url));
  try {
    response.setHeader("content-type", TYPES[path.extname(file)] ?? "text/html");
    response.end(path.extname(file) ? await readFile(file) : "<!doctype html>");
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
const browser = await chromium.launch({
  executablePath: options.chromium,
  headless: true,
  args: [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
  ],
});
const page = await browser.newPage();
page.setDefaultTimeout(20000);
const errors = [];
page.on("pageerror", (error) => errors.push(error.message));

const open = (file) => page.goto(`http://127.0.0.1:${site.address().port}/${file}`);
const says = (id, wanted) => page.locator(id).filter({ hasText: wanted }).waitFor();
/** A page without anything, with a connection in `reactor`, and `use(file)` for a snippet. */
async function blank() {
  await open("");
  await page.evaluate(async (url) => {
    const { connect } = await import(`${url}/client.js`);
    window.reactor = await connect();
    window.use = (file) => import(new URL(file, location.href));
  }, options.url);
}

const examples = {
  async paint() {
    await check("the_page_plays", async () => {
      await open("index.html");
      await says("#state", /^live$/);
      await page.waitForFunction(() => document.querySelector("#picture").currentTime > 1);
      expect(await page.evaluate(() => document.querySelector("#picture").videoWidth), 640);
    });
    await check("the_page_paints", async () => {
      await page.getByRole("button", { name: "Gold" }).click();
      await says("#answer", "gold");
      const commands = page.waitForEvent("console", { predicate: (message) => /^progress/.test(message.text()) });
      const box = await page.locator("#picture").boundingBox();
      await page.mouse.move(box.x + 30, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + 200, box.y + 100, { steps: 5 });
      await page.mouse.up();
      await commands;
      await says("#answer", /^gold$/); // a refusal would stand here
    });
    await check("the_short_form_works", async () => {
      await open("");
      const palette = await page.evaluate(async (url) => {
        const { gold } = await import(new URL("short.js", location.href));
        return gold(url);
      }, options.url);
      expect(palette, "gold");
    });
    await check("refusals_and_files", async () => {
      await blank();
      const told = await page.evaluate(async () => {
        const { tooFast, plant } = await use("more.js");
        const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
        canvas.getContext("2d").fillRect(0, 0, 20, 30);
        const blob = await new Promise((done) => canvas.toBlob(done));
        return [await tooFast(reactor), await plant(reactor, new File([blob], "half.png", { type: "image/png" }))];
      });
      expect(told, [["invalid_command", "speed"], "half.png"]);
    });
    await check("age", async () => {
      const age = await page.evaluate(async () => {
        const { onAge } = await use("age.js");
        const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
        video.srcObject = reactor.tracks[0].stream;
        return new Promise((resolve) => onAge(reactor, video, resolve));
      });
      if (!(age > 0 && age < 5000)) throw new Error(`the picture is ${age} ms old`);
      return age;
    });
  },
  async webcam() {
    await check("films", async () => {
      await blank();
      const source = await page.evaluate(async () => {
        window.seen = new Promise((done) =>
          reactor.on("message", ({ data }) => data.client && data.width && done(data.width)),
        );
        const { film } = await use("film.js");
        return film(reactor);
      });
      if (!/fake/.test(source)) throw new Error(`the camera is called ${source}`);
      if (!((await page.evaluate(() => seen)) > 0)) throw new Error("the model saw no picture of it");
    });
  },
};
await examples[options.example]();
await check("no_errors_in_the_page", () => expect(errors.join("\n"), ""));
await browser.close();
site.close();
end();
