// Fifty commands, then other code with one of them changed, then none: a model whose file this program writes.
// node many_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium --file model.py
import { readFile, writeFile } from "node:fs/promises";
import { answer, check, expect, file, finish, form, page, says, state, url } from "./page_driver.mjs";

const line = (name) => form(name).getByRole("textbox", { name: "line", exact: true });
const filter = page.getByRole("searchbox", { name: "Filter the commands" });
async function rewrite(from, to) {
  await writeFile(file, (await readFile(file, "utf8")).replaceAll(from, to));
}

await page.goto(`${url}/`);
await check("fifty_commands_are_shown_and_filtered", async () => {
  await state("live");
  await form("command_49").waitFor();
  expect(await page.locator("#commands form").count(), 50);
  await filter.fill("command_4");
  expect(await page.locator("#commands form:visible").count(), 11);
  await filter.fill("");
});
await check("words_of_any_length_and_script_stay_within_the_page", async () => {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) throw new Error(`${wide} wide on a screen of ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 1000 });
});
await check("other_code_leaves_what_was_typed_into_other_forms", async () => {
  await line("command_1").fill("typed, and not sent");
  await line("command_2").fill("typed, and of no use");
  await line("command_1").focus();
  await rewrite('2: "two"', '2: "deux"');
  await page.waitForFunction(() => document.querySelector("form[aria-label=command_2] input").value === "deux");
  expect(await line("command_1").inputValue(), "typed, and not sent");
  expect(await page.evaluate(() => document.activeElement.closest("form").ariaLabel), "command_1");
  await state("live");
  await line("command_1").press("Enter");
  await says(answer("command_1"), "done");
});
await check("a_model_without_commands_says_so", async () => {
  await rewrite("COUNT = 50", "COUNT = 0");
  await page.getByText("This model has no commands.").waitFor();
  expect(await page.locator("#commands form").count(), 0);
  expect(await page.locator("#bindings").isVisible(), false);
});
await finish();
