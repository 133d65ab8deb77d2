// Bundles a script with the SDK, runs it in headless Chromium and prints what its `run(url)` comes to, as JSON.
// node live.mjs SCRIPT URL CHROMIUM FOLDER-OF-NODE_MODULES
import { createRequire } from "node:module";
import http from "node:http";
import path from "node:path";

const [script, url, executablePath, harness] = process.argv.slice(2);
const require = createRequire(path.join(harness, "package.json"));
const { build } = require("esbuild");
const { chromium } = require("playwright-core");

const bundle = await build({
  stdin: { contents: `import { run } from ${JSON.stringify(script)}; window.run = run;`, resolveDir: path.dirname(script) },
  bundle: true, write: false, format: "iife", platform: "browser", target: "chrome120", jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' }, nodePaths: [path.join(harness, "node_modules")], logLevel: "error",
});
const server = http.createServer((request, response) => {
  const isScript = request.url === "/app.js";
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? bundle.outputFiles[0].text : "<!doctype html><script src=/app.js></script>");
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
const page = await browser.newPage();
page.on("pageerror", (error) => console.error(error.message));
page.on("console", (message) => message.type() === "error" && console.error(message.text()));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
console.log(JSON.stringify(await page.evaluate((address) => window.run(address), url)));
await browser.close();
server.close();
