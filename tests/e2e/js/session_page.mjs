// Drives the server's own page while a server goes away and comes back: a line written to --file has that done.
import { writeFileSync } from "node:fs";
import { check, end, expect, file, nothingThrew, page, plays, says, state, status, url } from "./page_driver.mjs";

const button = (name) => page.getByRole("button", { name, exact: true });
const trouble = page.locator("#trouble");

await page.goto(`${url}/`);
await check("plays", plays);
await check("a_killed_server_is_waited_for", async () => {
  writeFileSync(file, "kill\n");
  await state("waiting");
  await says(trouble, "The connection was lost");
  await button("Try now").waitFor();
  expect(await button("End session").count(), 0);
  await says(trouble.locator("li.failed"), "The server answers");
  await says(trouble, "Start it with `reactor run`");
  await status("The server does not answer.");
  await status(/Next try in \d+ s\./);
  expect(await trouble.locator("li .sign").evaluateAll((marks) => marks.map((mark) => mark.ariaLabel).join()),
    "failed,not reached,not reached,not reached,not reached,not reached,not reached,not reached");
});
await check("it_comes_back_by_itself_with_a_picture", async () => {
  writeFileSync(file, "start\n");
  await plays();
  expect(await trouble.isVisible(), false);
});
await check("what_another_ends_is_told_with_its_reason", async () => {
  const answer = await fetch(`${url}/stop_session`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason: "the show is over" }),
  });
  expect(answer.ok, true);
  await state("closed");
  await status("The session ended: the show is over");
  expect(await page.locator("#status.bad").count(), 1);
  await button("Connect").click();
  await plays();
});
await check("disconnect_and_connect_keep_the_keyboards_place", async () => {
  await button("Disconnect").focus();
  await page.keyboard.press("Enter");
  await status("Disconnected.");
  expect(await page.evaluate(() => document.activeElement.textContent), "Connect");
  await page.keyboard.press("Enter");
  await plays();
});
await check("the_session_is_ended_by_a_second_press_only", async () => {
  await button("End session").click();
  await button("End for all?").waitFor();
  await button("End session").waitFor(); // it is forgotten
  await state("live");
  await button("End session").click();
  await button("End for all?").click();
  await status("You ended the session.");
  expect(await page.locator("#status.bad").count(), 0);
});
await nothingThrew(); // that it could not fetch, the browser's console complains of
await page.context().browser().close();
end();
