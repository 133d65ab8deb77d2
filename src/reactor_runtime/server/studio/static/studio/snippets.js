// What was said, as the code that says it or hears it.

/** @typedef {{ url: string, model: string }} Where  `url`: of the server, without a slash at its end */
/**
 * How a language writes a value.
 * @typedef {{ words: Record<string, string>, key: (key: string) => string, indent: string, pad: string, file: (name: string) => string }} Language
 */

const WIDTH = 96;

/** @type {Language} */
const PYTHON = {
  words: { true: "True", false: "False", null: "None" },
  key: (key) => JSON.stringify(key),
  indent: "    ",
  pad: "",
  file: (name) => `await reactor.upload_file(${JSON.stringify(name)})`,
};
/** @type {Language} */
const JAVASCRIPT = {
  words: {},
  key: (key) => (/^[A-Za-z_$][\w$]*$/.test(key) && key !== "__proto__" ? key : `[${JSON.stringify(key)}]`),
  indent: "  ",
  pad: " ",
  file: (name) => `await (await fetch(${JSON.stringify(name)})).blob()`,
};

/** @param {any} value @param {Language} language @param {string} margin of the line that it stands on @returns {string} */
function literal(value, language, margin) {
  if (typeof value !== "object" || value === null)
    return language.words[String(value)] && typeof value !== "string"
      ? language.words[String(value)]
      : (JSON.stringify(value) ?? language.words.null ?? "null");
  const name = value instanceof Blob ? (value instanceof File ? value.name : "blob") : value.upload_id && value.name;
  if (name) return language.file(name);
  const inside = margin + language.indent;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => literal(item, language, inside))
    : Object.entries(value).map(([key, item]) => `${language.key(key)}: ${literal(item, language, inside)}`);
  const [open, close] = isList ? "[]" : "{}";
  const pad = isList || !parts.length ? "" : language.pad;
  const line = `${open}${pad}${parts.join(", ")}${pad}${close}`;
  if (margin.length + line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inside}${part},\n`).join("")}${margin}${close}`;
}

/** @param {Where} where @param {string} before @param {string} after the connection is there */
function python({ url, model }, before, after) {
  return `import asyncio
import json
import urllib.request

from reactor_sdk import Reactor

URL = ${JSON.stringify(url)}


async def main():
    with urllib.request.urlopen(f"{URL}/session") as answer:
        session = json.load(answer)["session_id"]  # the one that runs: it is joined, and left running
    running = session.strip("0-") != ""
    async with Reactor(${JSON.stringify(model)}, api_url=URL, local=True) as reactor:
${before}        await (reactor.connect(session_id=session) if running else reactor.connect())
        ${after}


asyncio.run(main())
`;
}

/** @param {Where} where @param {string} body */
const javascript = ({ url }, body) => `import { connect } from ${JSON.stringify(`${url}/client.js`)};

const reactor = await connect();
${body}
`;

/** A command in Python, for reactor-sdk. @param {Where} where @param {string} name @param {any} args */
export function pythonCommand(where, name, args) {
  const call = `reactor.send_command(${JSON.stringify(name)}, ${literal(args, PYTHON, "        ")})`;
  return python(where, "", `print(await ${call})`);
}

/** A command in JavaScript, for client.js. @param {Where} where @param {string} name @param {any} args */
export function javascriptCommand(where, name, args) {
  const given = Object.keys(args ?? {}).length ? `, ${literal(args, JAVASCRIPT, "")}` : "";
  return javascript(where, `console.log(await reactor.command(${JSON.stringify(name)}${given}));`);
}

/** What hears messages of this type, in Python. @param {Where} where @param {string} type */
export function pythonMessage(where, type) {
  const handler = `
        @reactor.on_message
        def hear(message):
            if message["type"] == ${JSON.stringify(type)}:
                print(message["data"])

`;
  return python(where, handler, "await asyncio.sleep(60)");
}

/** What hears messages of this type, in JavaScript. @param {Where} where @param {string} type @param {"message" | "notice"} event */
export function javascriptMessage(where, type, event) {
  const hear = `reactor.on(${JSON.stringify(event)}, ({ type, data }) => {
  if (type === ${JSON.stringify(type)}) console.log(data);
});`;
  return javascript(where, hear);
}
