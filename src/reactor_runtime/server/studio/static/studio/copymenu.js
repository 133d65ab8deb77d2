// The menu that copies an entry of the log: as JSON, or as code.
import { copy, make } from "./dom.js";
import { json } from "./entries.js";
import { javascriptCommand, javascriptMessage, pythonCommand, pythonMessage } from "./snippets.js";

/** @typedef {import("./entries.js").Entry} Entry */
/** @typedef {import("./snippets.js").Where} Where */

/** @param {() => Where} where @param {HTMLElement} root it is put into */
export function copyMenu(where, root) {
  const menu = make("div", { className: "copymenu", role: "menu", popover: "auto", ariaLabel: "Copy" });
  root.append(menu);
  const items = () => /** @type {HTMLButtonElement[]} */ ([...menu.children]);
  /** @type {HTMLElement | null} */
  let opener = null;

  menu.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items().findIndex((item) => item === document.activeElement);
    items()
      .at((at + step) % items().length)
      ?.focus();
  };
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && opener?.isConnected && menu.contains(document.activeElement)) opener.focus();
  });

  /** @param {Entry} entry @param {HTMLElement} button beside which it opens */
  return (entry, button) => {
    opener = button;
    const texts = textsOf(entry, where());
    menu.replaceChildren(
      ...Object.entries(texts).map(([label, text]) => {
        const item = make("button", { type: "button", className: "quiet", role: "menuitem" }, `Copy as ${label}`);
        item.onclick = async () => {
          await copy(text(), item);
          setTimeout(() => menu.contains(item) && menu.hidePopover(), 700); // "Copied" has been read
        };
        return item;
      }),
    );
    menu.showPopover();
    const { right, bottom, top } = button.getBoundingClientRect();
    const height = menu.offsetHeight;
    menu.style.left = `${Math.max(4, right - menu.offsetWidth)}px`;
    menu.style.top = `${bottom + height < innerHeight ? bottom : Math.max(4, top - height)}px`;
    items()[0].focus();
  };
}

/** @param {Entry} entry @param {Where} where @returns {Record<string, () => string>} */
function textsOf({ what, name, letters: [{ data }] }, where) {
  const JSON_ = () => json({ type: name, data }, 2);
  if (what === "command")
    return {
      JSON: JSON_,
      "Python SDK": () => pythonCommand(where, name, data),
      JavaScript: () => javascriptCommand(where, name, data),
    };
  if (what === "message")
    return {
      JSON: JSON_,
      "Python SDK": () => pythonMessage(where, name),
      JavaScript: () => javascriptMessage(where, name, what),
    };
  if (what === "notice") return { JSON: JSON_, JavaScript: () => javascriptMessage(where, name, what) };
  return { JSON: JSON_ };
}
