// Rooms: who was where at a chosen moment, and how a room filled and emptied.

import { get, isGone } from "../core/api.js";
import { button, el, fill } from "../core/dom.js";
import { clock, counted, count, duration, microseconds, moment } from "../core/format.js";
import { address, go, note } from "../core/router.js";
import { sessionsByID } from "../core/sessions.js";
import { bars } from "../parts/charts.js";
import { empty, failure, loading } from "../parts/empty.js";
import { timeStrip } from "../parts/time-strip.js";

/** @typedef {import("../core/types.js").Room} Room */
/** @typedef {import("../core/types.js").RoomMember} RoomMember */
/** @typedef {import("../core/types.js").RoomChange} RoomChange */

const EVERY = 2000;
const SHOWN = 1000;

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function roomsView(root, place) {
  let [from, to] = [0, 0];
  /** @type {number | null} */
  let at = null; // now
  let room = "";
  let namespace = "";
  let stop = new AbortController();
  let timer = 0;
  const strip = timeStrip({ onPick: (time) => choose(time) });
  const slider = el("input", { type: "range", min: 0, max: 1000, step: 1, value: 1000, aria: { label: "Moment" } });
  const label = el("output", null, "");
  const now = button("Now", () => choose(null), { title: "Follow the recording" });
  const rooms = el("div", { class: "scroll rooms-list" }, loading());
  const members = el("div", { class: "scroll room-page" });
  fill(root, el("div", { class: "bar" }, el("h1", null, "Rooms"), label, now), strip.element, el("div", { class: "slider" }, slider), el("div", { class: "split" }, rooms, members));

  slider.addEventListener("input", () => choose(Number(slider.value) >= 1000 ? null : from + ((to - from) * Number(slider.value)) / 1000));

  /** @param {number | null} time */
  function choose(time) {
    at = time === null ? null : Math.round(time);
    note({ at });
    drawMoment();
    load(at === null ? 0 : 80);
  }

  function drawMoment() {
    label.textContent = at === null ? "as it is now" : moment(at);
    now.setAttribute("aria-pressed", String(at === null));
    slider.value = String(at === null ? 1000 : Math.round(((at - from) / Math.max(1, to - from)) * 1000));
    slider.setAttribute("aria-valuetext", label.textContent);
    if (at === null) strip.mark(to, to);
    else strip.mark(at, at);
  }

  /** @param {number} pause milliseconds, while the slider moves */
  function load(pause) {
    clearTimeout(timer);
    stop.abort();
    stop = new AbortController();
    const { signal } = stop;
    timer = setTimeout(async () => {
      try {
        const stats = await get("stats", {}, signal);
        if (stats.first_at === null) {
          fill(rooms, empty("Nothing recorded yet", "Rooms appear here with the first join."));
          fill(members);
        } else {
          from = microseconds(stats.first_at);
          to = microseconds(stats.last_at);
          drawMoment();
          const page = await get("rooms", { at: at === null ? null : at + 1, namespace: null, limit: SHOWN }, signal);
          drawRooms(page.items, page.next !== null);
          if (room) await drawRoom(signal);
          else fill(members, empty("Choose a room", "Its members stand here, and who came and went."));
        }
        if (at === null) timer = setTimeout(() => load(0), EVERY);
      } catch (error) {
        if (!isGone(error)) fill(rooms, failure(error));
      }
    }, pause);
  }

  /** @param {Room[]} found @param {boolean} isCut */
  function drawRooms(found, isCut) {
    if (found.length === 0) return fill(rooms, empty(at === null ? "Nobody is in a room" : "Nobody was in a room", "Move the slider to another moment."));
    const scrolled = rooms.scrollTop;
    const sorted = [...found].sort((one, other) => other.members - one.members || one.room.localeCompare(other.room));
    fill(rooms, bars(sorted.map((row) => ({
      name: el("a", { href: address(["rooms", row.room], { ns: row.namespace, at }), aria: { current: row.room === room && row.namespace === namespace ? "true" : "false" } }, row.room, row.namespace !== "/" && el("small", null, ` ${row.namespace}`)),
      value: row.members, kind: row.room === room && row.namespace === namespace ? "accent" : "soft",
    }))), isCut && el("p", { class: "soft" }, `The first ${SHOWN} by name.`));
    rooms.scrollTop = scrolled;
  }

  /** @param {AbortSignal} signal */
  async function drawRoom(signal) {
    const path = `rooms/${encodeURIComponent(room)}/members`;
    const [found, changes] = await Promise.all([
      get(path, { namespace, at: at === null ? null : at + 1, limit: 500 }, signal),
      get("room-changes", { room, namespace, limit: 1000 }, signal),
    ]);
    const list = /** @type {RoomMember[]} */ (found.items);
    const moves = /** @type {RoomChange[]} */ (changes.items);
    const people = await sessionsByID([...new Set([...list, ...moves.slice(-200)].map((row) => row.session_id))].slice(0, 500), signal);
    const names = new Map(people.map((session) => [session.id, session.name]));
    /** @param {number} id */
    const person = (id) => el("a", { href: address(["sessions", id]) }, names.get(id) ?? `session ${id}`, el("small", null, ` ${id}`));
    const moment = at ?? to;
    const around = moves.filter((change) => change.at_us <= moment + 1).slice(-40).reverse();
    fill(members,
      el("header", null, el("h2", null, room, el("small", null, ` ${namespace}`)), el("a", { href: address(["packets"], { q: `room:${/\s/.test(room) ? `"${room}"` : room}` }) }, "Packets of its members")),
      fullness(moves, from, to),
      el("div", { class: "columns" },
        el("section", null, el("h3", null, `${counted(list.length, "member")}${found.next ? " and more" : ""}`),
          list.length === 0 ? el("p", { class: "soft" }, "Nobody.") : el("table", { class: "plain" }, el("tbody", null, list.map((row) =>
            el("tr", null, el("td", null, person(row.session_id)), el("td", { class: "number soft" }, `since ${clock(microseconds(row.since))}`), el("td", { class: "number soft" }, duration((moment - microseconds(row.since)) / 1000))))))),
        el("section", null, el("h3", null, at === null ? "Came and went" : "Came and went before"),
          around.length === 0 ? el("p", { class: "soft" }, "Nobody yet.") : el("table", { class: "plain" }, el("tbody", null, around.map((change) =>
            el("tr", null, el("td", { class: "soft" }, clock(change.at_us)), el("td", { class: change.action === "join" ? "in" : "bad" }, change.action === "join" ? "+" : "−"), el("td", null, person(change.session_id)),
              el("td", { class: "soft" }, change.action === "leave" && change.cause === "disconnect" ? "with its socket" : change.packet_id !== null ? el("a", { href: address(["packets"], { at: change.packet_id, packet: change.packet_id }) }, "after this packet") : "")))))),
      ));
  }

  /** @param {import("../core/types.js").Place} where */
  function show(where) {
    room = where.path[1] ?? "";
    namespace = where.query.get("ns") ?? "/";
    const wanted = where.query.get("at");
    at = wanted && /^\d+$/.test(wanted) ? Number(wanted) : null;
    load(0);
  }

  strip.show({});
  show(place);
  return {
    show,
    close() {
      clearTimeout(timer);
      stop.abort();
      strip.close();
    },
    key(event) {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        const step = ((to - from) / 200) * (event.key === "ArrowLeft" ? -1 : 1);
        const target = (at ?? to) + step;
        choose(target >= to ? null : Math.max(from, target));
      } else if (event.key === "Escape" && room) go(["rooms"], { at });
      else return false;
      return true;
    },
  };
}

/**
 * How many were in the room over time, as steps.
 *
 * @param {RoomChange[]} moves
 * @param {number} from
 * @param {number} to
 */
function fullness(moves, from, to) {
  const cells = 120;
  const levels = new Array(cells).fill(0);
  let [level, index, peak] = [0, 0, 0];
  for (let cell = 0; cell < cells; cell += 1) {
    const end = from + ((to - from) * (cell + 1)) / cells;
    let most = level;
    for (; index < moves.length && (/** @type {RoomChange} */ (moves[index])).at_us <= end; index += 1) {
      level += moves[index]?.action === "join" ? 1 : -1;
      most = Math.max(most, level);
    }
    levels[cell] = most;
    peak = Math.max(peak, most);
  }
  return el("figure", { class: "fullness" }, el("figcaption", { class: "soft" }, `members over time, ${count(peak)} at most`),
    el("div", { class: "steps", role: "img", aria: { label: `members over time, ${peak} at most` } }, levels.map((value) => el("i", { style: { height: `${peak === 0 ? 0 : (value / peak) * 100}%` } }))));
}
