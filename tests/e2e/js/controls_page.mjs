// Drives the forms of a model that has every kind of control (tests/e2e/controls).
// node controls_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import { createHash } from "node:crypto";
import { answer, check, expect, finish, form, page, says, state, url } from "./page_driver.mjs";

// The smallest PNG: one grey pixel.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const DOT = { name: "dot.png", type: "image/png", sha256: sha256(Buffer.from(PNG, "base64")) };

const same = (found, wanted) => expect(JSON.stringify(found), JSON.stringify(wanted));
const by = (name, role, label) => form(name).getByRole(role, { name: label, exact: true });
const send = (name) => form(name).getByRole("button", { name: `Send ${name}` }).click();
const sent = () => page.evaluate(() => window.sent);
// Waits for an answer, and gives the arguments that the handler was called with, and their types.
async function got(name, text) {
  await says(answer(name), text);
  return JSON.parse((await answer(name).getAttribute("title")).replace(/^got /, ""));
}
async function gets(name, text, args, kinds) {
  const reply = await got(name, text);
  same(reply.arguments, args);
  same(reply.kinds, kinds);
}
const errorAt = (name, key) => form(name).locator(".field").filter({ has: page.locator(`.name :text-is("${key}")`) }).last().locator("> .error");
async function opened() {
  await state("live");
  await form("reset").waitFor();
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll("#commands details")) fold.open = true;
    window.sent = [];
    window.answered = [];
    window.reactor.on("sent", ({ name, args }) => window.sent.push({ name, args }));
    window.reactor.on("answered", ({ name, error }) => window.answered.push({ name, code: error?.code }));
  });
}

await page.goto(`${url}/`);
await check("forms_of_several_fields_are_folded_when_there_are_many", async () => {
  await state("live");
  await form("goto").waitFor();
  expect(await by("goto", "spinbutton", "frame").isVisible(), false);
  await form("goto").locator("summary").focus();
  await page.keyboard.press("Enter");
  expect(await by("goto", "spinbutton", "frame").isVisible(), true);
});
await opened();

await check("slider_has_its_range_and_default_and_is_sent_as_it_moves", async () => {
  const slider = by("level", "slider", "level"), typed = by("level", "spinbutton", "level");
  same([await slider.getAttribute("min"), await slider.getAttribute("max"), await slider.inputValue(), await typed.inputValue()], ["0", "10", "1", "1"]);
  await slider.fill("2.5");
  await gets("level", "2.5", { level: 2.5 }, { level: "float" });
  expect(await typed.inputValue(), "2.5");
  await typed.fill("7");
  await typed.press("Enter");
  await gets("level", '"level":7', { level: 7 }, { level: "float" });
  expect(await slider.inputValue(), "7");
  expect((await sent()).filter(({ args }) => args.level === 7).length, 1);
});
await check("a_slider_sends_one_at_a_time_and_always_the_newest", async () => {
  await by("slow", "slider", "amount").evaluate(async (slider) => {
    for (let at = 1; at <= 40; at++) {
      slider.value = at / 40;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => setTimeout(done, 5));
    }
  });
  await gets("slow", '"amount":1,', { amount: 1, together: 1 }, { amount: "float", together: "int" });
  const count = (await sent()).filter(({ name }) => name === "slow").length;
  if (count < 2 || count > 6) throw new Error(`${count} commands`);
  return count;
});
await check("integer", async () => {
  await by("count", "slider", "count").fill("200");
  await gets("count", "200", { count: 200 }, { count: "int" });
  await by("seed", "spinbutton", "seed").fill("4294967295");
  await by("seed", "spinbutton", "seed").blur();
  await gets("seed", "4294967295", { seed: 4294967295 }, { seed: "int" });
  expect(await by("seed", "slider", "seed").count(), 0);
});
await check("required_and_empty_is_told_without_sending", async () => {
  const before = (await sent()).length;
  await send("goto");
  await says(errorAt("goto", "frame"), "needs a value");
  expect(await by("goto", "spinbutton", "frame").getAttribute("aria-invalid"), "true");
  expect(await page.evaluate(() => document.activeElement.matches("form[aria-label=goto] input")), true);
  await send("prompt");
  await says(errorAt("prompt", "prompt"), "needs a value");
  await send("picture");
  await says(errorAt("picture", "image"), "needs a value");
  expect((await sent()).length, before);
  await by("goto", "spinbutton", "frame").fill("12");
  expect(await errorAt("goto", "frame").isVisible(), false);
  expect(await by("goto", "spinbutton", "frame").getAttribute("aria-invalid"), null);
  await by("goto", "spinbutton", "speed").fill("");
  await send("goto");
  await gets("goto", '"frame":12', { frame: 12, speed: 1 }, { frame: "int", speed: "float" });
  same((await sent()).at(-1).args, { frame: 12 });
});
await check("the_servers_word_stands_beside_the_field_it_names", async () => {
  await by("goto", "spinbutton", "frame").fill("1.5");
  await send("goto");
  await says(errorAt("goto", "frame"), "expected an integer, got 1.5");
  await says(answer("goto"), "Not taken: see frame.");
  const described = await by("goto", "spinbutton", "frame").getAttribute("aria-describedby");
  expect(described.includes(await errorAt("goto", "frame").getAttribute("id")), true);
  await by("level", "spinbutton", "level").fill("11");
  await by("level", "spinbutton", "level").blur();
  await says(errorAt("level", "level"), "11.0 is above the maximum 10");
  await by("level", "slider", "level").fill("3");
  await says(answer("level"), '"level":3');
  expect(await errorAt("level", "level").isVisible(), false);
});
await check("texts", async () => {
  expect(await by("line", "textbox", "line").inputValue(), "hi");
  await by("line", "textbox", "line").fill("");
  await by("line", "textbox", "line").press("Enter");
  await gets("line", '"line":""', { line: "" }, { line: "str" });
  const odd = "ünï ❤️ 漢字 \u202e\"\\n";
  await by("line", "textbox", "line").fill(odd);
  await send("line");
  await gets("line", "漢字", { line: odd }, { line: "str" });
  await by("line", "textbox", "line").fill("x".repeat(21));
  await send("line");
  await says(errorAt("line", "line"), "20");
});
await check("a_text_of_20000_characters", async () => {
  const long = "𝒳".repeat(9999) + "\nfin";
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  await by("prompt", "textbox", "prompt").fill(long);
  await by("prompt", "textbox", "prompt").press("Control+Enter");
  const length = [...long].length;
  await gets("prompt", "sha256", { prompt: { length, sha256: sha256(long) } }, { prompt: "str" });
  expect(await page.evaluate(() => document.documentElement.scrollWidth), width);
  const { height } = await by("prompt", "textbox", "prompt").boundingBox();
  if (height > 320) throw new Error(`it is ${height} high`);
  return height;
});
await check("choices", async () => {
  expect(await by("shape", "radio", "disc").isChecked(), true);
  await form("shape").getByText("dot", { exact: true }).click();
  await gets("shape", "dot", { shape: "dot" }, { shape: "str" });
  await by("shape", "radio", "dot").press("ArrowLeft");
  await gets("shape", "disc", { shape: "disc" }, { shape: "str" });
  await by("colour", "combobox", "colour").selectOption("ultra-violet (only bees see it)");
  await gets("colour", "bees", { colour: "ultra-violet (only bees see it)" }, { colour: "str" });
  await form("grade").getByText("2", { exact: true }).click();
  await gets("grade", '"grade":2', { grade: 2 }, { grade: "int" });
});
await check("switch", async () => {
  await by("flag", "switch", "flag").click();
  await gets("flag", "true", { flag: true }, { flag: "bool" });
  await by("flag", "switch", "flag").press("Space");
  await gets("flag", "false", { flag: false }, { flag: "bool" });
});
await check("lists", async () => {
  await send("names");
  await gets("names", "[]", { names: [] }, { names: [] });
  for (const name of ["one", "two", "three"]) {
    await by("names", "button", "Add to names").click();
    await page.keyboard.type(name);
  }
  await by("names", "button", "Remove [1] from names").click();
  await send("names");
  await gets("names", "three", { names: ["one", "three"] }, { names: ["str", "str"] });
  for (const size of ["1", "2", "3"]) {
    await by("sizes", "button", "Add to sizes").click();
    await page.keyboard.type(size);
  }
  expect(await by("sizes", "checkbox", "include sizes").isChecked(), true);
  await send("sizes");
  await says(errorAt("sizes", "sizes"), /./);
  await by("sizes", "button", "Remove [2] from sizes").click();
  expect(await errorAt("sizes", "sizes").isVisible(), false);
  await send("sizes");
  await gets("sizes", "[1,2]", { sizes: [1, 2] }, { sizes: ["int", "int"] });
  await by("sizes", "checkbox", "include sizes").uncheck();
  await send("sizes");
  await gets("sizes", "null", { sizes: null }, { sizes: "NoneType" });
});
await check("lists_of_objects_and_errors_deep_in_them", async () => {
  for (let at = 0; at < 3; at++) await by("points", "button", "Add to points").click();
  const row = (at) => form("points").locator(".entry").nth(at);
  for (let at = 0; at < 3; at++) await row(at).getByRole("spinbutton", { name: "x" }).fill(String(at / 4));
  await row(2).getByRole("spinbutton", { name: "x" }).fill("2");
  await row(1).getByRole("textbox", { name: "label" }).fill("middle");
  await send("points");
  const wrong = row(2).locator(".field").filter({ has: page.locator('.name :text-is("x")') }).last().locator("> .error");
  await says(wrong, "2.0 is above the maximum");
  await says(answer("points"), "points[2].x");
  await row(2).getByRole("spinbutton", { name: "x" }).fill("1");
  expect(await wrong.isVisible(), false);
  await send("points");
  await gets("points", "middle",
    { points: [{ x: 0, y: 0.5, label: null }, { x: 0.25, y: 0.5, label: "middle" }, { x: 1, y: 0.5, label: null }] },
    { points: ["Point", "Point", "Point"] });
});
await check("objects", async () => {
  await by("area", "spinbutton", "x").fill("0.75");
  await by("area", "spinbutton", "y").fill("");
  await send("area");
  await gets("area", "0.75", { area: { x: 0.75, y: 0.5, label: null } }, { area: "Point" });
  same((await sent()).at(-1).args, { area: { x: 0.75 } });
  await by("stroke", "textbox", "start").fill('{"x": 0.5');
  await says(errorAt("stroke", "start"), "is no JSON");
  await by("stroke", "textbox", "start").fill('{"x": 5}');
  expect(await errorAt("stroke", "start").isVisible(), false);
  await send("stroke");
  await says(errorAt("stroke", "start"), "above the maximum");
  await by("stroke", "textbox", "start").fill('{"x": 0.5, "y": 1}');
  await send("stroke");
  await gets("stroke", "width", { stroke: { start: { x: 0.5, y: 1, label: null }, width: 3 } }, { stroke: "Stroke" });
});
await check("dicts_and_unknown_values_are_json", async () => {
  const area = by("weights", "textbox", "weights");
  await area.fill("{a: 1}");
  await says(errorAt("weights", "weights"), "is no JSON");
  const before = (await sent()).length;
  await send("weights");
  expect((await sent()).length, before);
  await area.fill('{"a": "heavy"}');
  await send("weights");
  await says(errorAt("weights", "weights"), "a: expected a number");
  await area.fill('{"a": 1, "ü": 0.5}');
  await send("weights");
  await gets("weights", "0.5", { weights: { a: 1, ü: 0.5 } }, { weights: "dict" });
  await by("anything", "textbox", "value").fill('[1, {"deep": null}]');
  await send("anything");
  await gets("anything", "deep", { value: [1, { deep: null }] }, { value: ["int", "dict"] });
});
await check("what_may_be_left_out_is_left_out_or_null", async () => {
  await send("maybe");
  const none = "NoneType";
  await gets("maybe", "something", { number: null, text: "something", tone: null, amount: 2, point: null, image: null },
    { number: none, text: "str", tone: none, amount: "float", point: none, image: none });
  same((await sent()).at(-1).args, { text: "something", amount: 2 });
  await by("maybe", "spinbutton", "number").fill("3");
  await by("maybe", "textbox", "text").fill("");
  await form("maybe").getByText("high", { exact: true }).click();
  await by("maybe", "checkbox", "include amount").uncheck();
  await by("maybe", "spinbutton", "x").fill("0.25");
  await send("maybe");
  await gets("maybe", "high", { number: 3, text: null, tone: "high", amount: null, point: { x: 0.25, y: 0.5, label: null }, image: null },
    { number: "int", text: none, tone: "str", amount: none, point: "Point", image: none });
  await by("maybe", "spinbutton", "number").fill("");
  await by("maybe", "checkbox", "include text").check();
  await by("maybe", "slider", "amount").fill("4");
  await send("maybe");
  await says(answer("maybe"), '"number":null');
  same((await got("maybe", '"amount":4')).arguments.text, "");
  await send("must");
  await gets("must", "null", { value: null }, { value: none });
});

const upload = { name: DOT.name, mimeType: DOT.type, buffer: Buffer.from(PNG, "base64") };
// Hands a file to the page as a drag or the clipboard would.
const hand = (locator, kind) => locator.evaluate((target, [kind, png]) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0)), data = new DataTransfer();
  data.items.add(new File([bytes], "dot.png", { type: "image/png" }));
  const init = { bubbles: true, cancelable: true, [kind === "paste" ? "clipboardData" : "dataTransfer"]: data };
  if (kind === "drop" && target.dispatchEvent(new DragEvent("dragover", init))) throw new Error("it may not be dropped");
  target.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, init) : new DragEvent(kind, init));
}, [kind, PNG]);
for (const [way, give] of [
  ["chosen", () => form("picture").locator("input[type=file]").setInputFiles(upload)],
  ["dropped", () => hand(form("picture").locator(".drop"), "drop")],
  ["pasted", () => hand(form("picture").getByRole("slider"), "paste")],
]) {
  await check(`file_${way}`, async () => {
    await page.evaluate(() => (window.answered = []));
    await give();
    await says(form("picture").locator(".drop"), "dot.png, 67 bytes");
    await page.waitForFunction(() => document.querySelector("form[aria-label=picture] img").naturalWidth === 1);
    await send("picture");
    await page.waitForFunction(() => window.answered.length);
    await gets("picture", "dot.png", { image: DOT, strength: 0.5 }, { image: "UploadedFile", strength: "float" });
    await by("picture", "button", "Remove the file").click();
    expect(await form("picture").locator("img").isVisible(), false);
  });
}
await check("files_in_a_list", async () => {
  for (const at of [0, 1]) {
    await by("pictures", "button", "Add to images").click();
    await form("pictures").locator("input[type=file]").nth(at).setInputFiles(upload);
  }
  await send("pictures");
  await gets("pictures", "sha256", { images: [DOT, DOT] }, { images: ["UploadedFile", "UploadedFile"] });
});
await check("fields_may_be_called_as_what_objects_have", async () => {
  for (const key of ["constructor", "toString", "hasOwnProperty", "__proto__"]) await by("odd_names", "spinbutton", key).fill("3");
  await send("odd_names");
  const { arguments: args } = await got("odd_names", '"toString":3');
  expect(Object.entries(args).filter(([, value]) => value === 3).length, 4);
});
await check("a_button_and_a_refusal", async () => {
  await by("reset", "button", "reset").click();
  await gets("reset", "{}", {}, {});
  await by("refuse", "button", "refuse").click();
  await says(form("refuse").locator("output.answer.bad"), "not_today: come back tomorrow");
});
await check("a_form_is_operated_with_the_keyboard_alone", async () => {
  await form("goto").locator("summary").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("77");
  await page.keyboard.press("Tab");
  await page.keyboard.type("2.5");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await gets("goto", '"frame":77', { frame: 77, speed: 2.5 }, { frame: "int", speed: "float" });
});
await check("descriptions_are_shown_and_associated", async () => {
  const slider = by("level", "slider", "level");
  const ids = (await slider.getAttribute("aria-describedby")).split(" ");
  expect(await page.locator(`#${ids[0]}`).innerText(), "How much. · 0 to 10");
  expect(await page.locator(`#${ids[0]}`).isVisible(), true);
});
await check("commands_are_filtered", async () => {
  const filter = page.getByRole("searchbox", { name: "Filter the commands" });
  await filter.fill("just a button");
  expect(await page.locator("#commands form:visible").count(), 1);
  await filter.fill("no such thing");
  expect(await page.locator("#commands form:visible").count(), 0);
  await filter.fill("");
});
await check("two_tabs_see_each_others_changes", async () => {
  const opens = page.waitForEvent("popup");
  await page.evaluate(() => void window.open(location.href));
  const other = await opens;
  await other.locator("#status[data-state=live]").waitFor();
  const there = (role, name) => other.getByRole(role, { name, exact: true });
  await there("textbox", "line").fill("mine, unsent");
  await by("level", "slider", "level").fill("6.5");
  await by("line", "textbox", "line").fill("theirs");
  await send("line");
  await other.waitForFunction(() => document.querySelector("form[aria-label=level] input[type=number]").value === "6.5");
  expect(await there("slider", "level").inputValue(), "6.5");
  expect(await there("textbox", "line").inputValue(), "mine, unsent");
  await there("textbox", "line").press("Enter");
  await page.bringToFront();
  await page.waitForFunction(() => document.querySelector("form[aria-label=line] input").value === "mine, unsent");
  await other.close();
});
await check("disabled_and_of_the_same_height_while_not_connected", async () => {
  const boxes = () => page.locator("#commands fieldset").evaluate((all) => [all.disabled, all.offsetHeight, all.offsetWidth]);
  const [, ...size] = await boxes();
  await page.evaluate(() => window.reactor.disconnect());
  await page.locator("#commands fieldset:disabled").waitFor();
  same(await boxes(), [true, ...size]);
  await page.evaluate(() => window.reactor.connect());
  await page.locator("#commands fieldset:enabled").waitFor();
});
await finish();
