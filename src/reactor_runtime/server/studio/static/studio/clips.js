// What is kept of a session: its last seconds, or all of it, as a film.
import { bytes, make, store } from "./dom.js";
import { save } from "./saving.js";

const NOT_RECORDED =
  "This server keeps no recording to cut clips from: write “recording: {enabled: true}” under “runtime:” in " +
  "reactor.yaml, and start it again. “reactor run --record DIR” writes a film of each session into a folder of the server instead.";

/**
 * @param {import("../client.js").Reactor} reactor
 * @param {HTMLElement} root
 */
export function mountClips(reactor, root) {
  const seconds = store("clip", 10);
  const options = [5, 10, 30, 60].map((value) =>
    make("option", { value: String(value), selected: value === seconds.get() }, `${value} s`),
  );
  const length = make("select", { ariaLabel: "Length of the clip" }, ...options);
  length.onchange = () => seconds.set(Number(length.value));
  const clip = make("button", { type: "button" }, "Save the last");
  const whole = make("button", { type: "button" }, "Save all");
  const words = make("span");
  const count = make("span", { ariaHidden: "true" });
  const line = make("p", { className: "dim", role: "status" }, words, count);
  root.replaceChildren(make("div", { className: "row" }, clip, length, whole), line);

  /** @param {string} asked @param {() => Promise<import("../client.js").Film>} film */
  async function keep(asked, film) {
    clip.disabled = whole.disabled = true;
    const began = performance.now();
    const tell = () => (count.textContent = ` ${Math.round((performance.now() - began) / 1000)} s`);
    words.textContent = asked;
    line.className = "dim";
    tell();
    const ticking = setInterval(tell, 500);
    try {
      const { blob, seconds, name } = await film();
      save(blob, name);
      words.textContent = `Saved ${name}: ${seconds.toFixed(1)} s, ${bytes(blob.size)}.`;
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      const isOff = /recorder disabled|nothing is recorded/.test(message);
      words.textContent = isOff ? NOT_RECORDED : `Not saved: ${message}`;
      line.className = "error";
    }
    clearInterval(ticking);
    count.textContent = "";
    clip.disabled = whole.disabled = false;
  }

  clip.onclick = () =>
    keep("A clip is being cut; its last seconds are still written…", () => reactor.clip(seconds.get()));
  whole.onclick = () => keep("The recording is being put together…", () => reactor.recording());
}
