// Looking up what a packet alone does not say: its bytes on the tape, its ack, who else got it.

import { ask, get, request } from "./api.js";
import { microseconds } from "./format.js";

/** @typedef {import("./types.js").Packet} Packet */
/** @typedef {import("./types.js").Ack} Ack */

/** @param {number} id @returns {Promise<Packet>} */
export const packet = (id) => get(`packets/${id}`);

/** @param {number} id @returns {Promise<string | null>} its data as it is on the tape, digit by digit */
export async function raw(id) {
  const { rows } = await ask(`SELECT data FROM packets WHERE id = ${id}`);
  const data = rows[0]?.[0];
  return data === null || data === undefined ? null : String(data);
}

/** @param {number} id @param {number} index @returns {Promise<Uint8Array>} */
export async function attachment(id, index) {
  return new Uint8Array(await (await request(`packets/${id}/attachments/${index}`)).arrayBuffer());
}

/**
 * The question and the answer that a packet belongs to.
 *
 * @param {Packet} packet
 * @returns {Promise<Ack | null>}
 */
export async function ack(packet) {
  if (packet.ack_id === null || packet.session_id === null) return null;
  const isAnswer = packet.type === "ack" || packet.type === "binary_ack";
  const direction = isAnswer === (packet.direction === "in") ? "out" : "in";
  // An answer's question stands somewhere before it: the latest one of that number.
  const query = isAnswer
    ? `request_id < ${packet.id} AND response_id = ${packet.id} ORDER BY request_id DESC LIMIT 1`
    : `request_id = ${packet.id}`;
  const { columns, rows } = await ask(`SELECT * FROM acks WHERE ${query}`);
  const row = rows[0];
  if (!row) return null;
  const found = /** @type {any} */ (Object.fromEntries(columns.map((column, index) => [column, row[index]])));
  return found.direction === direction ? found : null;
}

/**
 * Links questions and answers among the packets of a window: same session, same number, opposite ways.
 *
 * @param {Packet[]} packets in ascending order
 * @returns {Map<number, { other: Packet, latency: number }>} by the id of either; latency in milliseconds
 */
export function acksAmong(packets) {
  /** @type {Map<string, Packet>} */
  const open = new Map();
  const links = new Map();
  for (const packet of packets) {
    if (packet.ack_id === null) continue;
    const isAnswer = packet.type === "ack" || packet.type === "binary_ack";
    if (!isAnswer) {
      open.set(`${packet.session_id} ${packet.direction} ${packet.ack_id}`, packet);
      continue;
    }
    const key = `${packet.session_id} ${packet.direction === "in" ? "out" : "in"} ${packet.ack_id}`;
    const question = open.get(key);
    if (!question) continue;
    open.delete(key);
    const latency = (packet.at_us - question.at_us) / 1000;
    links.set(packet.id, { other: question, latency });
    links.set(question.id, { other: packet, latency });
  }
  return links;
}

/**
 * What became of questions whose answers are not at hand.
 *
 * @param {number[]} ids
 * @param {AbortSignal} [signal]
 * @returns {Promise<Map<number, Pick<Ack, "latency_ms" | "status">>>}
 */
export async function acksOf(ids, signal) {
  if (ids.length === 0) return new Map();
  const { rows } = await ask(`SELECT request_id, latency_ms, status FROM acks WHERE request_id IN (${ids.join(", ")})`, signal);
  return new Map(rows.map(([id, latency, status]) => [Number(id), /** @type {any} */ ({ latency_ms: latency, status })]));
}

/** @param {{ at_us?: number, at: string }} row */
export const timeOf = (row) => row.at_us ?? microseconds(row.at);
