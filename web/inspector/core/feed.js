// A window of packets that moves over the tape: grows at both ends by pages, is never all of it, and may grow with the recording.

import { get, isGone } from "./api.js";
import { listen } from "./live.js";

/** @typedef {import("./types.js").Packet} Packet */
/** @typedef {import("./types.js").RoomChange} RoomChange */

export const PAGE = 200;
const KEPT = 10_000;
const POLL = 2000; // milliseconds
const ASLEEP = 60_000; // milliseconds in the background after which the stream is let go: browsers have few to one server
const ENOUGH = 40; // rows on which a search may rest

/** @typedef {{ kind: "reset" | "older" | "newer" | "live" | "state", added: number, removed: number }} Change `removed` are those at the other end */

export class PacketFeed extends EventTarget {
  /**
   * In ascending order of ids.
   *
   * @type {Packet[]}
   */
  items = [];
  hasOlder = false;
  hasNewer = false;
  isLoading = false;
  isLive = false;
  /** What came while the reader had paused. */
  waiting = 0;
  /** @type {Error | null} */
  error = null;
  /** @type {((kind: string, data: any) => void) | null} for what comes live and is no packet */
  onOther = null;

  /** @param {Record<string, string>} query */
  constructor(query) {
    super();
    this.query = query;
    this.stop = new AbortController();
    /** @type {(() => void) | null} */
    this.stopLive = null;
    this.sleep = 0;
    // Where the pages before and behind go on.
    /** @type {string | null} */
    this.olderCursor = null;
    /** @type {string | null} */
    this.newerCursor = null;
  }

  /** The last packets. */
  async openEnd() {
    await this.open(async () => {
      let page = await this.fetch("desc", null);
      let items = page.items;
      // A search for what is rare answers with what it has found so far.
      while (page.next !== null && items.length < ENOUGH) {
        this.items = [...items].reverse();
        if (items.length > 0) this.changed("reset", items.length);
        page = await this.fetch("desc", page.next);
        items = items.concat(page.items);
      }
      this.items = items.reverse();
      this.olderCursor = page.next;
      this.hasNewer = false;
    });
  }

  /**
   * Around an id: half a page before, half a page behind.
   *
   * @param {number} id
   */
  async openAt(id) {
    await this.open(async () => {
      const [older, newer] = await Promise.all([this.fetch("desc", String(id), PAGE / 2), this.fetch("asc", String(id - 1), PAGE / 2)]);
      this.items = [...older.items.reverse(), ...newer.items];
      this.olderCursor = older.next;
      this.newerCursor = newer.next;
      this.hasNewer = newer.next !== null;
    });
  }

  /**
   * The first packet at a time or later, if there is one.
   *
   * @param {number} micros
   * @returns {Promise<number | null>} its id
   */
  async idAt(micros) {
    const since = Math.max(micros, Number(this.query.since) || 0);
    const page = await get("packets", { ...this.query, since, limit: 1 }, this.stop.signal);
    return page.items[0]?.id ?? null;
  }

  /** @param {() => Promise<void>} load */
  async open(load) {
    this.isLoading = true;
    this.changed("state");
    await this.attempt(async () => {
      await load();
      this.hasOlder = this.olderCursor !== null;
      this.isLoading = false;
      this.changed("reset", this.items.length);
    });
  }

  async older() {
    if (this.isLoading || !this.hasOlder) return;
    this.isLoading = true;
    await this.attempt(async () => {
      const page = await this.fetch("desc", this.olderCursor);
      this.olderCursor = page.next;
      this.hasOlder = page.next !== null;
      this.items = [...page.items.reverse(), ...this.items];
      const removed = Math.max(0, this.items.length - KEPT);
      if (removed > 0) {
        this.items.length = KEPT;
        this.newerCursor = String(this.items[KEPT - 1]?.id ?? 0);
        this.hasNewer = true;
        this.setLive(false);
      }
      this.isLoading = false;
      this.changed("older", page.items.length, removed);
    });
  }

  async newer() {
    if (this.isLoading || !this.hasNewer) return;
    this.isLoading = true;
    await this.attempt(async () => {
      const page = await this.fetch("asc", this.newerCursor);
      this.newerCursor = page.next;
      this.hasNewer = page.next !== null;
      this.isLoading = false;
      this.append(page.items, "newer");
    });
  }

  /**
   * Follows the recording from the last packet on, or stops.
   *
   * @param {boolean} on
   */
  setLive(on) {
    if (on === this.isLive) return;
    this.isLive = on;
    this.stopLive?.();
    this.stopLive = null;
    document.removeEventListener("visibilitychange", this.doze);
    if (on) {
      document.addEventListener("visibilitychange", this.doze);
      const { until, ...filters } = this.query;
      const after = this.items.at(-1)?.id ?? null;
      this.stopLive = "ack_status" in filters || "min_ack_ms" in filters ? this.poll() : listen(filters, after, (events) => this.take(events));
    }
    this.changed("state");
  }

  /** Lets the stream go while nobody looks, and begins anew at the end of the tape when somebody does. */
  doze = () => {
    clearTimeout(this.sleep);
    if (document.hidden) {
      this.sleep = setTimeout(() => {
        this.stopLive?.();
        this.stopLive = null;
      }, ASLEEP);
    } else if (this.isLive && !this.stopLive) this.again();
  };

  async again() {
    this.isLive = false;
    this.stopLive?.();
    this.stopLive = null;
    await this.openEnd();
    this.setLive(true);
  }

  /** What became of an ack is known later than its packet: such packets are asked for again and again. */
  poll() {
    const timer = setInterval(async () => {
      if (document.hidden || this.isLoading) return;
      const page = await this.fetch("desc", null).catch(() => null);
      const known = new Set(this.items.map((packet) => packet.id));
      const fresh = page?.items.reverse().filter((packet) => !known.has(packet.id)) ?? [];
      if (fresh.length === 0 || !this.isLive) return;
      this.items = [...this.items, ...fresh].sort((one, other) => one.id - other.id);
      this.changed("live", fresh.length, 0);
    }, POLL);
    return () => clearInterval(timer);
  }

  /** @param {import("./live.js").LiveEvent[]} events */
  take(events) {
    const last = this.items.at(-1)?.id ?? 0;
    const fresh = [];
    for (const { kind, data } of events) {
      // Too much to be shown one by one, or another tape: what is there now is more than what was missed.
      if (kind === "skipped") {
        this.again();
        return;
      }
      if (kind === "packet" && data.id > last) fresh.push(data);
      else if (kind !== "packet") this.onOther?.(kind, data);
    }
    if (fresh.length > 0) this.append(fresh, "live");
  }

  /**
   * @param {Packet[]} packets
   * @param {"newer" | "live"} kind
   */
  append(packets, kind) {
    this.items = this.items.concat(packets);
    const removed = Math.max(0, this.items.length - KEPT);
    if (removed > 0) {
      this.items.splice(0, removed);
      this.olderCursor = String(this.items[0]?.id ?? 0);
      this.hasOlder = true;
    }
    this.changed(kind, packets.length, removed);
  }

  /**
   * @param {"asc" | "desc"} order
   * @param {string | null} after
   * @param {number} [limit]
   * @returns {Promise<import("./types.js").Page<Packet>>}
   */
  async fetch(order, after, limit = PAGE) {
    return get("packets", { ...this.query, limit, after, order: order === "desc" ? "desc" : null }, this.stop.signal);
  }

  /** @param {() => Promise<void>} work */
  async attempt(work) {
    try {
      await work();
      this.error = null;
    } catch (error) {
      if (isGone(error)) return;
      this.isLoading = false;
      this.error = /** @type {Error} */ (error);
      this.changed("state");
    }
  }

  /**
   * @param {Change["kind"]} kind
   * @param {number} [added]
   * @param {number} [removed]
   */
  changed(kind, added = 0, removed = 0) {
    this.dispatchEvent(new CustomEvent("change", { detail: { kind, added, removed } }));
  }

  /**
   * The packet with an id, if it is in the window.
   *
   * @param {number} id
   * @returns {number} its index or -1
   */
  indexOf(id) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.items[middle]?.id ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    return this.items[low]?.id === id ? low : -1;
  }

  close() {
    clearTimeout(this.sleep);
    document.removeEventListener("visibilitychange", this.doze);
    this.stopLive?.();
    this.stop.abort();
  }
}
