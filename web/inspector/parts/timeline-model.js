// What the timeline draws, as plain values: lanes, and moments in order, each with its place on the axis of time.

import { microseconds, name } from "../core/format.js";
import { timeOf } from "../core/packets.js";

/** @typedef {import("../core/types.js").Packet} Packet */
/** @typedef {import("../core/types.js").RoomChange} RoomChange */
/** @typedef {import("../core/sessions.js").SessionLine} SessionLine */

/**
 * @typedef {object} Lane
 * @property {string} key
 * @property {number} index
 * @property {number | null} session
 * @property {number} connection
 * @property {SessionLine | null} line
 * @property {number} from row at which it begins, or -1: before what is there
 * @property {number} to row at which it ends, or -1: it goes on
 */

/**
 * @typedef {object} Moment
 * @property {"packet" | "cast" | "room" | "upgrade" | "end" | "pause"} kind
 * @property {number} at microseconds
 * @property {number} id of the common sequence; 0 if it has none
 * @property {number} lane
 * @property {Packet[]} packets one, or what a broadcast delivered
 * @property {number[]} lanes where they went
 * @property {string} text of what is no packet
 * @property {number} y
 */

/** @typedef {{ from: number, to: number, lane: number, latency: number, direction: "in" | "out" }} Tie rows of a question and its answer */
/** @typedef {{ lanes: Lane[], moments: Moment[], ties: Tie[], height: number, start: number, perRow: number | null, perPixel: number }} Model */

const PAUSE = 1_000_000; // a silence as long as this is said

/**
 * @param {Packet[]} packets ascending
 * @param {RoomChange[]} changes
 * @param {Map<number, SessionLine>} sessions
 * @param {{ mode: "order" | "clock", rowHeight: number, perPixel: number }} scale
 * @returns {Model}
 */
export function timelineModel(packets, changes, sessions, scale) {
  const lanes = laneMap(packets, sessions);
  /** @type {Moment[]} */
  const moments = [];
  /** @type {Map<number, Moment>} */
  const casts = new Map();
  for (const packet of packets) {
    const lane = lanes.of(packet);
    const known = packet.broadcast_id === null ? undefined : casts.get(packet.broadcast_id);
    if (known) {
      known.packets.push(packet);
      known.lanes.push(lane);
      known.kind = "cast";
      continue;
    }
    const moment = made("packet", timeOf(packet), packet.id, lane, "", [packet]);
    moments.push(moment);
    if (packet.broadcast_id !== null) casts.set(packet.broadcast_id, moment);
  }
  const [first, last] = [packets[0], packets.at(-1)];
  const [from, to] = first && last ? [timeOf(first), timeOf(last)] : [0, 0];
  const within = (/** @type {number} */ at) => at >= from && at <= to + PAUSE;
  for (const change of changes) {
    const lane = lanes.bySession.get(change.session_id);
    if (lane === undefined || !within(change.at_us) || change.room === change.sid || change.cause === "disconnect") continue;
    moments.push(made("room", change.at_us, change.id, lane, `${change.action === "join" ? "+" : "−"} ${change.room}`));
  }
  const upgraded = new Set();
  for (const lane of lanes.all) {
    const { line } = lane;
    if (!line) continue;
    if (line.upgraded_at !== null && !upgraded.has(line.connection_id) && within(microseconds(line.upgraded_at))) {
      upgraded.add(line.connection_id);
      moments.push(made("upgrade", microseconds(line.upgraded_at), 0, lane.index, `upgraded to ${line.transport}`));
    }
    if (line.disconnected_at !== null && within(microseconds(line.disconnected_at))) moments.push(made("end", microseconds(line.disconnected_at), 0, lane.index, line.reason ?? "ended"));
  }
  // The tape's sequence says what came first; what has no place in it comes after what has, at the same time.
  moments.sort((one, other) => (one.id && other.id && Math.abs(one.at - other.at) < 1000 ? one.id - other.id : one.at - other.at || (one.id || Infinity) - (other.id || Infinity)));
  const placed = scale.mode === "order" ? inOrder(moments, scale.rowHeight) : byClock(moments, scale.perPixel);
  spans(lanes.all, placed.moments);
  return { lanes: lanes.all, ties: ties(placed.moments), start: from, perRow: scale.mode === "order" ? scale.rowHeight : null, ...placed, perPixel: placed.perPixel };
}

/**
 * @param {Moment["kind"]} kind
 * @param {number} at
 * @param {number} id
 * @param {number} lane
 * @param {string} text
 * @param {Packet[]} [packets]
 * @returns {Moment}
 */
const made = (kind, at, id, lane, text, packets = []) => ({ kind, at, id, lane, text, packets, lanes: [lane], y: 0 });

/**
 * A lane for each session; engine packets stand with the first session of their connection, if there is one.
 *
 * @param {Packet[]} packets
 * @param {Map<number, SessionLine>} sessions
 */
function laneMap(packets, sessions) {
  /** @type {Map<string, Lane>} */
  const byKey = new Map();
  /** @type {Map<number, number>} */
  const ofConnection = new Map();
  for (const { session_id: session, connection_id: connection } of packets) {
    if (session === null) continue;
    const known = ofConnection.get(connection);
    if (known === undefined || session < known) ofConnection.set(connection, session);
  }
  /** @param {Packet} packet */
  const keyOf = (packet) => {
    const session = packet.session_id ?? ofConnection.get(packet.connection_id);
    return session === undefined ? `c${packet.connection_id}` : `s${session}`;
  };
  for (const packet of packets) {
    const key = keyOf(packet);
    if (byKey.has(key)) continue;
    const session = packet.session_id ?? ofConnection.get(packet.connection_id) ?? null;
    byKey.set(key, { key, index: 0, session, connection: packet.connection_id, line: session === null ? null : sessions.get(session) ?? null, from: -1, to: -1 });
  }
  const all = [...byKey.values()].sort((one, other) => one.connection - other.connection || (one.session ?? 0) - (other.session ?? 0));
  /** @type {Map<number, number>} */
  const bySession = new Map();
  all.forEach((lane, index) => {
    lane.index = index;
    if (lane.session !== null) bySession.set(lane.session, index);
  });
  return { all, bySession, of: (/** @type {Packet} */ packet) => byKey.get(keyOf(packet))?.index ?? 0 };
}

/**
 * A row for each moment, and a thinner one for each silence.
 *
 * @param {Moment[]} moments
 * @param {number} rowHeight
 */
function inOrder(moments, rowHeight) {
  /** @type {Moment[]} */
  const rows = [];
  let y = 0;
  let before = moments[0]?.at ?? 0;
  for (const moment of moments) {
    if (moment.at - before >= PAUSE) {
      rows.push({ ...made("pause", before, 0, -1, String((moment.at - before) / 1000)), y });
      y += 22;
    }
    before = moment.at;
    moment.y = y;
    rows.push(moment);
    y += rowHeight;
  }
  return { moments: rows, height: y + 24, perPixel: 0 };
}

/**
 * @param {Moment[]} moments
 * @param {number} perPixel microseconds
 */
function byClock(moments, perPixel) {
  const start = moments[0]?.at ?? 0;
  const span = (moments.at(-1)?.at ?? 0) - start;
  // Browsers end at some tens of millions of pixels.
  const scale = Math.max(perPixel, span / 8_000_000);
  for (const moment of moments) moment.y = (moment.at - start) / scale;
  return { moments, height: span / scale + 60, perPixel: scale };
}

/**
 * Where lanes begin and end.
 *
 * @param {Lane[]} lanes
 * @param {Moment[]} moments
 */
function spans(lanes, moments) {
  moments.forEach((moment, row) => {
    const lane = lanes[moment.lane];
    if (!lane) return;
    const packet = moment.packets[0];
    if (moment.kind === "end") lane.to = row;
    else if (packet && packet.direction === "in" && packet.type === "connect" && lane.from < 0) lane.from = row;
  });
}

/**
 * Questions and their answers among the rows.
 *
 * @param {Moment[]} moments
 * @returns {Tie[]}
 */
function ties(moments) {
  /** @type {Map<string, number>} */
  const open = new Map();
  /** @type {Tie[]} */
  const found = [];
  moments.forEach((moment, row) => moment.packets.forEach((packet, index) => {
    if (packet.ack_id === null) return;
    const isAnswer = packet.type === "ack" || packet.type === "binary_ack";
    if (!isAnswer) {
      open.set(`${packet.session_id} ${packet.direction} ${packet.ack_id}`, row);
      return;
    }
    const direction = packet.direction === "in" ? "out" : "in";
    const key = `${packet.session_id} ${direction} ${packet.ack_id}`;
    const from = open.get(key);
    if (from === undefined) return;
    open.delete(key);
    found.push({ from, to: row, lane: moment.lanes[index] ?? moment.lane, latency: (moment.at - (moments[from]?.at ?? 0)) / 1000, direction });
  }));
  return found;
}

/**
 * The first moment at or below a height.
 *
 * @param {Moment[]} moments
 * @param {number} y
 */
export function rowAt(moments, y) {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.y ?? 0) < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A moment as a sentence, for those who hear the page.
 *
 * @param {Moment} moment
 * @param {Lane[]} lanes
 */
export function told(moment, lanes) {
  const lane = lanes[moment.lane];
  const whose = lane?.line?.name ?? lane?.key ?? "";
  const packet = moment.packets[0];
  if (!packet) return `${whose}: ${moment.text}`;
  if (moment.kind === "cast") return `${name(packet)} to ${moment.packets.length} sockets`;
  return packet.direction === "in" ? `${name(packet)} from ${whose}` : `${name(packet)} to ${whose}`;
}
