// Two recordings of one conversation side by side: which packet is which, and where they part.

import { args, name } from "../core/format.js";

/** @typedef {import("../core/types.js").Packet} Packet */
/** @typedef {{ then: Packet | null, now: Packet | null, kind: "same" | "changed" | "missing" | "extra" }} Pair */

const time = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"/g;
const NEAR = 60; // how far the same packet is looked for

/** @param {Packet} packet what makes it the same kind of packet */
const kind = (packet) => `${packet.direction} ${packet.type} ${packet.namespace} ${packet.event}`;

/**
 * Pairs packets in order. Socket ids and times are different in every recording; that is no difference.
 *
 * @param {Packet[]} then
 * @param {Packet[]} now
 * @param {Map<string, string>} ids of the earlier recording, and what stands for them in the later one
 * @returns {Pair[]}
 */
export function aligned(then, now, ids) {
  /** @type {Pair[]} */
  const pairs = [];
  const taken = new Set();
  let next = 0;
  for (const packet of then) {
    let found = -1;
    for (let index = next; index < Math.min(now.length, next + NEAR); index += 1) {
      const other = now[index];
      if (!other || taken.has(index) || kind(other) !== kind(packet)) continue;
      if (found < 0) found = index;
      if (isSame(packet, other, ids)) {
        found = index;
        break;
      }
    }
    if (found < 0) {
      pairs.push({ then: packet, now: null, kind: "missing" });
      continue;
    }
    taken.add(found);
    const other = /** @type {Packet} */ (now[found]);
    pairs.push({ then: packet, now: other, kind: isSame(packet, other, ids) ? "same" : "changed" });
    while (taken.has(next)) next += 1;
  }
  now.forEach((packet, index) => {
    if (taken.has(index)) return;
    const place = pairs.findIndex((pair) => pair.now !== null && pair.now.id > packet.id);
    pairs.splice(place < 0 ? pairs.length : place, 0, { then: null, now: packet, kind: "extra" });
  });
  return pairs;
}

/**
 * @param {Packet} then
 * @param {Packet} now
 * @param {Map<string, string>} ids
 */
function isSame(then, now, ids) {
  if (then.type === "connect") return true; // the handshake hands out ids
  let text = args(then);
  for (const [old, fresh] of ids) text = text.replaceAll(old, fresh);
  return text.replace(time, '"time"') === args(now).replace(time, '"time"');
}

/**
 * The rows around differences, and how many lie between.
 *
 * @param {Pair[]} pairs
 * @param {number} [around]
 * @returns {(Pair | { kind: "skip", count: number })[]}
 */
export function folded(pairs, around = 3) {
  const shown = pairs.map(() => false);
  pairs.forEach((pair, index) => {
    if (pair.kind === "same") return;
    for (let at = index - around; at <= index + around; at += 1) if (at >= 0 && at < shown.length) shown[at] = true;
  });
  /** @type {(Pair | { kind: "skip", count: number })[]} */
  const rows = [];
  pairs.forEach((pair, index) => {
    const last = rows.at(-1);
    if (shown[index]) rows.push(pair);
    else if (last?.kind === "skip") last.count += 1;
    else rows.push({ kind: "skip", count: 1 });
  });
  return rows;
}

/** @param {Packet} packet */
export const summary = (packet) => `${packet.direction === "in" ? "→" : "←"} ${name(packet)}`;
