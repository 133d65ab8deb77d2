// Looks at the studio with axe-core, at desktop and phone width, dark and light, and at how it loads and keeps still.
// node access_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium
import axe from "axe-core";
import { check, expect, finish, page, plays, url } from "./page_driver.mjs";

// Asked for by what was asked for: a round more for whoever is far away.
const asked = [];
page.on("request", (request) => { if (/\.(js|css|svg)$/.test(request.url())) asked.push(new URL(request.url()).pathname); });

// What has moved by itself since the page began, as browsers measure it: 0 is nothing.
await page.addInitScript(() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push({ value, of: sources.map(({ node }) => node?.id || node?.className || node?.nodeName) });
    }
  }).observe({ type: "layout-shift", buffered: true });
});

await page.goto(`${url}/`);
await check("plays", plays);
await check("one_round_of_requests", async () => {
  const named = await page.evaluate(() => [...document.querySelectorAll("link[href], script[src]")].map((tag) => new URL(tag.href ?? tag.src).pathname));
  expect(asked.filter((path) => !named.includes(path)).join(), "");
  expect([...new Set(named)].filter((path) => !asked.includes(path)).join(), "");
});
await check("under_100_kB", async () => {
  const bytes = await page.evaluate(() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .filter(({ initiatorType, name }) => ["navigation", "link", "script", "css", "other", "img"].includes(initiatorType) && !name.startsWith("blob:"))
    .reduce((sum, { transferSize }) => sum + transferSize, 0));
  if (!bytes || bytes > 100_000) throw new Error(`it takes ${bytes} bytes`);
  return bytes;
});
async function nothingMoves() {
  await page.waitForFunction(() => [...document.querySelectorAll("#figures .legend b")].every((part) => /\d ms/.test(part.textContent)));
  const shifts = await page.evaluate(() => window.shifts);
  const sum = shifts.reduce((sum, { value }) => sum + value, 0);
  if (sum > 0.02) throw new Error(JSON.stringify(shifts));
  return sum;
}
await check("nothing_moves_as_the_stream_starts", nothingMoves);
await check("nothing_moves_on_a_phone_either", async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  await page.reload();
  await plays();
  return nothingMoves();
});
const serious = async () => {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`).join("\n");
};
for (const [name, width, height] of [["desktop", 1280, 900], ["phone", 360, 780]]) {
  for (const scheme of ["dark", "light"]) {
    await check(`axe_finds_nothing_serious_${name}_${scheme}`, async () => {
      await page.setViewportSize({ width, height });
      if (await page.evaluate(() => document.documentElement.className) !== scheme) await page.locator("#scheme").click();
      expect(await page.evaluate(() => document.documentElement.className), scheme);
      expect(await serious(), "");
    });
  }
  await check(`nothing_is_wider_than_the_${name}`, async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  });
}
await finish();
