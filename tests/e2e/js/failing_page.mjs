// Drives the server's own page while the model is broken under --reload, and mends it: --file is its source.
import { readFileSync, writeFileSync } from "node:fs";
import { check, end, expect, file, nothingThrew, page, plays, says, state, status, url } from "./page_driver.mjs";

const broken = readFileSync(file, "utf8");
await page.goto(`${url}/`);
if (broken.includes("1 / 0")) {
  await check("a_failed_model_is_the_pages_status", async () => {
    await status(/^run\(\) failed with ZeroDivisionError: division by zero at .*:\d+; it waits for new code/);
    expect(await page.locator("#status.bad").count(), 1);
  });
  await check("also_for_a_page_that_is_opened_later", async () => {
    await page.reload();
    await status("run() failed with ZeroDivisionError");
  });
  await check("mended_code_clears_it", async () => {
    writeFileSync(file, broken.replace("1 / 0", "pass"));
    await plays();
    await status("Connected.");
    expect(await page.locator("#status.bad").count(), 0);
  });
  await check("new_code_that_is_refused_is_told_with_its_line", async () => {
    writeFileSync(file, broken.replace("1 / 0", "this is no Python"));
    await status(/failing\.py:\d+: SyntaxError: .*the code from before goes on/);
    await plays();
    writeFileSync(file, broken.replace("1 / 0", "pass"));
    await status("Connected.");
  });
} else {
  await check("a_failed_load_is_told_whole", async () => {
    await state("waiting");
    await status("The model did not load.");
    await says(page.locator("#trouble pre"), "RuntimeError: the weights are not there");
    await says(page.locator("#trouble li.failed"), "The model is loaded");
  });
  await check("mended_code_plays", async () => {
    writeFileSync(file, broken.replace('raise RuntimeError("the weights are not there")', "pass"));
    await plays();
    expect(await page.locator("#trouble").isVisible(), false);
  });
}
await nothingThrew(); // that /health is 503, the browser's console complains of
await page.context().browser().close();
end();
