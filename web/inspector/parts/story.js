// What happened to a session, in sentences.

import { args, clock, duration, microseconds, name } from "../core/format.js";
import { timeOf } from "../core/packets.js";

/** @typedef {import("../core/types.js").Session} Session */
/** @typedef {import("../core/types.js").Connection} Connection */
/** @typedef {import("../core/types.js").End} End */

const LONG_SILENCE = 1000; // milliseconds

/**
 * Why it ended, and what came right before.
 *
 * @param {string} who
 * @param {Session} session
 * @param {End} end
 */
export function why(who, session, end) {
  const from = microseconds(session.connected_at);
  if (!end.ended || end.at === null) return `${who} is still here, since ${clock(from, 0)}.`;
  const to = microseconds(end.at);
  const detail = end.detail && end.detail !== end.reason ? ` (${end.detail})` : "";
  const lasted = `${who} was here for ${duration((to - from) / 1000)}, until ${clock(to, 0)}.`;
  return `${lasted} ${end.explanation.replace(/\.$/, "")}${detail}.`;
}

/**
 * What the last packets add to that.
 *
 * @param {End} end
 * @returns {string}
 */
export function before(end) {
  if (!end.ended || end.at === null) return "";
  const to = microseconds(end.at);
  const incoming = end.last_packets.filter((packet) => packet.direction === "in");
  const lastEvent = incoming.filter((packet) => packet.event !== null).at(-1);
  const last = incoming.at(-1);
  if (end.reason === "ping timeout") {
    const pong = last ? `Nothing had come from it for ${duration((to - timeOf(last)) / 1000)}: the last was ${name(last)}.` : "Nothing came from it among the last packets.";
    return pong;
  }
  if (!lastEvent) return "";
  const ago = (to - timeOf(lastEvent)) / 1000;
  const said = args(lastEvent);
  return `The last that it said was “${lastEvent.event}”${said ? ` with ${said.slice(0, 80)}${said.length > 80 ? "…" : ""}` : ""}, ${ago < LONG_SILENCE ? "only " : ""}${duration(ago)} before.`;
}

/**
 * How it came.
 *
 * @param {Session} session
 * @param {Connection} connection
 */
export function how(session, connection) {
  const opened = microseconds(connection.opened_at);
  const waited = (microseconds(session.connected_at) - opened) / 1000;
  const way = connection.upgraded_at !== null
    ? `by long-polling, and went over to ${connection.transport} after ${duration((microseconds(connection.upgraded_at) - opened) / 1000)}`
    : connection.transport === "polling" ? "by long-polling, and never got past it" : `straight over ${connection.transport}`;
  const again = session.recovered ? " It was recovered: it went on where an earlier session had been cut off." : "";
  return `It came from ${connection.remote_address ?? "an unknown address"} ${way}; ${session.namespace} let it in ${duration(waited)} after the connection was opened.${again}`;
}
