// Events: how often each comes, when, and how large; and why people leave.

import { ask, get, isGone } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { bytes, count, counted, duration } from "../core/format.js";
import { address, go } from "../core/router.js";
import { bars, sparkline } from "../parts/charts.js";
import { empty, failure, loading } from "../parts/empty.js";
import { histogram, timeStrip } from "../parts/time-strip.js";
import { figure } from "./session.js";

/** @typedef {import("../core/types.js").EventCount} EventCount */

const EVERY = 5000;
const SHOWN = 200;

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function eventsView(root, place) {
  if (place.path[1]) return eventView(root, place);
  const stop = new AbortController();
  const strip = timeStrip({ onPick: (time) => go(["packets"], { q: `since:${new Date(time / 1000).toISOString()}` }) });
  const table = el("div", { class: "scroll" }, loading());
  const reasons = el("aside", { class: "side scroll" });
  fill(root, el("div", { class: "bar" }, el("h1", null, "Events")), strip.element, el("div", { class: "split" }, table, reasons));
  /** @type {Map<string, { values: number[], total: number }>} */
  const lines = new Map();
  let timer = 0;

  async function load() {
    try {
      const events = /** @type {EventCount[]} */ ((await get("events", { limit: SHOWN }, stop.signal)).items);
      if (events.length === 0) fill(table, empty("No events yet", "Each name that is emitted, by either side, gets a line here."));
      else drawTable(events);
      await drawReasons();
      for (const row of events) {
        const total = row.packets_in + row.packets_out;
        if (lines.get(row.event)?.total === total) continue;
        const { counts } = await histogram({ event: row.event }, stop.signal);
        lines.set(row.event, { total, values: counts.map(([incoming = 0, outgoing = 0]) => incoming + outgoing) });
        const cell = [...table.querySelectorAll("td[data-event]")].find((cell) => cell instanceof HTMLElement && cell.dataset.event === row.event);
        if (cell) fill(cell, spark(row));
      }
      strip.live();
      timer = setTimeout(load, document.hidden ? 4 * EVERY : EVERY);
    } catch (error) {
      if (!isGone(error)) fill(table, failure(error));
    }
  }

  /** @param {EventCount} row */
  const spark = (row) => sparkline(lines.get(row.event)?.values ?? [], `${row.event} over time`);

  /** @param {EventCount[]} events */
  function drawTable(events) {
    const scrolled = table.scrollTop;
    fill(table, el("table", { class: "plain events-table" },
      el("thead", null, el("tr", null, [["event", ""], ["in", "number"], ["out", "number"], ["per second", "number"], ["bytes", "number"], ["over time", ""]].map(([title, kind]) => el("th", { scope: "col", class: kind || null }, title ?? "")))),
      el("tbody", null, events.map((row) => el("tr", null,
        el("td", null, el("a", { href: address(["events", row.event]) }, row.event)),
        el("td", { class: "number in" }, count(row.packets_in)),
        el("td", { class: "number out" }, count(row.packets_out)),
        el("td", { class: "number" }, row.per_second.toFixed(row.per_second < 10 ? 2 : 1)),
        el("td", { class: "number soft" }, bytes(row.bytes)),
        el("td", { class: "spark-cell", data: { event: row.event } }, spark(row)))))));
    table.scrollTop = scrolled;
  }

  async function drawReasons() {
    const [sessions, connections] = await Promise.all([
      ask("SELECT reason, count(*) FROM sessions WHERE disconnected_at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 20", stop.signal),
      ask("SELECT close_reason, count(*) FROM connections WHERE closed_at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 20", stop.signal),
    ]);
    /** @param {import("../core/types.js").Table} found @param {boolean} isSessions */
    const list = (found, isSessions) => found.rows.length === 0
      ? el("p", { class: "soft" }, "Nobody has left yet.")
      : bars(found.rows.map(([reason, number]) => ({
        name: isSessions ? el("a", { href: address(["sessions"], { reason }) }, String(reason)) : String(reason),
        value: Number(number), kind: kindOf(String(reason)),
      })));
    fill(reasons, el("h2", null, "Why sessions ended"), list(sessions, true), el("h2", null, "Why connections closed"), list(connections, false));
  }

  strip.show({});
  load();
  return {
    close() {
      clearTimeout(timer);
      stop.abort();
      strip.close();
    },
  };
}

/** @param {string} reason */
const kindOf = (reason) => (/timeout|error|interrupted/.test(reason) ? "bad" : /server|forced/.test(reason) ? "out" : "in");

/**
 * One event.
 *
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
function eventView(root, place) {
  let stop = new AbortController();
  let name = place.path[1] ?? "";
  const quotedName = () => (/[\s"]/.test(name) ? `"${name.replace(/[\\"]/g, "\\$&")}"` : name);
  const strip = timeStrip({ onPick: (time) => go(["packets"], { q: `event:${quotedName()} since:${new Date(time / 1000).toISOString()}` }) });

  async function load() {
    fill(root, loading());
    const { signal } = stop;
    const text = `'${name.replaceAll("'", "''")}'`;
    try {
      const [total, recent, acks] = await Promise.all([
        ask(`SELECT packets_in, packets_out, bytes FROM event_totals WHERE event = ${text}`, signal),
        get("packets", { event: name, order: "desc", limit: 1000 }, signal),
        get("acks/histogram", { event: name }, signal),
      ]);
      const [incoming = 0, outgoing = 0, size = 0] = (total.rows[0] ?? []).map(Number);
      const packets = /** @type {import("../core/types.js").Packet[]} */ (recent.items);
      /** @type {Map<string, { at: number, count: number }>} */
      const shapes = new Map();
      const senders = new Map();
      for (const packet of packets) {
        const shape = shapeOf(Array.isArray(packet.data) ? packet.data.slice(1) : packet.data);
        const known = shapes.get(shape) ?? { at: packet.id, count: 0 };
        known.count += 1;
        shapes.set(shape, known);
        if (packet.direction === "in") senders.set(packet.session_id, (senders.get(packet.session_id) ?? 0) + 1);
      }
      fill(root,
        el("div", { class: "bar" }, el("h1", null, name), el("a", { class: "button", href: address(["packets"], { q: `event:${quotedName()}` }) }, "Packets"), el("a", { class: "button", href: address(["acks"], { event: name }) }, "Acks"), el("a", { class: "button", href: address(["timeline"], { q: `event:${quotedName()}` }) }, "Timeline")),
        strip.element,
        el("div", { class: "scroll story" },
          el("dl", { class: "figures" }, figure("from clients", count(incoming)), figure("to clients", count(outgoing)), figure("bytes", bytes(size)), figure("mean size", incoming + outgoing > 0 ? bytes(Math.round(size / (incoming + outgoing))) : "–"),
            figure("acks p50", acks.p50_ms === null || acks.p50_ms === undefined ? "–" : duration(acks.p50_ms)), figure("acks p99", acks.p99_ms === null || acks.p99_ms === undefined ? "–" : duration(acks.p99_ms))),
          el("div", { class: "columns" },
            el("section", null, el("h2", null, "Shapes of its arguments"), el("p", { class: "soft" }, `Among the last ${counted(packets.length, "packet")}.`),
              el("table", { class: "plain" }, el("tbody", null, [...shapes].sort((one, other) => other[1].count - one[1].count).slice(0, 12).map(([shape, { at, count: number }]) =>
                el("tr", null, el("td", { class: "number" }, count(number)), el("td", null, el("a", { href: address(["packets"], { at, packet: at }) }, el("code", null, shape)))))))),
            el("section", null, el("h2", null, "Who sends it"), senders.size === 0 ? el("p", { class: "soft" }, "No client, of late.")
              : bars([...senders].sort((one, other) => other[1] - one[1]).slice(0, 12).map(([id, value]) => ({ name: el("a", { href: address(["sessions", id ?? 0]) }, `session ${id}`), value, kind: "in" })))))));
      strip.show({ event: name });
    } catch (error) {
      if (!isGone(error)) fill(root, failure(error));
    }
  }

  load();
  return {
    show(at) {
      stop.abort();
      stop = new AbortController();
      name = at.path[1] ?? "";
      load();
    },
    close() {
      stop.abort();
      strip.close();
    },
    key(event) {
      if (event.key !== "Escape") return false;
      go(["events"]);
      return true;
    },
  };
}

/**
 * What a value looks like, without what it says.
 *
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {string}
 */
export function shapeOf(value, depth = 0) {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    if (depth > 2) return "[…]";
    const parts = value.map((item) => shapeOf(item, depth + 1));
    return depth === 0 ? `(${parts.join(", ")})` : parts.length === 0 ? "[]" : `[${[...new Set(parts)].join(" | ")}]`;
  }
  if (typeof value !== "object") return typeof value;
  if (/** @type {Record<string, unknown>} */ (value)._placeholder === true) return "binary";
  const entries = Object.entries(/** @type {object} */ (value));
  if (depth > 2 || entries.length > 12) return `{${entries.length} keys}`;
  return `{ ${entries.map(([key, inner]) => `${key}: ${shapeOf(inner, depth + 1)}`).join(", ")} }`;
}
