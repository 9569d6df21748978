// Sessions as the page wants them: with their connection, newest first, and without sums that would take long.

import { askRows, quoted } from "./api.js";
import { who } from "./people.js";

const COUNTED_AT_ONCE = 20;

/**
 * @typedef {object} SessionLine
 * @property {number} id
 * @property {string} sid
 * @property {string} name
 * @property {string} namespace
 * @property {string} connected_at
 * @property {string | null} disconnected_at
 * @property {string | null} reason
 * @property {number} recovered
 * @property {number} connection_id
 * @property {string} transport
 * @property {string | null} upgraded_at
 * @property {string | null} closed_at
 * @property {string | null} remote_address
 * @property {number} [packets_in] once they have been counted
 * @property {number} [packets_out]
 */

const columns = `s.id, s.sid, s.auth, s.namespace, s.connected_at, s.disconnected_at, s.reason, s.recovered, s.connection_id,
  c.transport, c.upgraded_at, c.closed_at, c.remote_address`;

/** @param {Record<string, any>} row */
const named = (row) => /** @type {SessionLine} */ (/** @type {unknown} */ ({ ...row, name: who(row.auth, row.sid) }));

/**
 * A page of sessions, newest first.
 *
 * @param {{ namespace?: string, state?: string, text?: string, reason?: string, connection?: string }} filter
 * @param {number | null} before an id
 * @param {number} limit
 * @param {AbortSignal} [signal]
 */
export async function sessionPage({ namespace, state, text, reason, connection }, before, limit, signal) {
  const conditions = [
    before !== null && `s.id < ${before}`,
    namespace && `s.namespace = ${quoted(namespace)}`,
    state === "open" && "s.disconnected_at IS NULL",
    state === "ended" && "s.disconnected_at IS NOT NULL",
    reason && `s.reason = ${quoted(reason)}`,
    connection && /^\d+$/.test(connection) && `s.connection_id = ${connection}`,
    text && `(instr(lower(s.sid), ${quoted(text.toLowerCase())}) OR instr(lower(s.auth), ${quoted(text.toLowerCase())}) OR c.remote_address = ${quoted(text)}${/^\d+$/.test(text) ? ` OR s.id = ${text}` : ""})`,
  ].filter(Boolean);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  const rows = await askRows(
    `SELECT ${columns} FROM sessions s JOIN connections c ON c.id = s.connection_id ${where} ORDER BY s.id DESC LIMIT ${limit}`, signal);
  return rows.map(named);
}

/**
 * Fills in how many packets they had. Of those that are open the tape must count, so this comes after the rest and in small parts.
 *
 * @param {SessionLine[]} sessions
 * @param {AbortSignal} signal
 * @param {() => void} done some have been counted
 */
export async function countPackets(sessions, signal, done) {
  for (let from = 0; from < sessions.length; from += COUNTED_AT_ONCE) {
    const part = sessions.slice(from, from + COUNTED_AT_ONCE);
    const rows = await askRows(`SELECT id, packets_in, packets_out FROM sessions WHERE id IN (${part.map(({ id }) => id).join(", ")})`, signal);
    for (const { id, packets_in, packets_out } of rows) {
      const session = part.find((one) => one.id === id);
      if (session) Object.assign(session, { packets_in, packets_out });
    }
    done();
  }
}

/**
 * Sessions by their ids, without counts.
 *
 * @param {number[]} ids
 * @param {AbortSignal} [signal]
 * @returns {Promise<SessionLine[]>}
 */
export async function sessionsByID(ids, signal) {
  if (ids.length === 0) return [];
  const rows = await askRows(`SELECT ${columns} FROM sessions s JOIN connections c ON c.id = s.connection_id WHERE s.id IN (${ids.join(", ")})`, signal);
  return rows.map(named);
}
