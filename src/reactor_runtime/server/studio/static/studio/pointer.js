// Clicks and drags on a picture, as a command that takes a place.

/** @typedef {import("./form.js").Form} Form */
/** @typedef {{ point(video: HTMLVideoElement, event: PointerEvent): { x: number, y: number } | null }} Pointed */

const UNDER_WAY = 8; // commands without an answer; with more, places are left out

/** The limits of a number that is a part of a picture's side; null of one that counts something else, as pixels. */
function span(/** @type {import("./schemas.js").Schema | undefined} */ schema) {
  const { type, minimum, maximum } = schema ?? {};
  if (type === "number" && minimum === undefined && maximum === undefined) return { low: 0, high: 1 };
  if ((type !== "number" && type !== "integer") || minimum === undefined || maximum === undefined) return null;
  return { low: minimum, high: maximum };
}

/** Whether a command takes a place on a picture. @param {Form} form */
export const takesPlace = ({ fields }) => ["x", "y"].every((key) => span(fields.get(key)?.schema));

/** @param {Form} form @param {{ x: number, y: number }} point @returns {{ x: number, y: number }} as the command takes it */
function placeFor({ fields }, point) {
  const along = (/** @type {"x" | "y"} */ key) => {
    const schema = fields.get(key)?.schema;
    const { low, high } = span(schema) ?? { low: 0, high: 1 };
    const value = low + (high - low) * point[key];
    return schema?.type === "integer" ? Math.round(value) : Number(value.toPrecision(4));
  };
  return { x: along("x"), y: along("y") };
}

/**
 * Sends the places of a drag: one for each picture that the browser draws, and always the last.
 * @param {HTMLVideoElement} video
 * @param {Pointed} pictures
 * @param {() => Form | undefined} formOf the command that the video is bound to
 */
export function listenToPointer(video, pictures, formOf) {
  /** @type {{ form: Form, at: { x: number, y: number } } | null} */
  let next = null;
  let frame = 0;
  let underWay = 0;
  let last = ""; // of this drag
  function plan() {
    if (next && !frame && underWay < UNDER_WAY) frame = requestAnimationFrame(send);
  }
  async function send() {
    frame = 0;
    if (!next) return;
    const { form, at } = next;
    next = null;
    last = JSON.stringify(at);
    form.fields.get("x")?.show(at.x);
    form.fields.get("y")?.show(at.y);
    underWay++;
    try {
      await form.submit(at);
    } finally {
      underWay--;
      plan();
    }
  }
  /** @param {PointerEvent} event */
  function place(event) {
    const form = formOf();
    const point = form && pictures.point(video, event);
    if (!form || !point) return false;
    const at = placeFor(form, point);
    if (next || JSON.stringify(at) !== last) next = { form, at };
    plan();
    return true;
  }
  let drags = /** @type {number | null} */ (null); // the pointer that does
  video.addEventListener("pointerdown", (event) => {
    if (drags !== null || event.button !== 0) return;
    last = "";
    if (!place(event)) return;
    drags = event.pointerId;
    video.setPointerCapture(drags);
  });
  video.addEventListener("pointermove", (event) => {
    if (event.pointerId === drags) place(event);
  });
  video.addEventListener("pointerup", (event) => {
    if (event.pointerId === drags) place(event);
  });
  video.addEventListener("lostpointercapture", () => (drags = null));
}
