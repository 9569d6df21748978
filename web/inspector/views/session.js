// The page of one session: what happened to it, told from its beginning to why it ended.

import { ask, get, isGone } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { args, bytes, clock, count, counted, duration, microseconds, moment, name } from "../core/format.js";
import { read } from "../core/json.js";
import { timeOf } from "../core/packets.js";
import { who } from "../core/people.js";
import { address, go } from "../core/router.js";
import { failure, loading } from "../parts/empty.js";
import { jsonView } from "../parts/json-view.js";
import { copy } from "../parts/packet-detail.js";
import { roomBars } from "../parts/room-bars.js";
import { before, how, why } from "../parts/story.js";
import { timeStrip } from "../parts/time-strip.js";

/** @typedef {import("../core/types.js").Session} Session */
/** @typedef {import("../core/types.js").Connection} Connection */
/** @typedef {import("../core/types.js").End} End */
/** @typedef {import("../core/types.js").Packet} Packet */

const EVERY = 2000;

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function sessionStory(root, place) {
  let id = Number(place.path[1]);
  let stop = new AbortController();
  let timer = 0;
  const strip = timeStrip({ onPick: (time) => go(["packets"], { q: `session:${id} since:${new Date(time / 1000).toISOString()}`, live: "off" }) });
  fill(root, loading());

  async function load() {
    const { signal } = stop;
    try {
      const session = /** @type {Session} */ (await get(`sessions/${id}`, {}, signal));
      const [connection, end, changes, acks, siblings, attempts] = await Promise.all([
        get(`connections/${session.connection_id}`, {}, signal),
        get(`sessions/${id}/end`, { limit: 12 }, signal),
        get("room-changes", { session: id, limit: 1000 }, signal),
        ask(`SELECT status, count(*), max(latency_ms), avg(latency_ms) FROM acks WHERE session_id = ${id} GROUP BY 1`, signal),
        get("sessions", { connection: session.connection_id, limit: 50 }, signal),
        ask(`SELECT id, event FROM drops WHERE session_id = ${id} LIMIT 100`, signal),
      ]);
      draw(session, connection, end, changes.items, acks.rows, siblings.items, attempts.rows);
      if (!end.ended) timer = setTimeout(load, EVERY);
    } catch (error) {
      if (!isGone(error)) fill(root, failure(error));
    }
  }

  /**
   * @param {Session} session
   * @param {Connection} connection
   * @param {End} end
   * @param {import("../core/types.js").RoomChange[]} changes
   * @param {import("../core/types.js").Table["rows"]} acks
   * @param {Session[]} siblings
   * @param {import("../core/types.js").Table["rows"]} drops
   */
  function draw(session, connection, end, changes, acks, siblings, drops) {
    const name = who(session.auth, session.sid);
    const from = microseconds(session.connected_at);
    const to = end.at === null ? null : microseconds(end.at);
    const unanswered = acks.filter(([status]) => status !== "acked").reduce((sum, row) => sum + Number(row[1]), 0);
    const slowest = Number(acks.find(([status]) => status === "acked")?.[2] ?? 0);
    const scrolled = root.querySelector(".scroll")?.scrollTop ?? 0;
    fill(root,
      el("div", { class: "bar" }, el("h1", null, name, el("small", null, ` session ${session.id} in ${session.namespace}`)),
        el("a", { class: "button", href: address(["packets"], { q: `session:${session.id}` }) }, "Packets"),
        el("a", { class: "button", href: address(["timeline"], { q: `session:${session.id}` }) }, "Timeline"),
        // What turns it into a fixture of its own, to be replayed in CI.
        copy("Cut command", () => `tapedeck cut TAPE session-${session.id}.tape --session ${session.id} --with-causes`)),
      el("div", { class: "scroll story" },
        el("p", { class: `verdict ${end.ended ? end.by ?? "" : "open"}` }, why(name, session, end), " ", el("span", null, before(end))),
        el("p", { class: "soft" }, how(session, connection), session.recovered_from !== null && [" ", el("a", { href: address(["sessions", session.recovered_from]) }, `The session before: ${session.recovered_from}.`)]),
        el("dl", { class: "figures" },
          figure("from it", counted(session.packets_in, "packet")), figure("to it", counted(session.packets_out, "packet")),
          figure("acks", `${count(acks.reduce((sum, row) => sum + Number(row[1]), 0))}`),
          figure("slowest ack", slowest ? duration(slowest) : "–"),
          figure("unanswered", count(unanswered), unanswered > 0 ? "bad" : ""),
          drops.length > 0 && figure("dropped", counted(drops.length, "volatile event"), "bad")),
        strip.element,
        el("section", null, el("h2", null, "Rooms"), roomBars(changes.filter((change) => change.room !== session.sid), from, to)),
        el("section", null, el("h2", null, end.ended ? "The last packets before the end" : "The last packets"), lastPackets(end, to)),
        el("div", { class: "columns" },
          el("section", null, el("h2", null, "Handshake"), tree(session.auth, "It sent no auth.")),
          el("section", null, el("h2", null, "Connection"), facts(connection), siblings.length > 1 && el("p", null, "Sessions on it: ", siblings.flatMap((other, index) => [index > 0 && ", ", other.id === session.id ? `${other.id} (this)` : el("a", { href: address(["sessions", other.id]) }, `${other.id} in ${other.namespace}`)]))),
          el("section", null, el("h2", null, "Headers"), tree(connection.headers, "None were recorded.")))));
    const scroll = root.querySelector(".scroll");
    if (scroll) scroll.scrollTop = scrolled;
    strip.show({ session: String(session.id), since: String(from), ...(to === null ? {} : { until: String(to + 1) }) });
  }

  load();
  return {
    show(at) {
      clearTimeout(timer);
      stop.abort();
      stop = new AbortController();
      id = Number(at.path[1]);
      fill(root, loading());
      load();
    },
    close() {
      clearTimeout(timer);
      stop.abort();
      strip.close();
    },
    key(event) {
      if (event.key !== "Escape") return false;
      go(["sessions"]);
      return true;
    },
  };
}

/**
 * @param {string} title
 * @param {import("../core/dom.js").Child} value
 * @param {string} [kind]
 */
export const figure = (title, value, kind = "") => el("div", { class: kind }, el("dt", null, title), el("dd", null, value));

/** @param {unknown} value @param {string} none */
function tree(value, none) {
  if (value === null || value === undefined) return el("p", { class: "soft" }, none);
  const root = read(JSON.stringify(value));
  return root ? jsonView(root) : el("pre", null, JSON.stringify(value));
}

/** @param {Connection} connection */
function facts(connection) {
  /** @type {[string, string][]} */
  const rows = [
    ["id", `${connection.id}, ${connection.sid}`],
    ["protocol", `Engine.IO ${connection.protocol} over ${connection.transport}`],
    ["opened", moment(microseconds(connection.opened_at))],
    ["upgraded", connection.upgraded_at === null ? "never" : clock(microseconds(connection.upgraded_at))],
    ["closed", connection.closed_at === null ? "still open" : `${clock(microseconds(connection.closed_at))}, ${connection.close_reason ?? ""}${connection.close_detail ? ` (${connection.close_detail})` : ""}`],
    ["bytes", connection.bytes_in === null ? "counted at the end" : `${bytes(connection.bytes_in)} in, ${bytes(connection.bytes_out)} out`],
    ["url", connection.url],
  ];
  return el("dl", { class: "facts" }, rows.flatMap(([term, value]) => [el("dt", null, term), el("dd", null, value)]));
}

/** @param {End} end @param {number | null} to */
function lastPackets(end, to) {
  if (end.last_packets.length === 0) return el("p", { class: "soft" }, "There are none.");
  return el("div", { class: "wide" }, el("table", { class: "plain last" },
    el("thead", null, el("tr", null, [to === null ? "at" : "before the end", "", "event", "data"].map((title, index) => el("th", { scope: "col", class: index === 0 ? "number" : null }, title)))),
    el("tbody", null, end.last_packets.map((packet) => el("tr", null,
      el("td", { class: "number soft", title: packet.at }, to === null ? clock(timeOf(packet)) : `−${duration((to - timeOf(packet)) / 1000)}`),
      el("td", { class: `way ${packet.direction}` }, packet.direction === "in" ? "→" : "←"),
      el("td", null, el("a", { href: address(["packets"], { at: packet.id, packet: packet.id }) }, name(packet))),
      el("td", { class: "data" }, el("span", null, args(packet).slice(0, 300))))))));
}
