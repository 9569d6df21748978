// Packets: the table with its filter line, the live tail and the detail beside it.

import { button, el, fill } from "../core/dom.js";
import { args, bytes, clock, count, counted, duration, moment, name } from "../core/format.js";
import { PacketFeed } from "../core/feed.js";
import { parse, withTerm } from "../core/filter.js";
import { acksAmong, acksOf, timeOf } from "../core/packets.js";
import { address, go, note, place as now } from "../core/router.js";
import { empty, failure, loading } from "../parts/empty.js";
import { filterLine } from "../parts/filter-line.js";
import { packetDetail } from "../parts/packet-detail.js";
import { cells, VirtualList } from "../parts/virtual-list.js";
import { timeStrip } from "../parts/time-strip.js";

/** @typedef {import("../core/types.js").Packet} Packet */
/** @typedef {import("../core/types.js").Place} Place */

/**
 * @param {HTMLElement} root
 * @param {Place} place
 * @returns {import("../core/types.js").View}
 */
export function packetsView(root, place) {
  let text = place.query.get("q") ?? "";
  /** @type {PacketFeed} */
  let feed;
  /** @type {ReturnType<typeof acksAmong>} */
  let links = new Map();
  /**
   * What is known of questions whose answers are not in the window.
   *
   * @type {Map<number, { latency_ms: number | null, status: string }>}
   */
  const fates = new Map();
  let looking = 0;
  let isFollowing = true; // the reader is at the end, and wants to stay there

  const filter = filterLine({ value: text, onChange: (typed) => typed !== text && go(["packets"], { q: typed, live: now().query.get("live") }) });
  const live = button("", () => setLive(!feed.isLive), { class: "live", title: "Follow the recording (Space)" });
  const state = el("p", { class: "state", role: "status" });
  const body = el("div", { class: "table packets" });
  const detail = packetDetail({
    onClose: closeDetail,
    onFilter: (key, value) => go(["packets"], { q: withTerm(text, key, value) }),
  });
  const header = el("div", { class: "row", role: "row" }, cells(["time", "", "session", "event", "ack", "size", "data"], "columnheader"));
  const list = new VirtualList({
    label: "Packets",
    header,
    rowHeight: 26,
    render,
    onSelect: (packet) => open(packet),
    onMove: (packet) => (detail.isOpen ? open(packet) : note({ packet: packet.id })),
    onEdge: (edge) => (edge === "start" ? feed.older() : feed.newer()),
    onScroll: (atEnd) => {
      isFollowing = atEnd;
      if (atEnd && feed.waiting > 0) {
        feed.waiting = 0;
        say();
      }
    },
  });
  const strip = timeStrip({ onPick: (time) => jump(time) });
  const fresh = button("", () => {
    list.scrollToEnd();
    feed.waiting = 0;
    say();
  }, { class: "fresh", hidden: true });
  fill(root, el("h1", { class: "hidden" }, "Packets"), el("div", { class: "bar" }, filter.element, live), strip.element, el("div", { class: "split" }, el("div", { class: "pane" }, body, fresh), detail.element), state);

  /** @param {Packet} packet @param {HTMLElement} row */
  function render(packet, row) {
    const time = timeOf(packet);
    const link = links.get(packet.id);
    const isAnswer = packet.type === "ack" || packet.type === "binary_ack";
    row.classList.add(packet.direction, packet.layer, ...(isAnswer ? ["answer"] : []), ...(packet.type === "connect_error" ? ["bad"] : []));
    row.append(...cells([
      { class: "time", content: clock(time), title: moment(time) },
      { class: "way", content: packet.direction === "in" ? "→" : "←", title: packet.direction === "in" ? "from the client" : "to the client" },
      packet.session_id === null ? { class: "who soft", content: `c${packet.connection_id}` } : { class: "who", content: el("a", { href: address(["sessions", packet.session_id]), tabindex: "-1" }, String(packet.session_id)) },
      { class: "name", content: el("span", null, label(packet, link), packet.namespace !== null && packet.namespace !== "/" && el("small", null, ` ${packet.namespace}`)), title: name(packet) },
      ackCell(packet, link?.latency, isAnswer),
      { class: "size", content: bytes(packet.bytes) },
      { class: "data", content: args(packet).slice(0, 400) },
    ]));
  }

  /**
   * @param {Packet} packet
   * @param {number | undefined} latency
   * @param {boolean} isAnswer
   */
  function ackCell(packet, latency, isAnswer) {
    if (packet.ack_id === null || (isAnswer && latency === undefined)) return { class: "ack", content: "" };
    if (latency !== undefined) return { class: "ack", content: duration(latency) };
    const fate = fates.get(packet.id);
    if (!fate) return { class: "ack", content: "…" };
    return { class: `ack ${fate.status}`, content: fate.latency_ms === null ? fate.status : duration(fate.latency_ms) };
  }

  /** Asks for the fates of the questions in the window, a little after it has come to rest. */
  function lookUpAcks() {
    clearTimeout(looking);
    looking = setTimeout(async () => {
      const open = feed.items.filter((packet) => packet.ack_id !== null && packet.event !== null && !links.has(packet.id) && (fates.get(packet.id)?.status ?? "pending") === "pending");
      const asked = feed;
      const found = await acksOf(open.slice(-500).map((packet) => packet.id), asked.stop.signal).catch(() => null);
      if (!found || asked !== feed) return;
      const isNews = [...found].some(([id, fate]) => fates.get(id)?.status !== fate.status);
      for (const [id, fate] of found) fates.set(id, fate);
      if (isNews) list.show(feed.items);
      if (feed.isLive && open.length > 0) looking = setTimeout(lookUpAcks, 2000);
    }, 150);
  }

  /**
   * @param {Packet} packet
   * @param {{ other: Packet } | undefined} link
   */
  function label(packet, link) {
    if (packet.event !== null) return packet.event;
    return link ? `${packet.type} of ${name(link.other)}` : packet.type;
  }

  /** @param {Packet} packet */
  function open(packet) {
    note({ packet: packet.id });
    detail.show(packet);
  }

  function closeDetail() {
    detail.hide();
    note({ packet: null });
    list.element.focus();
  }

  /** @param {boolean} on */
  async function setLive(on) {
    if (on && feed.hasNewer) {
      // What lies between is not wanted: go to the end and follow from there.
      await feed.openEnd();
    }
    feed.setLive(on);
    note({ live: on ? null : "off", at: on ? null : now().query.get("at") });
    if (on) list.scrollToEnd();
  }

  /** @param {number} time */
  async function jump(time) {
    const id = await feed.idAt(time).catch(() => null);
    if (id !== null) go(["packets"], { q: text, at: id });
  }

  function say() {
    fill(live, feed.isLive ? "Live" : "Paused");
    live.setAttribute("aria-pressed", String(feed.isLive));
    fresh.hidden = feed.waiting === 0;
    fresh.textContent = `↓ ${counted(feed.waiting, "new packet")}`;
    const { items } = feed;
    const first = items[0];
    const last = items.at(-1);
    if (first && last) strip.mark(timeOf(first), timeOf(last));
    const more = [feed.hasOlder && "older", feed.hasNewer && "newer"].filter(Boolean).join(" and ");
    fill(state, first && last ? `${count(items.length)} loaded${more ? `, ${more} ones on the tape` : ""} · ${clock(timeOf(first), 0)} – ${clock(timeOf(last), 0)}` : "");
  }

  /** @param {Event} event */
  function changed(event) {
    const { kind, added, removed } = /** @type {CustomEvent<import("../core/feed.js").Change>} */ (event).detail;
    if (kind === "reset") body.dataset.shows = text;
    if (feed.error) fill(body, failure(feed.error));
    else if (feed.items.length === 0 && !feed.isLoading) {
      fill(body, text
        ? empty("Nothing like that on this tape", feed.isLive ? "What matches will appear here as it happens." : "", " ", el("a", { href: address(["packets"]) }, "Show everything"))
        : empty("Nothing recorded yet", "Open the ", el("a", { href: "/" }, "playground"), " or point a Socket.IO client at this server: what it says appears here as it happens."));
    } else if (!list.element.isConnected && feed.items.length > 0) fill(body, list.element);
    if (kind !== "state" || feed.items.length > 0) {
      links = acksAmong(feed.items);
      lookUpAcks();
      const stays = kind === "live" && !isFollowing;
      if (kind !== "state") list.show(feed.items, { before: kind === "older" ? added : kind === "live" || kind === "newer" ? -removed : 0, keep: kind !== "reset" });
      if (kind === "live") {
        if (stays) feed.waiting += added;
        else list.scrollToEnd();
        strip.live();
      }
    }
    say();
  }

  /** @param {Place} at */
  async function show(at) {
    const typed = at.query.get("q") ?? "";
    text = typed;
    filter.show(text);
    feed?.close();
    const { query, problems } = parse(text);
    const mine = new PacketFeed(query);
    feed = mine;
    feed.addEventListener("change", changed);
    links = new Map();
    if (problems.length > 0) return fill(body, empty("The filter does not make sense yet", problems[0]));
    if (!list.element.isConnected) fill(body, loading());
    const id = Number(at.query.get("at"));
    const chosen = Number(at.query.get("packet"));
    strip.show(query);
    if (id > 0) await feed.openAt(id);
    else {
      await feed.openEnd();
      if (feed !== mine) return; // the reader has gone on to another place
      isFollowing = true;
      if (at.query.get("live") !== "off") feed.setLive(true);
      list.scrollToEnd();
    }
    if (feed !== mine) return;
    const index = feed.indexOf(chosen || id);
    if (index >= 0) {
      if (id > 0) list.center(index);
      list.select(index);
    }
    if (chosen > 0) detail.show(index >= 0 ? /** @type {Packet} */ (feed.items[index]) : chosen);
    else detail.hide();
  }

  show(place);
  return {
    show,
    close() {
      clearTimeout(looking);
      feed.close();
      list.close();
      strip.close();
    },
    key(event) {
      if (event.key === "Escape" && detail.isOpen) closeDetail();
      else if (event.key === "Home" && feed.hasOlder) go(["packets"], { q: text, at: 1 });
      else if (event.key === "End" && feed.hasNewer) go(["packets"], { q: text });
      else if (event.key === " ") setLive(!feed.isLive);
      else return list.key(event);
      return true;
    },
  };
}
