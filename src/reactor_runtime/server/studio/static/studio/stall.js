// Which stage holds the picture up, when it stands still.

const LEAST = 700; // ms: a shorter stop is a late frame
const SILENCE = 1500; // ms without a notice of the server, which come four times a second
const TOLD = 1000; // ms from one word of the server on its encoder to the next

/**
 * What is known of a track at this moment. Ages in ms; null where it never happened.
 * @typedef {object} Stages
 * @property {number} told  since the server's last notice
 * @property {number | null} step  how long the model's step takes so far; null while it is in none
 * @property {number | null} usualStep  what a step takes
 * @property {number | null} left  since the last frame was sent
 * @property {number | null} encoded  since the encoder last made one
 * @property {number | null} received  since the last one was received
 * @property {number | null} decoded  since the last one was decoded
 * @property {number | null} shown  since the last one was on the screen
 * @property {number} period  between two frames, as a rule
 */

/**
 * Why no picture has come for a while; null while one has, or none is to be expected.
 * @param {Stages} stages
 * @returns {{ stage: "server" | "model" | "encoder" | "network" | "decoder" | "browser", text: string } | null}
 */
export function stalled({ told, step, usualStep, left, encoded, received, decoded, shown, period }) {
  const limit = Math.max(LEAST, 4 * period);
  if (shown === null || shown < limit) return null;
  const stands = (/** @type {number | null} */ age) => age === null || age > limit;
  if (told > SILENCE) {
    const text = `Nothing has come from the server for ${seconds(told)}: it, or the network, stands still.`;
    return { stage: "server", text };
  }
  if (stands(left)) {
    if (step === null) return null; // it waits for a client, a command or a camera, as it may
    if (step < Math.max(limit, 3 * (usualStep ?? 1000))) return null;
    const usual = usualStep === null ? "" : `; it usually takes ${seconds(usualStep)}`;
    return { stage: "model", text: `The model has been in one step for ${seconds(step)}${usual}.` };
  }
  if (encoded !== null && encoded > limit + TOLD && stands(received))
    return { stage: "encoder", text: `The server's encoder has made no picture for ${seconds(encoded)}.` };
  if (stands(received)) {
    const since = received === null ? "has ever arrived" : `has arrived for ${seconds(received)}`;
    return { stage: "network", text: `The server sends pictures, and none ${since}: the network loses them.` };
  }
  if (stands(decoded))
    return { stage: "decoder", text: "Pictures arrive, and the browser cannot decode them until the next key frame." };
  return { stage: "browser", text: "Pictures are decoded, and the browser is too busy to draw them." };
}

/** @param {number} ms */
function seconds(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
