// Drives the server's own page with a model that shows nothing until it is told to.
import { check, expect, finish, page, says, state, url } from "./page_driver.mjs";

const line = page.locator("#pictures .line");
await page.goto(`${url}/`);
await check("a_model_without_a_picture_is_told_over_its_place", async () => {
  await state("live");
  await says(line, "The model has not sent a picture yet.");
  expect(await page.locator("#trouble").isVisible(), false);
  expect(await page.getByRole("button", { name: "Save a picture of main_video" }).isEnabled(), false);
});
await check("its_first_picture_takes_that_away", async () => {
  await page.evaluate(() => window.reactor.command("begin"));
  await page.waitForFunction(() => document.querySelector("#pictures .line").textContent === "");
  await says(page.locator("#pictures figcaption"), "160×90");
});
await finish();
