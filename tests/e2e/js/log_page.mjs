// Drives the log of the server's own page: --file is a folder, for the code that it gives.
import { writeFileSync } from "node:fs";
import http from "node:http";
import { check, expect, file, finish, page, plays, says, url } from "./page_driver.mjs";

const button = (name) => page.locator("#log").getByRole("button", { name, exact: true });
const rows = page.locator("#log li");
const row = (text) => rows.filter({ hasText: text }).last();
const names = () =>
  rows
    .locator(".name")
    .allTextContents()
    .then((texts) => texts.map((text) => text.trim()).join(" | "));
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
const command = (name, args) =>
  page.evaluate(([name, args]) => window.reactor.command(name, args).catch(({ code }) => code), [name, args]);

await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
await page.goto(`${url}/`);
await check("plays", plays);
await check("a_command_stands_with_its_answer", async () => {
  await command("set_level", { level: 7 });
  await says(rows, /→ set_level \{"level":7\} {2}⇒ level \{"level":7,"name":"grün"\}/);
});
await check("a_refusal_is_an_error_that_is_read_out", async () => {
  expect(await command("set_level", { level: 900 }), "invalid_command");
  await says(rows, /! set_level invalid_command: .*above the maximum 255/);
  await says(page.locator("#log [aria-live=polite]"), /above the maximum 255/);
});
await check("a_row_opens_by_the_keyboard_and_closes", async () => {
  const line = row("→ set_level").locator(".line");
  await line.focus();
  await page.keyboard.press("Enter");
  await says(rows.locator("pre"), /"level": 900/);
  expect(await line.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector("#log pre"));
});
await check("messages_of_one_type_in_a_row_are_one_row", async () => {
  await command("say", { count: 25, types: 1 });
  await says(rows, /← odd ×25 \{"number":24/);
  await row("← odd").locator(".line").click();
  const whole = await rows.locator("pre").textContent();
  if (!/"number": 24[^]*"number": 15[^]*and 15 before/.test(whole)) throw new Error(whole);
  await row("← odd").locator(".line").click();
});
await check("a_text_and_kinds_filter_it", async () => {
  const search = page.locator("#log").getByRole("searchbox");
  await search.fill("above the maximum");
  await page.waitForFunction(() => document.querySelectorAll("#log li").length === 2);
  expect(await names(), "→ set_level | ! set_level"); // what was sent says its refusal too
  await button("Out").click();
  await page.waitForFunction(() => document.querySelectorAll("#log li").length === 1);
  expect(await button("Out").getAttribute("aria-pressed"), "false");
  await search.fill("");
  await button("Errors").click();
  await button("Connection").click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#log li")].every((li) => li.className.startsWith("in")),
  );
  for (const kind of ["Out", "Errors", "Connection"]) await button(kind).click();
});

const copied = async (text, name) => {
  await row(text)
    .getByRole("button", { name: /^Copy / })
    .click();
  await page.getByRole("menuitem", { name }).click();
  await page.getByRole("menuitem", { name: "Copied" }).waitFor();
  const found = await clipboard();
  await page.waitForFunction(() => !document.querySelector(".copymenu:popover-open"));
  return found;
};
await check("a_row_is_copied_as_json", async () => {
  await command("draw", { points: [{ x: 0.5, y: null }], text: 'a "quoted" line\nand 漢字', flag: true });
  const wanted = {
    type: "draw",
    data: { points: [{ x: 0.5, y: null }], text: 'a "quoted" line\nand 漢字', flag: true },
  };
  expect(JSON.stringify(JSON.parse(await copied("→ draw", "Copy as JSON"))), JSON.stringify(wanted));
  expect(JSON.parse(await copied("← odd", "Copy as JSON")).data.number, 24);
});
await check("rows_are_copied_as_python", async () => {
  writeFileSync(`${file}/command.py`, await copied("→ draw", "Copy as Python SDK"));
  writeFileSync(`${file}/message.py`, await copied("← odd", "Copy as Python SDK"));
});
await check("rows_are_copied_as_javascript_that_runs_on_any_page", async () => {
  const snippets = [await copied("→ draw", "Copy as JavaScript"), await copied("← odd", "Copy as JavaScript")];
  const other = await (await page.context().browser().newContext()).newPage();
  const html = (
    snippet,
  ) => `<!doctype html><script>said = []; console.log = (value) => said.push(JSON.stringify(value));</script>
    <script type="module">${snippet}; console.log("done");</script>`;
  let shown = "";
  const site = http.createServer((_, response) => response.setHeader("content-type", "text/html").end(shown));
  await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
  const run = (snippet) => ((shown = html(snippet)), other.goto(`http://127.0.0.1:${site.address().port}/`));
  const prints = (text) =>
    other.waitForFunction((text) => window.said?.some((line) => line.includes(text)), text, { timeout: 20000 });
  await run(snippets[1]);
  await prints('"done"');
  await command("say", { count: 1, types: 1 });
  await prints('{"number":0}');
  await run(snippets[0]);
  await prints('"type":"drawn"');
  await other.close();
  site.close();
});
await check("the_menu_goes_by_the_keyboard", async () => {
  const opener = row("← odd").getByRole("button", { name: "Copy odd" });
  await opener.focus();
  await page.keyboard.press("Enter");
  await page.locator(".copymenu :text('JSON'):focus").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.locator(".copymenu :text('Python'):focus").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.ariaLabel === "Copy odd");
});
await check("it_pauses_clears_and_is_copied_as_a_whole", async () => {
  await button("Pause").click();
  await button("Pause").and(page.locator("[aria-pressed=true]")).waitFor();
  const before = await names();
  await command("say", { count: 3, types: 1 });
  await says(page.locator("#log .controls .dim"), /[3-9] more since/);
  expect(await names(), before);
  await button("Copy all").click();
  await page.locator("#log").getByRole("button", { name: "Copied" }).waitFor();
  const all = JSON.parse(await clipboard());
  expect(all.length, before.split(" | ").length);
  expect(all.find(({ type, error }) => type === "set_level" && error).error.code, "invalid_command");
  await button("Clear").click();
  await button("Pause").click();
  await command("say", { count: 2, types: 2 });
  await says(rows, "← even");
  expect((await names()).includes("draw"), false);
});
await check("a_thousand_messages_a_second_leave_it_small_and_the_page_answering", async () => {
  await page.evaluate(() => {
    window.most = window.heard = window.draws = 0;
    const list = document.querySelector("#log ol");
    new MutationObserver(() => {
      window.draws++;
      window.most = Math.max(window.most, list.childElementCount);
    }).observe(list, { childList: true });
    window.reactor.on("message", () => window.heard++);
  });
  await command("flood", { on: true });
  await page.waitForFunction(() => window.heard > 3000);
  // What a person does is done while it comes: each of these waits for the page, in a bounded time.
  await button("Errors").click();
  await button("Errors").and(page.locator("[aria-pressed=false]")).waitFor();
  await page.locator("#log").getByRole("searchbox").fill("even");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#log .name")].every((name) => /even/.test(name.textContent)),
  );
  await command("set_level", { level: 9 });
  await button("Pause").click();
  await button("Pause").and(page.locator("[aria-pressed=true]")).waitFor();
  await command("flood", { on: false });
  const { most, heard, draws } = await page.evaluate(() => ({
    most: window.most,
    heard: window.heard,
    draws: window.draws,
  }));
  if (most > 200) throw new Error(`it had ${most} rows`);
  if (draws > heard / 10) throw new Error(`it was drawn ${draws} times for ${heard} messages`);
  return { most, heard, draws };
});
await check("who_scrolls_back_finds_more_and_stays_there", async () => {
  await button("Pause").click();
  await page.locator("#log").getByRole("searchbox").fill("");
  await page.waitForFunction(() => document.querySelectorAll("#log li").length === 40);
  const first = () =>
    page.evaluate(() => {
      const list = document.querySelector("#log ol"),
        { left, top } = list.getBoundingClientRect();
      return document.elementFromPoint(left + 30, top + 12).closest("li").textContent;
    });
  await page.locator("#log ol").evaluate((list) => (list.scrollTop -= 200));
  const before = await first();
  await page.waitForFunction(() => document.querySelectorAll("#log li").length === 200);
  expect(await first(), before);
  await command("say", { count: 30, types: 2 });
  await page.waitForFunction(() => /"number":29/.test(document.querySelector("#log li:last-child").textContent));
  expect(await first(), before);
  await page.locator("#log ol").evaluate((list) => (list.scrollTop = list.scrollHeight));
  await page.waitForFunction(() => document.querySelectorAll("#log li").length === 40);
});
await check("a_long_body_is_cut_in_its_line_and_whole_when_opened", async () => {
  await command("long", {});
  await says(rows, "← text");
  const length = await row("← text")
    .locator(".text")
    .evaluate((text) => text.textContent.length);
  expect(length, 2001);
  await row("← text").locator(".line").click();
  await page.waitForFunction(() => document.querySelector("#log pre")?.textContent.length > 50000);
});
await finish();
