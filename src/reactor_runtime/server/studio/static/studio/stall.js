// Which stage holds the picture up, when it stands still.

const LEAST = 700; // ms: a shorter stop is a late frame
const SILENCE = 1500; // ms without figures, which come four times a second

/**
 * What is known of a track at this moment. Ages in ms; null where it never happened.
 * @typedef {object} Stages
 * @property {number | null} told  since the server's last figures
 * @property {number | null} step  how long the model's step takes so far; null while it is in none
 * @property {number} usualStep  what a step takes
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
  if (told !== null && told > SILENCE)
    return {
      stage: "server",
      text: `Nothing has come from the server for ${seconds(told)}: it, or the network, stands still.`,
    };
  if (stands(left)) {
    if (step === null) return null; // it waits for a client or a command, as it may
    if (step < Math.max(limit, 3 * usualStep)) return null;
    return {
      stage: "model",
      text: `The model has been in one step for ${seconds(step)}; it usually takes ${seconds(usualStep)}.`,
    };
  }
  if (encoded !== null && stands(encoded) && stands(received))
    return { stage: "encoder", text: `The server's encoder has made no picture for ${seconds(encoded)}.` };
  if (stands(received))
    return {
      stage: "network",
      text: `The server sends pictures, and none has arrived for ${seconds(received ?? shown)}: the network loses them.`,
    };
  if (stands(decoded))
    return { stage: "decoder", text: "Pictures arrive, and the browser cannot decode them until the next key frame." };
  return { stage: "browser", text: "Pictures are decoded, and the browser is too busy to draw them." };
}

/** @param {number} ms */
function seconds(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
