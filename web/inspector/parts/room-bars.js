// In which rooms somebody was, and when: a bar for each stay.

import { el } from "../core/dom.js";
import { clock, duration } from "../core/format.js";
import { address } from "../core/router.js";

/** @typedef {import("../core/types.js").RoomChange} RoomChange */

/**
 * @param {RoomChange[]} changes of one session, oldest first
 * @param {number} from microseconds
 * @param {number | null} to nothing: it goes on
 */
export function roomBars(changes, from, to) {
  if (changes.length === 0) return el("p", { class: "soft" }, "It was in no room but its own.");
  const end = to ?? Date.now() * 1000;
  const span = Math.max(1, end - from);
  /** @type {Map<string, { namespace: string, stays: { from: number, to: number | null, cause: string | null }[] }>} */
  const rooms = new Map();
  for (const { room, namespace, action, at_us: at, cause } of changes) {
    const known = rooms.get(room) ?? { namespace, stays: [] };
    rooms.set(room, known);
    if (action === "join") known.stays.push({ from: at, to: null, cause: null });
    else {
      const stay = known.stays.at(-1);
      if (stay) Object.assign(stay, { to: at, cause });
    }
  }
  return el("div", { class: "bars" }, [...rooms].flatMap(([room, { namespace, stays }]) => [
    el("a", { href: address(["rooms", room], { ns: namespace }) }, room),
    el("div", { class: "bars-line" }, stays.map((stay) => {
      const left = Math.max(0, ((stay.from - from) / span) * 100);
      const width = Math.min(100 - left, (((stay.to ?? end) - stay.from) / span) * 100);
      const text = `${clock(stay.from, 0)} – ${stay.to === null ? "…" : clock(stay.to, 0)}, ${duration(((stay.to ?? end) - stay.from) / 1000)}${stay.cause === "disconnect" ? ", until it went" : ""}`;
      return el("i", { title: text, aria: { label: `in ${room} ${text}` }, role: "img", style: { left: `${left}%`, width: `${Math.max(0.4, width)}%` } });
    })),
  ]));
}
