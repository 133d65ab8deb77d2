// The schemas of a command's fields, and what is wrong with a value of one.

/**
 * A JSON Schema without references, and with `nullable` in place of a choice between something and null.
 * @typedef {Record<string, any>} Schema
 * @typedef {{ doc: any, required: boolean, depth: number }} Place where a field stands; `depth` 0 is in the form itself
 */

let made = 0;
/** An id that nothing else on the page has. */
export const unique = () => `f${++made}`;

/** What keeps a value from being sent; `path` leads to it, from the field that throws it. */
export class Problem extends Error {
  /** @param {string} message @param {string} [path] */
  constructor(message, path = "") {
    super(message);
    this.path = path;
  }
}

/**
 * Follows references, and takes the null out of an optional schema.
 * @param {Schema} schema
 * @param {any} doc the document that the references are in
 * @returns {Schema}
 */
export function plain(schema, doc) {
  if (schema.$ref) return { ...doc.components.schemas[schema.$ref.split("/").pop()], ...schema, $ref: undefined };
  const kinds = schema.anyOf?.filter((/** @type {Schema} */ { type }) => type !== "null");
  if (kinds?.length !== 1) return schema;
  return { ...plain(kinds[0], doc), ...schema, anyOf: undefined, nullable: true };
}

/** @param {Schema} schema */
export const isFile = (schema) => schema.format === "reactor-upload-reference";
