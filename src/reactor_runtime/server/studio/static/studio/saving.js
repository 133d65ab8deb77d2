// Files that the page gives to the browser to keep.
import { make } from "./dom.js";

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // a browser may ask where to put it, and reads it after that
}

/**
 * A name with the time in it, so that one file never stands for another.
 * @param {(string | undefined)[]} parts @param {string} ending
 */
export function fileName(parts, ending) {
  const when = new Date().toISOString().slice(0, 23).replace(/[-:.]/g, "").replace("T", "-");
  const words = [...parts, when].filter(Boolean).join("-");
  return `${words.replace(/[^\p{L}\p{N}._-]+/gu, "_")}.${ending}`;
}
