// Drives the server's own page with a camera (Chromium's own, which shows a test picture) and with held keys.
// node input_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { check, finish, page, plays, says, status, url } from "./page_driver.mjs";

const log = (text) => page.locator("#log li").filter({ hasText: text }).first();

await page.goto(`${url}/`);
await check("plays", plays);
if (await page.getByRole("button", { name: "Send my camera as webcam" }).count()) {
  await check("camera_reaches_the_model", async () => {
    await page.getByRole("button", { name: "Send my camera as webcam" }).click();
    await log(/"client":1,"width":\d\d+/).waitFor();
  });
  await check("camera_stops", async () => {
    await page.getByRole("button", { name: "Stop sending my camera" }).click();
    await log('"client":null').waitFor();
  });
} else {
  await check("held_keys_move_the_camera_and_released_ones_do_not", async () => {
    const places = () => page.locator("#log li").filter({ hasText: "where" }).allTextContents();
    await page.keyboard.down("KeyW");
    await says(page.locator("#log li"), "press");
    await page.keyboard.up("KeyW");
    await says(page.locator("#log li"), "release");
    if (!(await places()).length) throw new Error("the model said nothing of where it is");
  });
  await check("keys_typed_into_a_field_stay_there", async () => {
    const before = await page.locator("#log li").filter({ hasText: "press" }).allTextContents();
    await page.locator("form input").first().focus();
    await page.keyboard.press("KeyW");
    const after = await page.locator("#log li").filter({ hasText: "press" }).allTextContents();
    if (before.join() !== after.join()) throw new Error(`it was sent: ${after[0]}`);
  });
}
await check("reload_works", async () => {
  await page.reload();
  await plays();
  await status("Connected.");
});
await finish();
