// What is sent to the model: for each track that it takes, the sources a browser has.
import { make } from "./dom.js";
import { level } from "./level.js";
import { onTracks } from "./known.js";

/** @typedef {import("../client.js").Reactor} Reactor */
/** @typedef {import("../client.js").Source} Source */
/** @typedef {import("./known.js").Known | import("../client.js").Track} Track */

/** @param {Reactor} reactor @param {HTMLElement} root */
export function mountSources(reactor, root) {
  /** @type {{ track: Track, root: HTMLElement, close: () => void }[]} */
  let rows = [];
  onTracks(reactor, { direction: "in" }, (tracks) => {
    const had = rows;
    rows = tracks.map((track) => had.find((row) => row.track === track) ?? sourceRow(reactor, track));
    for (const row of had) if (!rows.includes(row)) row.close();
    root.hidden = !rows.length;
    root.replaceChildren(...rows.map(({ root }) => root));
  });
}

/** @param {Reactor} reactor @param {Track} track */
function sourceRow(reactor, track) {
  const { name, kind } = track;
  const device = kind === "video" ? "camera" : "microphone";
  const isKnown = "stream" in track;
  const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
    make("button", { type: "button", onclick }, label);
  const file = make("input", {
    type: "file",
    accept: `${kind}/*`,
    hidden: true,
    ariaLabel: `A file to send as ${name}`,
  });
  const choice = make("select", { ariaLabel: `Which ${device} to send as ${name}`, hidden: true });
  const sends = make("span", { className: "sends dim" });
  const stop = button("Stop", () => isKnown && track.unpublish());
  const preview = kind === "video" ? make("video", { autoplay: true, muted: true, playsInline: true }) : make("meter");
  preview.ariaLabel = `What is sent as ${name}`;
  const problem = make("p", { className: "error", role: "status" });
  const buttons = [
    button(device === "camera" ? "Camera" : "Microphone", () => send(device)),
    kind === "video" && button("Screen", () => send("screen")),
    button(kind === "video" ? "Video file…" : "Sound file…", () => file.click()),
  ].filter((each) => each !== false);
  const row = make("fieldset", { className: "source", disabled: !isKnown }, make("legend", {}, `Send as ${name}`));
  row.append(...buttons, choice, file, preview, sends, stop, problem);
  let quiet = () => {};

  /** @param {Source} source */
  async function send(source) {
    if (!isKnown) return;
    problem.textContent = "";
    row.ariaBusy = "true";
    try {
      await track.publish(source);
    } catch (error) {
      problem.textContent = told(/** @type {Error} */ (error), source === "screen" ? source : device);
    }
    row.ariaBusy = null;
    listDevices();
  }

  file.onchange = () => {
    if (file.files?.[0]) send(file.files[0]);
    file.value = ""; // so that the same one can be chosen again
  };
  row.ondragover = (event) => {
    event.preventDefault();
    row.classList.add("over");
  };
  row.ondragleave = () => row.classList.remove("over");
  row.ondrop = (event) => {
    event.preventDefault();
    row.classList.remove("over");
    const dropped = event.dataTransfer?.files[0];
    if (dropped?.type.startsWith(`${kind}/`)) send(dropped);
    else problem.textContent = `${dropped ? dropped.name : "What was dropped"} is no ${kind} file.`;
  };
  choice.onchange = () => choice.value && send({ device: choice.value });

  /** Browsers tell the names of devices, and which there are, only once one may be used. */
  async function listDevices() {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const named = devices.filter((each) => each.kind === `${kind}input` && each.label);
    choice.hidden = named.length < 2;
    const sent = isKnown ? track.stream.getTracks()[0]?.getSettings().deviceId : "";
    const options = named.map(({ deviceId, label }) =>
      make("option", { value: deviceId, selected: deviceId === sent }, label),
    );
    choice.replaceChildren(make("option", { value: "" }, `Choose the ${device}…`), ...options);
  }

  function show() {
    const source = isKnown ? track.source : null;
    sends.textContent = source ?? "";
    sends.title = source ?? "";
    stop.hidden = preview.hidden = sends.hidden = source === null;
    quiet();
    quiet = () => {};
    if (!isKnown) return;
    if (preview instanceof HTMLVideoElement) preview.srcObject = source === null ? null : track.stream;
    else if (source !== null) quiet = level(track.stream, preview);
  }

  const heard = [
    reactor.on("published", (told) => told.track === track && show()),
    reactor.on("notice", ({ type, data }) => {
      if (type === "publish_refused" && data.track === name) problem.textContent = `Not sent any more: ${data.message}`;
    }),
  ];
  navigator.mediaDevices?.addEventListener("devicechange", listDevices);
  show();
  listDevices();
  return {
    track,
    root: row,
    close() {
      quiet();
      for (const end of heard) end();
      navigator.mediaDevices?.removeEventListener("devicechange", listDevices);
    },
  };
}

/** What went wrong with a source, and what to do. @param {Error} error @param {string} what */
function told({ name, message }, what) {
  if (name === "NotAllowedError")
    return `The browser did not give the ${what}: allow it beside the page's address, and try again.`;
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return `No ${what} was found: plug one in, or send a file.`;
  if (name === "NotReadableError") return `The ${what} cannot be read: does another program use it?`;
  return message;
}
