// Timeline: a lane for each session, time downwards, an arrow for each packet.

import { get, isGone } from "../core/api.js";
import { button, el, fill } from "../core/dom.js";
import { clock, count } from "../core/format.js";
import { PacketFeed } from "../core/feed.js";
import { parse } from "../core/filter.js";
import { timeOf } from "../core/packets.js";
import { address, go, note, place as now } from "../core/router.js";
import { sessionsByID } from "../core/sessions.js";
import { onColours } from "../core/theme.js";
import { empty, failure, loading } from "../parts/empty.js";
import { filterLine } from "../parts/filter-line.js";
import { packetDetail } from "../parts/packet-detail.js";
import { timeStrip } from "../parts/time-strip.js";
import { GUTTER, timelineCanvas } from "../parts/timeline-canvas.js";
import { rowAt, timelineModel, told } from "../parts/timeline-model.js";

/** @typedef {import("../core/types.js").Packet} Packet */
/** @typedef {import("../core/types.js").RoomChange} RoomChange */
/** @typedef {import("../core/sessions.js").SessionLine} SessionLine */
/** @typedef {import("../parts/timeline-model.js").Model} Model */

const ROWS = [6, 9, 13, 18, 22, 26, 32, 40];
const CLOCK = [10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6];

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function timelineView(root, place) {
  let text = "";
  /** @type {"order" | "clock"} */
  let mode = "order";
  let zoom = 5;
  let chosen = -1; // its row now
  let chosenID = 0;
  let laneWidth = 200;
  let frame = 0;
  let gathering = 0;
  /** @type {PacketFeed} */
  let feed;
  /** @type {Map<number, SessionLine>} */
  const sessions = new Map();
  /** @type {Map<number, RoomChange>} */
  const changes = new Map();
  /** @type {Model} */
  let model = timelineModel([], [], sessions, { mode, rowHeight: 26, perPixel: 1000 });

  const filter = filterLine({ value: "", placeholder: "session:12 event:\"chat message\" room:r1", onChange: (typed) => typed !== text && go(["timeline"], { ...kept(), q: typed }) });
  const live = button("", () => setLive(!feed.isLive), { class: "live", title: "Follow the recording (Space)" });
  const scale = el("span", { class: "modes", role: "group", aria: { label: "Scale" } },
    button("−", () => zoomBy(-1), { title: "Smaller (−)", aria: { label: "Smaller" } }),
    button("+", () => zoomBy(1), { title: "Larger (+)", aria: { label: "Larger" } }),
    button("Order", () => setMode("order"), { data: { mode: "order" }, title: "A row for each packet" }),
    button("Clock", () => setMode("clock"), { data: { mode: "clock" }, title: "True to time" }));
  const canvas = el("canvas", { aria: { hidden: "true" } });
  const room = el("div", { class: "timeline-room" });
  const heads = el("div", { class: "timeline-heads" });
  const option = el("span", { id: "timeline-option", role: "option", class: "hidden", aria: { selected: "true" } }, "nothing chosen");
  const stage = el("div", { class: "timeline-stage", tabindex: "0", role: "listbox", aria: { label: "Timeline", activedescendant: "timeline-option" } }, room, option);
  const plot = el("div", { class: "timeline-plot" }, canvas, stage);
  const state = el("p", { class: "state", role: "status" });
  const body = el("div", { class: "pane" }, loading());
  const detail = packetDetail({ onClose: closeDetail, onFilter: (key, value) => go(["timeline"], { q: `${key}:${value}` }) });
  const strip = timeStrip({ onPick: async (time) => {
    const id = await feed.idAt(time).catch(() => null);
    if (id !== null) go(["timeline"], { ...kept(), at: id });
  } });
  const painter = timelineCanvas(canvas);
  const forgetColours = onColours(() => {
    painter.learnColours();
    draw();
  });
  fill(root, el("h1", { class: "hidden" }, "Timeline"), el("div", { class: "bar" }, filter.element, scale, live), strip.element, el("div", { class: "split" }, body, detail.element), state);

  const kept = () => ({ q: text, mode: mode === "clock" ? mode : null, zoom: now().query.get("zoom") });

  // -- what is shown ----------------------------------------------------------------------------------------------------

  /** @param {number | null} anchor an id that stays where it is */
  function rebuild(anchor) {
    const held = anchor === null ? null : position(anchor);
    model = timelineModel(feed.items, [...changes.values()], sessions, { mode, rowHeight: ROWS[zoom] ?? 26, perPixel: CLOCK[CLOCK.length - 1 - zoom] ?? 1000 });
    chosen = chosenID === 0 ? -1 : model.moments.findIndex((moment) => moment.packets.some((packet) => packet.id === chosenID));
    const wide = Math.max(0, stage.clientWidth - GUTTER);
    laneWidth = Math.max(wide < 420 ? 150 : 178, Math.min(460, Math.floor(wide / Math.max(1, model.lanes.length))));
    room.style.setProperty("height", `${model.height}px`);
    room.style.setProperty("width", `${GUTTER + model.lanes.length * laneWidth}px`);
    if (held !== null && anchor !== null) {
      const after = position(anchor);
      if (after !== null) stage.scrollTop += after - held;
    }
    draw();
  }

  /** @param {number} id @returns {number | null} its height */
  function position(id) {
    return model.moments.find((moment) => moment.packets.some((packet) => packet.id === id))?.y ?? null;
  }

  /** The id in the middle of what is seen. */
  function middle() {
    const row = rowAt(model.moments, stage.scrollTop + stage.clientHeight / 2);
    for (let at = Math.min(row, model.moments.length - 1); at >= 0; at -= 1) {
      const packet = model.moments[at]?.packets[0];
      if (packet) return packet.id;
    }
    return null;
  }

  function draw() {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      painter.draw(model, { left: stage.scrollLeft, top: stage.scrollTop, width: stage.clientWidth, height: stage.clientHeight, laneWidth, chosen, isNarrow: stage.clientWidth < 500 });
      drawHeads();
      if (stage.scrollTop < 600) feed.older();
      if (stage.scrollTop + stage.clientHeight > model.height - 600) feed.newer();
    });
  }

  function drawHeads() {
    const first = Math.max(0, Math.floor((stage.scrollLeft - GUTTER) / laneWidth));
    const last = Math.min(model.lanes.length, Math.ceil((stage.scrollLeft + stage.clientWidth) / laneWidth));
    fill(heads, model.lanes.slice(first, last).map((lane) => el("div", { class: `head ${lane.line && lane.line.disconnected_at === null ? "open" : ""}`, style: { left: `${GUTTER + lane.index * laneWidth - stage.scrollLeft}px`, width: `${laneWidth}px` } },
      lane.session === null ? el("span", null, `connection ${lane.connection}`)
        : el("a", { href: address(["sessions", lane.session]), title: `session ${lane.session}` }, lane.line?.name ?? `session ${lane.session}`, el("small", null, ` ${lane.session}${lane.line && lane.line.namespace !== "/" ? ` ${lane.line.namespace}` : ""}`)),
      el("span", { class: "ends" }, "client", el("span", null, "server")))));
  }

  // -- what is known ----------------------------------------------------------------------------------------------------

  /**
   * Sessions and room changes for the packets in the window; soon, and while it grows by itself once in a while.
   *
   * @param {boolean} isLive then only what is not known yet: changes come with the stream
   */
  function gather(isLive) {
    if (isLive && gathering) return;
    clearTimeout(gathering);
    gathering = setTimeout(async () => {
      gathering = 0;
      const { items } = feed;
      const [first, last] = [items[0], items.at(-1)];
      if (!first || !last) return;
      try {
        const wanted = [...new Set(items.map((packet) => packet.session_id))].filter((id) => id !== null && (isLive ? !sessions.has(id) : (sessions.get(id)?.disconnected_at ?? null) === null));
        const { session, namespace } = feed.query;
        const [lines, moves] = await Promise.all([
          sessionsByID(/** @type {number[]} */ (wanted).slice(0, 1000), feed.stop.signal),
          wantsRooms() && !isLive ? get("room-changes", { session, namespace, since: timeOf(first), until: timeOf(last) + 1, limit: 1000 }, feed.stop.signal) : { items: [] },
        ]);
        for (const line of lines) sessions.set(line.id, line);
        for (const change of moves.items) changes.set(change.id, change);
        rebuild(feed.isLive && isAtEnd() ? null : middle());
        if (feed.isLive && follows) toEnd();
      } catch (error) {
        if (!isGone(error)) state.textContent = error instanceof Error ? error.message : "";
      }
    }, isLive ? 500 : 60);
  }

  /** Between packets of one kind the rooms would only be in the way. */
  const wantsRooms = () => !["event", "type", "q", "broadcast", "layer", "direction", "ack_status", "min_ack_ms"].some((key) => key in feed.query);

  let follows = true;
  const isAtEnd = () => stage.scrollTop + stage.clientHeight >= model.height - 40;
  function toEnd() {
    stage.scrollTop = model.height;
    draw();
  }

  /** @param {Event} event */
  function changed(event) {
    const { kind } = /** @type {CustomEvent<import("../core/feed.js").Change>} */ (event).detail;
    if (feed.error) return fill(body, failure(feed.error));
    if (feed.items.length === 0) {
      if (!feed.isLoading) fill(body, text ? empty("Nothing like that on this tape", el("a", { href: address(["timeline"]) }, "Show everything")) : empty("Nothing recorded yet", "Lanes appear here as clients connect."));
    } else if (!stage.isConnected) fill(body, heads, plot);
    if (kind === "reset") chosenID = 0;
    if (kind !== "state") {
      rebuild(kind === "older" || kind === "newer" ? middle() : null);
      if (kind === "live" && follows) toEnd();
      gather(kind === "live");
    }
    live.textContent = feed.isLive ? "Live" : "Paused";
    live.setAttribute("aria-pressed", String(feed.isLive));
    const [first, last] = [feed.items[0], feed.items.at(-1)];
    if (first && last) {
      strip.mark(timeOf(first), timeOf(last));
      if (kind === "live") strip.live();
      state.textContent = `${count(feed.items.length)} packets in ${count(model.lanes.length)} lanes · ${clock(timeOf(first), 0)} – ${clock(timeOf(last), 0)}`;
    }
  }

  // -- what the reader does ---------------------------------------------------------------------------------------------

  /** @param {number} by */
  function zoomBy(by) {
    const held = middle();
    zoom = Math.min((mode === "order" ? ROWS : CLOCK).length - 1, Math.max(0, zoom + by));
    note({ zoom });
    rebuild(held);
    if (held !== null) stage.scrollTop = (position(held) ?? 0) - stage.clientHeight / 2;
  }

  /** @param {"order" | "clock"} wanted */
  function setMode(wanted) {
    const held = middle();
    mode = wanted;
    zoom = Math.min(zoom, (mode === "order" ? ROWS : CLOCK).length - 1);
    note({ mode: mode === "clock" ? mode : null });
    sayMode();
    rebuild(null);
    if (held !== null) stage.scrollTop = (position(held) ?? 0) - stage.clientHeight / 2;
  }

  function sayMode() {
    for (const switch_ of scale.querySelectorAll("[data-mode]")) if (switch_ instanceof HTMLElement) switch_.setAttribute("aria-pressed", String(switch_.dataset.mode === mode));
  }

  /** @param {boolean} on */
  async function setLive(on) {
    if (on && feed.hasNewer) await feed.openEnd();
    follows = on;
    feed.setLive(on);
    note({ live: on ? null : "off", at: on ? null : now().query.get("at") });
    if (on) toEnd();
  }

  /** @param {number} row @param {number} [lane] */
  function choose(row, lane) {
    const moment = model.moments[row];
    chosen = row;
    draw();
    if (!moment) return;
    option.textContent = told(moment, model.lanes);
    const packet = moment.packets[Math.max(0, lane === undefined ? 0 : moment.lanes.indexOf(lane))];
    chosenID = packet?.id ?? 0;
    if (packet) {
      note({ packet: packet.id });
      detail.show(packet);
    }
  }

  function closeDetail() {
    detail.hide();
    note({ packet: null });
    [chosen, chosenID] = [-1, 0];
    draw();
    stage.focus();
  }

  /** @param {number} by */
  function step(by) {
    let row = chosen < 0 ? rowAt(model.moments, stage.scrollTop) : chosen + by;
    while (model.moments[row] && (/** @type {import("../parts/timeline-model.js").Moment} */ (model.moments[row])).packets.length === 0) row += by;
    if (!model.moments[row]) return;
    choose(row);
    const y = model.moments[row]?.y ?? 0;
    if (y < stage.scrollTop + 40 || y > stage.scrollTop + stage.clientHeight - 60) stage.scrollTop = y - stage.clientHeight / 2;
  }

  stage.addEventListener("scroll", () => {
    follows = isAtEnd();
    draw();
  }, { passive: true });
  let dragged = false;
  stage.addEventListener("click", (event) => {
    if (dragged) return;
    const box = stage.getBoundingClientRect();
    const y = event.clientY - box.top + stage.scrollTop;
    const lane = Math.floor((event.clientX - box.left + stage.scrollLeft - GUTTER) / laneWidth);
    const row = Math.max(0, rowAt(model.moments, y + 0.01) - 1);
    choose(mode === "clock" ? nearest(y, lane) : row, lane);
  });
  stage.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    const [x, y, left, top] = [event.clientX, event.clientY, stage.scrollLeft, stage.scrollTop];
    /** @param {PointerEvent} moved */
    const pan = (moved) => {
      if (!dragged && Math.hypot(moved.clientX - x, moved.clientY - y) < 5) return;
      dragged = true;
      stage.scrollTo(left + x - moved.clientX, top + y - moved.clientY);
    };
    const stop = () => {
      removeEventListener("pointermove", pan);
      setTimeout(() => (dragged = false));
    };
    addEventListener("pointermove", pan);
    addEventListener("pointerup", stop, { once: true });
  });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });

  /** @param {number} y @param {number} lane */
  function nearest(y, lane) {
    const around = rowAt(model.moments, y - 20);
    let best = around;
    for (let row = Math.max(0, around - 50); row < Math.min(model.moments.length, around + 50); row += 1) {
      const moment = model.moments[row];
      const other = model.moments[best];
      if (moment?.lanes.includes(lane) && (!other?.lanes.includes(lane) || Math.abs(moment.y + 17 - y) < Math.abs(other.y + 17 - y))) best = row;
    }
    return best;
  }

  const watcher = new ResizeObserver(() => stage.isConnected && rebuild(null));
  watcher.observe(body);

  /** @param {import("../core/types.js").Place} at */
  async function show(at) {
    text = at.query.get("q") ?? "";
    mode = at.query.get("mode") === "clock" ? "clock" : "order";
    const asked = at.query.get("zoom");
    zoom = asked !== null && /^\d+$/.test(asked) ? Math.min(Number(asked), CLOCK.length - 1) : 5;
    sayMode();
    filter.show(text);
    feed?.close();
    changes.clear();
    [chosen, chosenID] = [-1, 0];
    const { query, problems } = parse(text);
    const mine = new PacketFeed(query);
    feed = mine;
    feed.addEventListener("change", changed);
    feed.onOther = (kind, data) => {
      if (kind === "room-change") changes.set(data.id, data);
      else if (kind === "session") sessions.delete(data.id);
      gather(true);
    };
    if (problems.length > 0) return fill(body, empty("The filter does not make sense yet", problems[0]));
    strip.show(query);
    const id = Number(at.query.get("at"));
    const packet = Number(at.query.get("packet"));
    if (id > 0) {
      follows = false;
      await feed.openAt(id);
      if (feed !== mine) return; // the reader has gone on to another place
      const y = position(id) ?? position(feed.items.find((item) => item.id >= id)?.id ?? 0);
      if (y !== null) stage.scrollTop = y - stage.clientHeight / 2;
    } else {
      follows = true;
      await feed.openEnd();
      if (feed !== mine) return;
      if (at.query.get("live") !== "off") feed.setLive(true);
      toEnd();
    }
    if (packet > 0) {
      const row = model.moments.findIndex((moment) => moment.packets.some((one) => one.id === packet));
      if (row >= 0) choose(row, model.moments[row]?.lanes[model.moments[row]?.packets.findIndex((one) => one.id === packet) ?? 0]);
      else detail.show(packet);
    } else detail.hide();
    draw();
  }

  show(place);
  return {
    show,
    close() {
      feed.close();
      strip.close();
      watcher.disconnect();
      forgetColours();
      clearTimeout(gathering);
      cancelAnimationFrame(frame);
    },
    key(event) {
      const moves = /** @type {Record<string, () => void>} */ ({
        j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
        ArrowLeft: () => stage.scrollBy(-laneWidth, 0), ArrowRight: () => stage.scrollBy(laneWidth, 0),
        Home: () => (feed.hasOlder ? go(["timeline"], { ...kept(), at: 1 }) : (stage.scrollTop = 0)),
        End: () => (feed.hasNewer ? go(["timeline"], kept()) : toEnd()), PageDown: () => stage.scrollBy(0, stage.clientHeight * 0.9), PageUp: () => stage.scrollBy(0, -stage.clientHeight * 0.9),
        "+": () => zoomBy(1), "=": () => zoomBy(1), "-": () => zoomBy(-1), 0: () => zoomBy(5 - zoom), " ": () => setLive(!feed.isLive),
      });
      if (event.key === "Escape" && detail.isOpen) closeDetail();
      else if (moves[event.key]) moves[event.key]?.();
      else return false;
      return true;
    },
  };
}
