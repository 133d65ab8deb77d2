// Drives the server's own page with held keys, with the world example behind it.
// node keys_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { check, expect, finish, form, page, says, state, url } from "./page_driver.mjs";

// What was sent since the last time one asked, of the commands that keys stand for.
async function opened() {
  await state("live");
  await form("press").waitFor();
  await page.evaluate(() => {
    window.sent = [];
    window.reactor.on("answered", ({ name, args, error }) =>
      /press|release|look/.test(name) && window.sent.push(`${name} ${args.key ?? "place"}${error ? ` ${error.code}` : ""}`));
    window.reactor.on("message", ({ type, data }) => type === "where" && (window.where = data));
  });
}
async function sent(...wanted) {
  await page.waitForFunction((count) => window.sent.length >= count, wanted.length);
  expect((await page.evaluate(() => window.sent.splice(0))).join(), wanted.join());
}
const { keyboard } = page;

await page.goto(`${url}/`);
await opened();
await check("held_keys_move_the_camera_and_released_ones_do_not", async () => {
  const place = () => page.evaluate(() => JSON.stringify([window.where?.x, window.where?.y, window.where?.z]));
  await page.waitForFunction(() => window.where);
  const before = await place();
  await keyboard.down("KeyW");
  await page.waitForFunction((before) => JSON.stringify([window.where.x, window.where.y, window.where.z]) !== before, before);
  await keyboard.up("KeyW");
  await sent("press forward", "release forward");
});
await check("two_keys_for_the_same_are_one", async () => {
  await keyboard.down("KeyW");
  await keyboard.down("KeyW"); // a keyboard repeats
  await keyboard.down("ArrowUp");
  await keyboard.up("KeyW");
  await keyboard.down("KeyQ");
  await keyboard.up("KeyQ");
  await keyboard.up("ArrowUp");
  await sent("press forward", "press turn_left", "release turn_left", "release forward");
});
await check("the_panel_lists_them_in_words", async () => {
  await says(page.locator("#bindings li"), "W, ↑ → press forward");
  await says(page.locator("#bindings li"), "Drag on main_video → look (x, y)");
});
await check("keys_that_are_meant_for_something_else_stay_there", async () => {
  await form("teleport").getByRole("spinbutton").focus();
  await keyboard.press("KeyW");
  await form("set_time_of_day").getByRole("slider").focus();
  await keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Disconnect" }).focus();
  await keyboard.press("ArrowUp");
  await page.evaluate(() => document.activeElement.blur());
  await keyboard.press("Control+KeyE");
  await keyboard.press("Alt+KeyE");
  await keyboard.press("KeyD"); // and this is the only one of them that is
  await sent("press right", "release right");
});
await check("what_is_held_is_let_go_when_the_page_is_left_for_a_field_or_for_another", async () => {
  await keyboard.down("KeyS");
  await page.evaluate(() => dispatchEvent(new Event("blur")));
  await sent("press back", "release back");
  await keyboard.up("KeyS");
  await keyboard.down("KeyA");
  await form("teleport").getByRole("spinbutton").focus();
  await sent("press left", "release left");
  await keyboard.up("KeyA");
  await page.evaluate(() => document.activeElement.blur());
});
await check("reload_works", async () => {
  await page.reload();
  await opened();
  await keyboard.press("KeyR");
  await sent("press up", "release up");
});
await finish();
