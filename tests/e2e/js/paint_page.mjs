// Drives the server's own page, with the paint example behind it: forms, drags, a reload, and the end of the session.
// node paint_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { answer, check, expect, finish, form, page, plays, says, state, url } from "./page_driver.mjs";

// The smallest PNG: one grey pixel.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

const video = page.locator("video");
const slider = (name, key) => form(name).getByRole("slider", { name: key, exact: true });
const typed = (name, key) => form(name).getByRole("spinbutton", { name: key, exact: true });

// How much the picture has changed since `keep`, 0..255: along a line of dabs, and along one far from it.
const LINE = 0.25, ELSEWHERE = 0.85; // parts of the height
const keep = (line, elsewhere) => page.evaluate(([line, elsewhere]) => {
  const pixels = (y) => {
    const canvas = new OffscreenCanvas(640, 360), brush = canvas.getContext("2d");
    brush.drawImage(document.querySelector("video"), 0, 0);
    return brush.getImageData(160, 360 * y - 8, 320, 16).data;
  };
  const before = [pixels(line), pixels(elsewhere)];
  window.changes = () => [pixels(line), pixels(elsewhere)].map((now, place) =>
    now.reduce((sum, value, i) => sum + Math.abs(value - before[place][i]), 0) / (0.75 * now.length));
}, [line, elsewhere]);
const at = async (x, y) => {
  const box = await video.boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
};
async function changedAlongOnly() {
  await page.waitForFunction(() => window.changes()[0] > 15);
  const [along, elsewhere] = await page.evaluate(() => window.changes());
  if (elsewhere > along / 3) throw new Error(`it changed by ${along} under the brush, and by ${elsewhere} elsewhere`);
  return { along, elsewhere };
}

await page.goto(`${url}/`);
await check("plays", plays);
await check("form_sends_and_is_answered", async () => {
  await form("paint").getByRole("button", { name: "Send" }).click();
  await says(answer("paint"), /^done$/);
});
await check("out_of_range_is_told_beside_the_field", async () => {
  await typed("paint", "radius").fill("0.5");
  await form("paint").getByRole("button", { name: "Send" }).click();
  await says(form("paint").locator(".field", { hasText: "radius" }).locator(".error"), "0.5 is above the maximum 0.3");
  await says(form("paint").locator(".answer.bad"), "see radius");
  await typed("paint", "radius").fill("0.1");
});
await check("slider_is_sent_as_it_moves", async () => {
  await slider("set_speed", "speed").fill("0"); // and nothing but a brush changes the picture from here on
  await says(answer("set_speed"), '"speed":0,');
});
await check("drag_changes_the_picture", async () => {
  await says(page.locator("#bindings"), "Drag on main_video → paint (x, y)");
  await keep(LINE, ELSEWHERE);
  for (let pass = 0; pass < 4; pass++) {
    await page.mouse.move(...(await at(0.25, LINE)));
    await page.mouse.down();
    await page.mouse.move(...(await at(0.75, LINE)), { steps: 20 });
    await page.mouse.up();
  }
  return changedAlongOnly();
});
await check("a_finger_draws", async () => {
  expect(await video.evaluate((video) => getComputedStyle(video).touchAction), "none");
  await keep(0.55, 0.9);
  const input = await page.context().newCDPSession(page);
  const touch = async (type, ...place) => {
    const touchPoints = place.length ? [await at(...place)].map(([x, y]) => ({ x, y })) : [];
    await input.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  for (let pass = 0; pass < 4; pass++) {
    await touch("touchStart", 0.25, 0.55);
    for (let step = 1; step <= 20; step++) await touch("touchMove", 0.25 + step / 40, 0.55);
    await touch("touchEnd");
  }
  return changedAlongOnly();
});
await check("file_is_uploaded", async () => {
  const file = { name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") };
  await form("plant_image").locator("input[type=file]").setInputFiles(file);
  await form("plant_image").getByRole("button", { name: "Send" }).click();
  await says(answer("plant_image"), '"file_name":"dot.png"');
});
await check("reload_works_and_controls_show_what_is_set", async () => {
  await page.reload();
  await plays();
  await page.waitForFunction(() => document.querySelector("form[aria-label=set_speed] input").value === "0");
});
await check("disconnect_and_connect", async () => {
  await page.getByRole("button", { name: "Disconnect" }).click();
  await state("closed");
  expect(await form("paint").getByRole("button", { name: "Send" }).isDisabled(), true);
  expect(await video.evaluate((video) => getComputedStyle(video).touchAction), "auto");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await plays();
});
await finish();
