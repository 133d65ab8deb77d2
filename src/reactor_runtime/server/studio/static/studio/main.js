// Puts the page together: one client, and the rooms around it.
import { Reactor } from "../client.js";
import { mountBindings } from "./bindings.js";
import { mountClips } from "./clips.js";
import { mountCommands } from "./commands.js";
import { make, store } from "./dom.js";
import { mountFigures } from "./figures.js";
import { watches } from "./known.js";
import { mountLog } from "./log.js";
import { mountPictures } from "./pictures.js";
import { mountSession } from "./session.js";
import { mountSources } from "./sources.js";

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const scheme = store("scheme", matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
const showScheme = () => {
  document.documentElement.className = scheme.get();
  const other = scheme.get() === "dark" ? "light" : "dark";
  $("scheme").replaceChildren(make("span", { ariaHidden: "true" }, other === "light" ? "☀" : "☾"));
  $("scheme").ariaLabel = `Use ${other} colours`;
};
$("scheme").onclick = () => {
  scheme.set(scheme.get() === "dark" ? "light" : "dark");
  showScheme();
};
showScheme();

const reactor = new Reactor({ patient: true });
try {
  mountLog(reactor, $("log"));
  mountSession(reactor, $("bar"), $("trouble"));
  const pictures = mountPictures(reactor, $("pictures"));
  $("watching").hidden = !watches;
  $("sources").hidden = $("side").hidden = watches;
  if (!watches) {
    mountSources(reactor, $("sources"));
    const commands = mountCommands(reactor, $("commands"));
    mountBindings(reactor, commands, pictures, $("bindings"));
  }
  mountClips(reactor, $("clips"));
  mountFigures(reactor, pictures, $("figures"));
} finally {
  // Where a room could not be made, the others are worth having.
  document.body.classList.add("mounted");
  Object.assign(window, { reactor }); // for the browser's console
  reactor.connect().catch(() => {}); // the bar says what is the matter
}
