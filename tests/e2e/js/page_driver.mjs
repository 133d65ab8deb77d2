// Headless Chromium on the server's own page, and how to look at it: what the page tests share.
import { chromium } from "playwright-core";
import { parseArgs } from "node:util";

const text = { type: "string" };
const { values: options } = parseArgs({ options: { url: text, chromium: text, file: text } });
export const { url, file } = options;
const WAIT = 20000; // ms; no wait is longer

const errors = [], thrown = [];
const browser = await chromium.launch({
  executablePath: options.chromium, headless: true,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
});
export const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
page.setDefaultTimeout(WAIT);
page.on("console", (message) => { if (["error", "warning"].includes(message.type())) errors.push(message.text()); });
page.on("pageerror", (error) => { errors.push(error.message); thrown.push(error.stack); });
page.on("request", (request) => { if (!request.url().replace("blob:", "").startsWith(options.url)) errors.push(`asked ${request.url()}`); });

let failed = 0;
export async function check(name, body) {
  let ok = true, figure = null;
  try { figure = (await body()) ?? null; } catch (error) { ok = false; figure = error.message; }
  failed += !ok;
  console.log(JSON.stringify({ client: "page", name, ok, figure, required: true }));
}
export function expect(found, wanted) {
  if (found !== wanted) throw new Error(`found ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

export const form = (name) => page.locator("form").filter({ has: page.getByRole("heading", { name, exact: true }) });
export const answer = (name) => form(name).locator(".send output");
export const says = (locator, text) => locator.filter({ hasText: text }).waitFor();
export const status = (text) => says(page.locator("#status"), text);
export const slide = (name, key, value) => form(name).locator("label", { hasText: key }).locator("input").evaluate((input, value) => {
  input.max = Math.max(input.max, value); // a slider alone would hold it back
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}, value);

export const state = (name) => page.locator(`#status[data-state="${name}"]`).waitFor();

export async function plays() {
  await state("live");
  await page.waitForFunction(() => document.querySelector("video")?.videoWidth > 2);
  const from = await page.evaluate(() => document.querySelector("video").currentTime);
  await page.waitForFunction((from) => document.querySelector("video").currentTime > from + 0.5, from);
}

// For pages whose console has to complain: no code of theirs threw.
export const nothingThrew = () => check("nothing_threw", () => expect(thrown.join("\n"), ""));

// Says what the page complained of, closes it, and ends the process.
export async function finish() {
  await check("no_errors_and_no_foreign_requests", () => expect(errors.join("\n"), ""));
  await browser.close();
  console.log(JSON.stringify({ client: "page", name: "SUMMARY", ok: !failed, figure: { failed }, required: true }));
  process.exit(failed ? 1 : 0);
}
