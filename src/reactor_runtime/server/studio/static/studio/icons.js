// The small pictures on buttons, drawn in the colour of the text around them.
import { make } from "./dom.js";

const PATHS = {
  pause: "M5 3v10M11 3v10",
  play: "M4.5 2.5l8.5 5.5-8.5 5.5z",
  full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  shot: "M1.5 4.5h3l1-2h5l1 2h3v9h-13zM8 6.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  copy: "M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button that shows a picture, and is called `label`.
 * @param {keyof typeof PATHS} name @param {string} label
 */
export function iconButton(name, label) {
  return make("button", { type: "button", className: "quiet icon", ariaLabel: label, title: label }, icon(name));
}
