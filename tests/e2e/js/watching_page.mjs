// Opens the page with a link that may only watch, beside one that may command: what it shows, and that it sends nothing that
// would be refused.
// node watching_page.mjs --url http://127.0.0.1:8080 --file /t/TOKEN,/t/VIEW_TOKEN --chromium /usr/bin/chromium
import { check, expect, file as links, finish, form, page, plays, state, url } from "./page_driver.mjs";

const LINE = "You are watching: this link gives no right to command the model.";
const [commanding, watching] = links.split(",");
const button = (name) => page.getByRole("button", { name, exact: true });

await page.goto(`${url}${commanding}/`);
await check("who_may_command_is_shown_all", async () => {
  await plays();
  await form("set_prompt").waitFor();
  expect(await page.getByText(LINE).isVisible(), false);
  await button("End session").waitFor();
});

const viewer = await page.context().browser().newPage(); // the owner's stays: a viewer starts no session
const complaints = [];
viewer.on("console", (message) => { if (["error", "warning"].includes(message.type())) complaints.push(message.text()); });
viewer.on("pageerror", (error) => complaints.push(error.message));
await check("who_may_watch_is_shown_the_stream_without_forms", async () => {
  await viewer.goto(`${url}${watching}/`);
  await viewer.locator('#status[data-state="live"]').waitFor();
  await viewer.waitForFunction(() => document.querySelector("video")?.videoWidth > 2);
  await viewer.getByText(LINE).waitFor();
  const seen = await viewer.evaluate(() => Object.fromEntries(["#commands", "#bindings", "#sources", "form", "#pictures", "#figures", "#log", "#clips"]
    .map((selector) => [selector, [...document.querySelectorAll(selector)].some((part) => part.checkVisibility())])));
  expect(JSON.stringify(seen), JSON.stringify({ "#commands": false, "#bindings": false, "#sources": false, form: false,
    "#pictures": true, "#figures": true, "#log": true, "#clips": true }));
  expect(await viewer.getByRole("button", { name: "End session", exact: true }).count(), 0);
});
await check("its_figures_and_its_log_are_there", async () => {
  await viewer.waitForFunction(() => [...document.querySelectorAll("#figures .legend b")].some((part) => /\d ms/.test(part.textContent)));
  await viewer.locator("#log li").filter({ hasText: "hello" }).waitFor(); // what the model says to each
});
await check("it_is_no_wider_than_its_screen", async () => {
  for (const width of [1280, 360]) {
    await viewer.setViewportSize({ width, height: 900 });
    expect(await viewer.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  }
});
await check("nothing_it_sent_was_refused", async () => {
  expect(await viewer.locator("#log li").filter({ hasText: "forbidden" }).count(), 0);
  expect(complaints.join("\n"), "");
  await state("live");
});
await finish();
