// Drives the server's own page, with the paint example behind it, in headless Chromium: one JSON object for each check.
// node studio_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { answer, check, expect, finish, form, page, plays, says, slide, status, url } from "./page_driver.mjs";

// The smallest PNG: one grey pixel.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

// How much the picture has changed since `keep`, 0..255: along a line of dabs, and along one far from it.
const LINE = 0.25, ELSEWHERE = 0.85; // parts of the height
const keep = () => page.evaluate(([line, elsewhere]) => {
  const pixels = (y) => {
    const canvas = new OffscreenCanvas(640, 360), brush = canvas.getContext("2d");
    brush.drawImage(document.querySelector("video"), 0, 0);
    return brush.getImageData(160, 360 * y - 8, 320, 16).data;
  };
  const before = [pixels(line), pixels(elsewhere)];
  window.changes = () => [pixels(line), pixels(elsewhere)].map((now, place) =>
    now.reduce((sum, value, i) => sum + Math.abs(value - before[place][i]), 0) / (0.75 * now.length));
}, [LINE, ELSEWHERE]);

await page.goto(`${url}/`);
await check("plays", plays);
await check("form_sends_and_is_answered", async () => {
  await form("paint").getByRole("button", { name: "Send" }).click();
  await says(answer("paint"), /^done$/);
});
await check("out_of_range_is_told_beside_the_form", async () => {
  await slide("paint", "radius", 0.5);
  await form("paint").getByRole("button", { name: "Send" }).click();
  await says(answer("paint"), "radius: 0.5 is above the maximum 0.3");
  expect(await answer("paint").getAttribute("class"), "bad");
  await slide("paint", "radius", 0.1);
});
await check("slider_is_sent_as_it_moves", async () => {
  await slide("set_speed", "speed", 0); // and nothing but a brush changes the picture from here on
  await says(answer("set_speed"), '"speed":0,');
});
await check("drag_changes_the_picture", async () => {
  const box = await page.locator("video").boundingBox();
  const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
  await keep();
  for (let pass = 0; pass < 4; pass++) {
    await page.mouse.move(...at(0.25, LINE));
    await page.mouse.down();
    await page.mouse.move(...at(0.75, LINE), { steps: 20 });
    await page.mouse.up();
  }
  await page.waitForFunction(() => window.changes()[0] > 15);
  const [along, elsewhere] = await page.evaluate(() => window.changes());
  if (elsewhere > along / 3) throw new Error(`it changed by ${along} under the brush, and by ${elsewhere} elsewhere`);
  return { along, elsewhere };
});
await check("file_is_uploaded", async () => {
  await form("plant_image").locator("input").setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") });
  await form("plant_image").getByRole("button", { name: "Send" }).click();
  await says(answer("plant_image"), '"file_name":"dot.png"');
});
await check("reload_works_and_controls_show_what_is_set", async () => {
  await page.reload();
  await plays();
  await page.waitForFunction(() => [...document.querySelectorAll("form")]
    .find((form) => form.textContent.startsWith("set_speed"))?.querySelector("input").value === "0");
});
await check("disconnect_and_connect", async () => {
  await page.getByRole("button", { name: "Disconnect" }).click();
  await status("Disconnected.");
  expect(await form("paint").getByRole("button", { name: "Send" }).isDisabled(), true);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await plays();
});
await check("ending_the_session_is_no_error", async () => {
  await page.getByRole("button", { name: "End session" }).click();
  await status("You ended the session.");
  expect(await page.locator("#status.bad").count(), 0);
});
await finish();
