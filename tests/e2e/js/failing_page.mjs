// Drives the server's own page while the model is broken under --reload, and mends it: --file is its source.
import { readFileSync, writeFileSync } from "node:fs";
import { check, expect, file, finish, form, page, plays, status, url } from "./page_driver.mjs";

const broken = readFileSync(file, "utf8");
await page.goto(`${url}/`);
await check("a_failed_model_is_the_pages_status", async () => {
  await status("The model has failed. the model's run() failed with ZeroDivisionError");
  expect(await page.locator("#status.bad").count(), 1);
});
await check("also_for_a_page_that_is_opened_later", async () => {
  await page.reload();
  await status("The model has failed.");
});
await check("mended_code_clears_it", async () => {
  writeFileSync(file, broken.replace("1 / 0", "pass"));
  await plays();
  expect(await page.locator("#status.bad").count(), 0);
});
await check("a_seed_is_typed_and_a_level_slid", async () => {
  expect(await form("set_seed").locator("input").getAttribute("type"), "number");
  expect(await form("set_level").locator("input").getAttribute("type"), "range");
});
await finish();
