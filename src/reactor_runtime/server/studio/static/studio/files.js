// The control of a file: chosen, dropped or pasted.
import { bytes, make } from "./dom.js";

/** @returns {import("./controls.js").Control} */
export function file() {
  const input = make("input", { type: "file", className: "visually-hidden" });
  const text = make("span", { className: "file-name" });
  const picture = make("img", { alt: "", hidden: true });
  const remove = make(
    "button",
    { type: "button", className: "quiet", ariaLabel: "Remove the file", title: "Remove" },
    "×",
  );
  // The label that names the field is another; this one makes all of the box open the browser's choice.
  const box = make("label", {}, picture, text, input);
  const element = make("div", { className: "drop" }, box, remove);
  const chosen = () => input.files?.[0];

  function update() {
    const given = chosen();
    text.textContent = given ? `${given.name}, ${bytes(given.size)}` : "Choose, drop or paste a file";
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.removeAttribute("src");
    picture.hidden = !given?.type.startsWith("image/");
    if (given && !picture.hidden) picture.src = URL.createObjectURL(given);
    remove.hidden = !given;
  }
  input.addEventListener("change", update);
  // What is no picture after all gets no preview.
  picture.onerror = () => (picture.hidden = true);
  remove.onclick = () => {
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  };
  update();
  return { element, inputs: [input], wide: true, read: chosen, blank: () => !chosen(), show() {} };
}

/**
 * Lets files that are dropped on a form, or pasted in it, go into its field for a file: the one they are dropped on or
 * that has the focus, else the first.
 * @param {HTMLFormElement} form
 */
export function takeFiles(form) {
  /** @param {Event} event @param {DataTransfer | null} data */
  function take(event, data) {
    const target = /** @type {Element} */ (event.target).closest(".drop") ?? form.querySelector(".drop");
    const input = target?.querySelector("input");
    if (!input || !data?.files.length) return;
    event.preventDefault();
    const one = new DataTransfer();
    one.items.add(data.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files") || !form.querySelector(".drop")) return;
    event.preventDefault(); // it may be dropped here
    form.classList.add("dropping");
  });
  form.addEventListener("dragleave", () => form.classList.remove("dropping"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    take(event, event.dataTransfer);
  });
  form.addEventListener("paste", (event) => take(event, event.clipboardData));
}
