// What the model plays. Browsers begin to play sound only after a click; and while nobody listens, no picture waits for
// its sound. So it is off until it is wanted.
import { make, store } from "./dom.js";
import { onTracks } from "./known.js";

const volume = store("volume", 1);

/** @param {import("../client.js").Reactor} reactor @param {HTMLElement} root */
export function mountSound(reactor, root) {
  const rows = make("div", { className: "sounds" });
  root.append(rows);
  onTracks(reactor, { kind: "audio", direction: "out" }, (tracks) => {
    rows.hidden = !tracks.length;
    rows.replaceChildren(...tracks.map((track) => row(track, tracks.length > 1)));
  });
}

/** @param {import("./known.js").Known | import("../client.js").Track} track @param {boolean} isOneOfMany */
function row(track, isOneOfMany) {
  const { name } = track;
  const audio = make("audio", { autoplay: true, ariaLabel: name, volume: volume.get() });
  const button = make("button", { type: "button" });
  const slider = make("input", { type: "range", min: "0", max: "1", step: "any", ariaLabel: `Volume of ${name}` });
  const problem = make("span", { className: "error", role: "status" });
  slider.value = String(volume.get());
  slider.oninput = () => volume.set((audio.volume = Number(slider.value)));
  const show = (/** @type {boolean} */ on) => {
    audio.muted = !on;
    button.textContent = `Sound ${on ? "off" : "on"}${isOneOfMany ? `: ${name}` : ""}`;
  };
  if ("stream" in track) {
    audio.srcObject = track.stream;
    button.onclick = async () => {
      if (track.paused) track.resume();
      else track.pause();
      show(!track.paused);
      problem.textContent = "";
      if (!track.paused)
        await audio.play().catch(({ message }) => (problem.textContent = `It does not play: ${message}`));
    };
  } else button.disabled = true;
  show("stream" in track && !track.paused);
  return make("div", { className: "row" }, button, slider, problem, audio);
}
