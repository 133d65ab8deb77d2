// Headless Chromium on the server's own page, and how to look at it: what the page tests share.
import { chromium } from "playwright-core";
import { parseArgs } from "node:util";
import { checksOf, expect } from "./checks.mjs";

export const { check, end } = checksOf("page");

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

export { expect };

export const form = (name) => page.locator("form").filter({ has: page.getByRole("heading", { name, exact: true }) });
export const answer = (name) => form(name).locator(".send output");
export const says = (locator, text) => locator.filter({ hasText: text }).waitFor();
export const status = (text) => says(page.locator("#status"), text);
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
  end();
}
