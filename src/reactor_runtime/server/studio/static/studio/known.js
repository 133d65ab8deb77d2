// The model, as the page was told with its first bytes: everything has its place before there is a connection.

/** @typedef {import("../client.js").Reactor} Reactor */
/** @typedef {import("../client.js").Track} Track */
/** @typedef {{ name: string, kind: "video" | "audio", direction: "out" | "in" }} Known */

/**
 * @type {{ model: string, tracks: Known[], schema: any, watches?: boolean }}
 *   `schema` is null where the model was still loading; `watches`: the page came by a link that may only watch
 */
const told = JSON.parse(document.getElementById("known")?.textContent ?? '{"model":"","tracks":[],"schema":null}');

/** Whether all that would command the model, or send to it, would be refused. */
export const watches = told.watches === true;

/** @param {Reactor} reactor */
export const modelName = (reactor) => reactor.model?.name ?? told.model;

/** The model as an OpenAPI document, or null. @param {Reactor} reactor */
export const schemaOf = (reactor) => reactor.schema ?? told.schema;

/**
 * Calls `show` with what is known of the tracks of a kind and direction, at once and whenever that changes. What it gets
 * are Tracks as soon as there has been a session.
 * @param {Reactor} reactor
 * @param {{ kind?: Known["kind"], direction: Known["direction"] }} wanted
 * @param {(tracks: (Known | Track)[]) => void} show
 */
export function onTracks(reactor, { kind, direction }, show) {
  /** @param {(Known | Track)[]} tracks */
  const tell = (tracks) =>
    show(tracks.filter((track) => track.direction === direction && (!kind || track.kind === kind)));
  reactor.on("tracks", tell);
  tell(reactor.tracks.length ? reactor.tracks : told.tracks);
}
