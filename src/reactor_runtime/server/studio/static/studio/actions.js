// What a key can do: the commands that take no more than one small value, and a pair of `press` and `release`.

/** @typedef {import("./form.js").Form} Form */
/**
 * @typedef {object} Action
 * @property {string} id by which it is remembered
 * @property {string} label
 * @property {() => void} down
 * @property {() => void} [up] it lasts while the key is held
 */

/** @param {Map<string, Form>} forms @returns {Map<string, Action>} by their ids */
export function actionsOf(forms) {
  /** @type {Action[]} */
  const actions = [];
  const press = forms.get("press");
  const release = forms.get("release");
  const held = release?.fields.has("key") ? (press?.fields.get("key")?.schema.enum ?? []) : [];
  for (const key of held) {
    const [down, up] = [press, release].map((form) => () => void form?.submit({ key }));
    actions.push({ id: `press ${key}`, label: `press ${key}`, down, up });
  }
  for (const form of forms.values())
    if (!held.length || (form !== press && form !== release)) actions.push(...simple(form));
  return new Map(actions.map((action) => [action.id, action]));
}

/** @param {Form} form @returns {Action[]} */
function simple({ name, fields, submit, sendNewest }) {
  if (!fields.size) return [{ id: name, label: name, down: () => void submit() }];
  if (fields.size > 1) return [];
  const [[key, { schema, show, read }]] = fields;
  const send = (/** @type {any} */ value) => {
    show(value);
    sendNewest({ [key]: value });
  };
  /** @param {string} what @param {string} label @param {() => void} down @param {() => void} [up] */
  function act(what, label, down, up) {
    return { id: `${name} ${what}`, label: `${name}: ${label}`, down, up };
  }
  if (schema.enum)
    return schema.enum.map((/** @type {any} */ value) => act(JSON.stringify(value), String(value), () => send(value)));
  if (schema.type === "boolean") {
    // What is pressed and let go at once is told both ways, in this order.
    const [on, off] = [true, false].map((value) => () => {
      show(value);
      submit({ [key]: value });
    });
    return [act("hold", "on while held", on, off), act("toggle", "on and off in turn", () => send(!read()))];
  }
  if (schema.type !== "number" && schema.type !== "integer") return [];
  const { minimum = -Infinity, maximum = Infinity, type, default: initial } = schema;
  const range = maximum - minimum;
  const whole = type === "integer";
  const step = Number.isFinite(range) ? (whole ? Math.max(1, Math.round(range / 20)) : range / 20) : whole ? 1 : 0.1;
  const by = (/** @type {number} */ change) => () => {
    const from = present(read) ?? initial ?? (Number.isFinite(minimum) ? minimum : 0);
    send(Math.min(maximum, Math.max(minimum, Number((from + change).toPrecision(12)))));
  };
  return [act("down", "less", by(-step)), act("up", "more", by(step))];
}

/** What a field reads, if there is something in it. @param {() => any} read */
function present(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
