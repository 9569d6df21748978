// A recorded replay beside the tape that it comes from: session by session, packet by packet, the first divergence first.

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { args, clock, counted, name } from "../core/format.js";
import { timeOf } from "../core/packets.js";
import { who } from "../core/people.js";
import { address, note } from "../core/router.js";
import { aligned, folded } from "./alignment.js";
import { empty } from "./empty.js";

/** @typedef {import("../core/types.js").Packet} Packet */
/** @typedef {import("../core/types.js").Session} Session */
/** @typedef {import("../core/types.js").Run} Run */
/** @typedef {import("./alignment.js").Pair} Pair */
/** @typedef {{ then: Session, now: Session, pairs: Pair[], first: Packet | null }} Compared */

const other = "/inspect/beside/api/";
const MOST_SESSIONS = 60;

/**
 * The run of a replay on this tape, if it is one.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<Run | null>}
 */
export async function replayRun(signal) {
  const runs = /** @type {Run[]} */ ((await get("runs", { limit: 1000 }, signal)).items);
  return runs.reverse().find((run) => run.settings?.replay_of) ?? null;
}

/**
 * @param {Run} run
 * @param {AbortSignal} signal
 * @returns {Promise<Compared[] | null>} nothing if the server has no other tape open
 */
export async function compare(run, signal) {
  const there = await get(`${other}runs`, { limit: 1 }, signal).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
  if (!there) return null;
  const mine = /** @type {Session[]} */ ((await get("sessions", { run: run.id, limit: 1000 }, signal)).items);
  // The n-th session of the replay stands in the n-th place of the list; `--record` always makes a new tape.
  const recorded = /** @type {(number | null)[]} */ (run.settings.replay_of.sessions);
  /** @type {Compared[]} */
  const found = [];
  const ids = new Map();
  /** @type {{ then: Session, now: Session }[]} */
  const couples = [];
  for (const now of mine.slice(0, MOST_SESSIONS)) {
    const id = recorded[now.id - 1];
    if (id === null || id === undefined) continue;
    const then = /** @type {Session} */ (await get(`${other}sessions/${id}`, {}, signal));
    couples.push({ then, now });
    ids.set(then.sid, now.sid);
  }
  for (const { then, now } of couples) {
    const [before, after] = await Promise.all([
      get(`${other}sessions/${then.id}/packets`, { layer: "socket", limit: 1000 }, signal),
      get(`sessions/${now.id}/packets`, { layer: "socket", limit: 1000 }, signal),
    ]);
    const pairs = aligned(before.items, after.items, ids);
    const divergence = pairs.find((pair) => pair.kind !== "same");
    found.push({ then, now, pairs, first: divergence?.then ?? divergence?.now ?? null });
  }
  return found.sort((one, two) => (one.first ? timeOf(one.first) : Infinity) - (two.first ? timeOf(two.first) : Infinity));
}

/**
 * @param {Compared[]} all
 * @param {Run} run
 * @param {number} chosen id of a session of the replay
 */
export function besideView(all, run, chosen) {
  const rows = el("div", { class: "scroll beside" });
  const current = all.find(({ now }) => now.id === chosen) ?? all[0];
  const list = el("nav", { class: "scroll finding-list", aria: { label: "Sessions" } }, all.map(({ then, now, pairs }) => {
    const differing = pairs.filter((pair) => pair.kind !== "same").length;
    return el("a", { href: address(["replay"], { session: now.id }), class: differing ? "finding" : "finding same", aria: { current: now === current?.now ? "true" : "false" } },
      el("b", null, who(then.auth, then.sid)), el("small", null, ` session ${then.id}, now ${now.id}`),
      el("span", null, differing ? counted(differing, "difference") : `same, ${counted(pairs.length, "packet")}`));
  }));
  if (current) drawPairs(current);
  else fill(rows, empty("No session was replayed"));

  /** @param {Compared} compared */
  function drawPairs({ then, now, pairs }) {
    const isSame = pairs.every((pair) => pair.kind === "same");
    const shown = isSame ? pairs.slice(0, 500) : folded(pairs);
    fill(rows, el("table", { class: "plain pairs" },
      el("thead", null, el("tr", null, el("th", { scope: "col" }, `then, session ${then.id}`), el("th", { scope: "col" }, `now, session ${now.id}`))),
      el("tbody", null, shown.map((row) => row.kind === "skip" || !("then" in row)
        ? el("tr", { class: "skip" }, el("td", { colspan: 2 }, `${counted(/** @type {{ count: number }} */ (row).count, "packet")} the same`))
        : el("tr", { class: row.kind }, side(row.then, false), side(row.now, true))))));
  }

  /** @param {Packet | null} packet @param {boolean} isHere */
  function side(packet, isHere) {
    if (!packet) return el("td", { class: "none" }, isHere ? "did not come" : "was not there");
    return el("td", null, el("span", { class: `way ${packet.direction}` }, packet.direction === "in" ? "→ " : "← "),
      isHere ? el("a", { href: address(["packets"], { at: packet.id, packet: packet.id }) }, name(packet)) : el("b", null, name(packet)),
      el("small", null, ` ${clock(timeOf(packet))}`), el("code", null, args(packet).slice(0, 400)));
  }

  const parted = all.filter(({ pairs }) => pairs.some((pair) => pair.kind !== "same")).length;
  note({ session: current?.now.id });
  return [
    el("div", { class: `verdict-bar ${parted ? "different" : "same"}` }, el("b", null, parted ? `${counted(parted, "session")} of ${all.length} went otherwise` : "Everything went as it did"),
      el("span", { class: "soft" }, `a replay of ${run.settings.replay_of.tape} against ${run.upstream ?? "a server"}; socket ids and times are taken as equal`)),
    el("div", { class: "split" }, list, rows),
  ];
}
