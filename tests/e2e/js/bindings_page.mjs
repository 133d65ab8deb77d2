// Binds keys and pictures by hand, to the commands of tests/e2e/controls.
// node bindings_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { check, expect, finish, form, page, says, state, url } from "./page_driver.mjs";

const { keyboard, mouse } = page;
const panel = page.locator("#bindings");
async function opened() {
  await state("live");
  await form("reset").waitFor();
  await page.waitForFunction(() => document.querySelector("video")?.videoWidth === 160);
  await page.evaluate(() => {
    window.sent = [];
    window.reactor.on("answered", ({ name, args, error }) => window.sent.push([name, error ? error.code : args]));
  });
}
async function sent(...wanted) {
  await page.waitForFunction((count) => window.sent.length >= count, wanted.length);
  expect(JSON.stringify(await page.evaluate(() => window.sent.splice(0))), JSON.stringify(wanted));
}
async function bind(action, code) {
  await panel.getByRole("combobox", { name: "What a key does" }).selectOption(action);
  await panel.getByRole("button", { name: "Bind a key" }).click();
  await says(panel, "Press a key…");
  await keyboard.press(code);
}
const away = () => page.evaluate(() => document.activeElement.blur());
const at = async (x, y) => {
  const box = await page.locator("video").boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
};

await page.goto(`${url}/`);
await opened();
await check("nothing_is_bound_to_keys_at_first", async () => {
  await keyboard.press("KeyB");
  await keyboard.press("KeyW");
  expect(await panel.getByText("→").count(), 1); // the picture's
  await sent();
});
await check("keys_are_bound_by_hand_and_do_what_is_said", async () => {
  await bind("flag: on while held", "KeyB");
  await bind("flag: on and off in turn", "KeyT");
  await bind("shape: dot", "Digit3");
  await bind("reset", "Space");
  await bind("level: more", "BracketRight");
  await bind("level: less", "BracketLeft");
  await says(panel.locator("li"), "B → flag: on while held");
  await away();
  await keyboard.down("KeyB");
  await sent(["flag", { flag: true }]);
  expect(await form("flag").getByRole("switch").isChecked(), true);
  await keyboard.up("KeyB");
  await sent(["flag", { flag: false }]);
  await keyboard.press("KeyT");
  await sent(["flag", { flag: true }]);
  await keyboard.press("KeyT");
  await sent(["flag", { flag: false }]);
  await keyboard.press("Digit3");
  await sent(["shape", { shape: "dot" }]);
  expect(await form("shape").getByRole("radio", { name: "dot", exact: true }).isChecked(), true);
  await keyboard.press("Space");
  await sent(["reset", {}]);
  await keyboard.press("BracketRight");
  await sent(["level", { level: 1.5 }]);
  await keyboard.press("BracketLeft");
  await sent(["level", { level: 1 }]);
});
await check("a_key_that_is_taken_is_replaced_and_that_is_said", async () => {
  await bind("shape: ring", "KeyB");
  await says(panel.getByRole("status"), "B is bound to shape: ring, and no more to flag: on while held.");
  expect(await panel.locator("li", { hasText: "flag: on while held" }).count(), 0);
});
await check("escape_leaves_it_as_it_is", async () => {
  await bind("shape: disc", "Escape");
  await panel.getByRole("button", { name: "Bind a key" }).waitFor();
  await away();
  await keyboard.press("Escape");
  await keyboard.press("KeyB");
  await sent(["shape", { shape: "ring" }]);
});
await check("a_binding_is_remembered_over_a_reload", async () => {
  await page.reload();
  await opened();
  await says(panel.locator("li"), "B → shape: ring");
  await keyboard.press("KeyB");
  await sent(["shape", { shape: "ring" }]);
});
await check("a_binding_is_taken_off", async () => {
  await panel.getByRole("button", { name: "Unbind B → shape: ring" }).click();
  await away();
  await keyboard.press("KeyB");
  await keyboard.press("Digit3");
  await sent(["shape", { shape: "dot" }]);
});

const drag = () => panel.getByRole("combobox", { name: "What a drag on main_video does" });
await check("a_click_is_a_place_within_the_limits", async () => {
  expect(await drag().locator("option").allTextContents().then(String), "place (x, y),mark (x, y),nothing");
  await mouse.click(...(await at(0.25, 0.5)));
  const place = await page.waitForFunction(() => window.sent[0]).then((found) => found.jsonValue());
  if (place[1].x !== 25 || Math.abs(place[1].y) > 0.02) throw new Error(JSON.stringify(place));
  expect(await form("place").locator("input[type=number]").first().inputValue(), "25");
  await sent(place); // once
});
await check("a_drag_sends_one_place_for_each_picture_of_the_page_and_its_last", async () => {
  await page.evaluate(() => {
    window.frames_ = 0;
    const count = () => { window.frames_++; requestAnimationFrame(count); };
    requestAnimationFrame(count);
  });
  await mouse.move(...(await at(0.1, 0.5)));
  const before = await page.evaluate(() => window.frames_);
  await mouse.down();
  await mouse.move(...(await at(0.8, 0.5)), { steps: 200 });
  await mouse.move(...(await at(1.2, 0.5))); // past the edge
  await mouse.up();
  await page.waitForFunction(() => window.sent.at(-1)?.[1].x === 100);
  const [count, frames] = await page.evaluate(() => [window.sent.splice(0).length, window.frames_]);
  if (count < 2 || count > frames - before + 1) throw new Error(`${count} commands in ${frames - before} pictures`);
  return { count, frames: frames - before };
});
await check("another_command_is_bound_to_the_picture_and_remembered", async () => {
  await drag().selectOption("mark (x, y)");
  await page.reload();
  await opened();
  await mouse.click(...(await at(0.5, 0.5)));
  const [name, { x, text }] = await page.waitForFunction(() => window.sent[0]).then((found) => found.jsonValue());
  expect(name, "mark");
  expect(text, "here");
  if (Math.abs(x - 0.5) > 0.01) throw new Error(`x is ${x}`);
  await drag().selectOption("nothing");
  expect(await page.locator("video").evaluate((video) => getComputedStyle(video).touchAction), "auto");
});
await check("reset_takes_it_all_back", async () => {
  await panel.getByRole("button", { name: "Reset", exact: true }).click();
  expect(await drag().inputValue(), "place");
  expect(await panel.locator("li").count(), 1);
  await page.reload();
  await opened();
  expect(await panel.locator("li").count(), 1);
  expect(await drag().inputValue(), "place");
});
await finish();
