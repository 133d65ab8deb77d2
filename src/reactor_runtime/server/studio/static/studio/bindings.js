// Which keys and which pictures are bound to which commands: what is in force, and how to change it.
import { actionsOf } from "./actions.js";
import { make, store } from "./dom.js";
import { schemaOf } from "./known.js";
import { keyName, listenToKeys, usualKeys } from "./keys.js";
import { listenToPointer, takesPlace } from "./pointer.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {{ videos: Map<string, HTMLVideoElement>, onVideos(fn: () => void): unknown } & import("./pointer.js").Pointed} Pictures */
/** @typedef {{ forms: Map<string, Form>, onForms(fn: () => void): unknown }} Commands */
/** What was chosen by hand; null where nothing was. @typedef {{ keys: Record<string, string> | null, pictures: Record<string, string> }} Chosen */

const NOTHING = "";

/** @param {import("../client.js").Reactor} reactor @param {Commands} commands @param {Pictures} pictures @param {HTMLElement} root */
export function mountBindings(reactor, commands, pictures, root) {
  /** @type {Map<string, import("./actions.js").Action>} */
  let actions = new Map();
  /** @type {Form[]} */
  let places = []; // the commands that take a place on a picture
  /** @type {ReturnType<typeof store<Chosen>>} */
  let chosen = store("bindings", { keys: null, pictures: {} });

  const isLive = () => reactor.state.name === "live";
  const keys = () => chosen.get().keys ?? usualKeys(actions);
  /** @param {string} video */
  const boundTo = (video) => {
    const name = chosen.get().pictures[video];
    return name === NOTHING ? undefined : (places.find((form) => form.name === name) ?? places[0]);
  };
  const letAllGo = listenToKeys((code) => (isLive() && !captures ? actions.get(keys()[code]) : undefined));

  // ---- what the panel says

  const pointed = make("ul", { className: "bound" });
  const keyed = make("ul", { className: "bound" });
  const what = make("select", { ariaLabel: "What a key does" });
  const capture = make("button", { type: "button" }, "Bind a key");
  const reset = make("button", { type: "button", className: "quiet" }, "Reset");
  const note = make("p", { className: "hint", role: "status" });
  const adder = make("div", { className: "row" }, what, capture, reset);
  root.append(pointed, keyed, adder, note);

  function showPictures() {
    pointed.replaceChildren(
      ...[...pictures.videos].map(([name, video]) => {
        const bound = boundTo(name);
        video.classList.toggle("aimed", !!bound && isLive());
        const select = make("select", { ariaLabel: `What a drag on ${name} does` });
        const options = places.map((form) => make("option", { value: form.name }, `${form.name} (x, y)`));
        select.append(...options, make("option", { value: NOTHING }, "nothing"));
        select.value = bound?.name ?? NOTHING;
        select.onchange = () => {
          chosen.set({ ...chosen.get(), pictures: { ...chosen.get().pictures, [name]: select.value } });
          video.classList.toggle("aimed", select.value !== NOTHING && isLive());
          showReset();
        };
        return make("li", {}, `Drag on ${name} → `, select);
      }),
    );
    pointed.hidden = !places.length;
  }

  function showKeys() {
    /** @type {Map<string, string[]>} */
    const codes = new Map();
    for (const [code, id] of Object.entries(keys()))
      if (actions.has(id)) codes.set(id, [...(codes.get(id) ?? []), code]);
    keyed.replaceChildren(
      ...[...codes].map(([id, of]) => {
        const text = `${[...new Set(of.map(keyName))].join(", ")} → ${actions.get(id)?.label}`;
        const remove = make(
          "button",
          { type: "button", className: "quiet", ariaLabel: `Unbind ${text}`, title: "Unbind" },
          "×",
        );
        remove.onclick = () => {
          letAllGo();
          setKeys(Object.fromEntries(Object.entries(keys()).filter(([, each]) => each !== id)));
          what.value = id;
          what.focus();
        };
        return make("li", {}, make("span", {}, text), remove);
      }),
    );
    adder.hidden = !actions.size && !places.length;
    what.hidden = capture.hidden = !actions.size;
    showReset();
  }

  const showReset = () => {
    const { keys: own, pictures: drags } = chosen.get();
    reset.style.visibility = own || Object.keys(drags).length ? "" : "hidden";
  };

  function show() {
    root.hidden = !actions.size && !(places.length && pictures.videos.size);
    showPictures();
    showKeys();
  }

  // ---- how it is changed

  /** @param {Record<string, string>} next */
  function setKeys(next) {
    chosen.set({ ...chosen.get(), keys: next });
    showKeys();
  }

  let captures = false;
  let taken = ""; // the key that was bound last, until it goes up
  /** @param {boolean} on @param {string} [said] */
  function capturing(on, said = "") {
    captures = on;
    capture.textContent = on ? "Press a key…" : "Bind a key";
    capture.ariaPressed = String(on);
    note.textContent = on ? "Escape leaves it as it is." : said;
  }
  capture.onclick = () => {
    letAllGo();
    capturing(!captures);
  };
  capture.onblur = () => captures && capturing(false);
  addEventListener(
    "keydown",
    (event) => {
      const { code } = event;
      if (!captures || event.repeat || /^(Control|Alt|Meta|OS)/.test(code)) return;
      if (code === "Tab") return capturing(false);
      event.preventDefault();
      event.stopPropagation();
      if (code === "Escape" || !code) return capturing(false);
      taken = code;
      const before = actions.get(keys()[code]);
      const action = actions.get(what.value);
      setKeys({ ...keys(), [code]: what.value });
      const instead = before && before !== action ? `, and no more to ${before.label}` : "";
      capturing(false, `${keyName(code)} is bound to ${action?.label}${instead}.`);
    },
    true,
  );
  // Space goes up after it has been bound, and would press the button.
  capture.onkeyup = (event) => {
    if (event.code === taken) event.preventDefault();
    taken = "";
  };
  reset.onclick = () => {
    letAllGo();
    chosen.set({ keys: null, pictures: {} });
    note.textContent = "As it was at first.";
    show();
    capture.focus();
  };

  // ---- what there is to bind

  let model = "";
  commands.onForms(() => {
    letAllGo();
    const name = schemaOf(reactor)?.info?.title ?? reactor.model?.name ?? "";
    if (name !== model) chosen = store(`bindings:${(model = name)}`, { keys: null, pictures: {} });
    actions = actionsOf(commands.forms);
    places = [...commands.forms.values()].filter(takesPlace);
    const was = what.value;
    what.replaceChildren(...[...actions.values()].map(({ id, label }) => make("option", { value: id }, label)));
    if (actions.has(was)) what.value = was;
    show();
  });
  /** @type {WeakSet<HTMLVideoElement>} */
  const heard = new WeakSet();
  pictures.onVideos(() => {
    for (const [name, video] of pictures.videos) {
      if (heard.has(video)) continue;
      heard.add(video);
      listenToPointer(video, pictures, () => (isLive() ? boundTo(name) : undefined));
    }
    show();
  });
  reactor.on("state", () => {
    if (!isLive()) letAllGo(false); // nobody is there to be told
    for (const [name, video] of pictures.videos) video.classList.toggle("aimed", isLive() && !!boundTo(name));
  });
}
