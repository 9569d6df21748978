// How many packets there were when: the whole tape in one strip. A click goes there.

import { get, isGone } from "../core/api.js";
import { el, fill, svg } from "../core/dom.js";
import { clock, counted, microseconds, tick } from "../core/format.js";

/** @typedef {{ at: string, at_us?: number, packets?: number, packets_in?: number, packets_out?: number }} Bucket */

const BUCKETS = 160;
const HEIGHT = 40;

/**
 * @param {{ onPick: (micros: number) => void }} options
 */
export function timeStrip({ onPick }) {
  const drawing = svg("svg", { preserveAspectRatio: "none", viewBox: `0 0 ${BUCKETS} ${HEIGHT}`, "aria-hidden": "true" });
  const label = el("span", { class: "strip-label" });
  const axis = el("div", { class: "strip-axis" });
  const shade = el("div", { class: "strip-window", hidden: true });
  const element = el("div", { class: "strip", hidden: true, role: "slider", tabindex: "0", aria: { label: "Time on the tape", valuenow: 0, valuemin: 0, valuemax: 0 } }, drawing, shade, axis, label);
  let stop = new AbortController();
  let [from, to] = [0, 0];
  let step = 0;
  let peak = 1;
  /** @type {number[][]} */
  let counts = [];
  /** @type {Record<string, string>} */
  let asked = {};
  let timer = 0;
  let chosen = -1;

  async function load() {
    clearTimeout(timer);
    try {
      const found = await histogram(asked, stop.signal);
      ({ from, to, step, counts } = found);
      element.hidden = counts.length < 2 || to <= from;
      draw();
    } catch (error) {
      if (isGone(error)) return;
      element.hidden = true; // the table says what is wrong
    }
  }

  function draw() {
    peak = Math.max(1, ...counts.map(([incoming = 0, outgoing = 0]) => incoming + outgoing));
    const width = BUCKETS / Math.max(1, counts.length);
    fill(drawing, counts.flatMap(([incoming = 0, outgoing = 0], index) => {
      // The root lets single packets be seen beside a burst.
      const scale = (/** @type {number} */ value) => (value === 0 ? 0 : Math.max(1.5, Math.sqrt(value / peak) * (HEIGHT - 4)));
      const whole = scale(incoming + outgoing);
      const below = incoming === 0 ? 0 : (whole * incoming) / (incoming + outgoing);
      const place = { x: index * width, width: Math.max(0.2, width - 0.25) };
      return [
        whole > below && svg("rect", { ...place, class: "out", y: HEIGHT - whole, height: whole - below }),
        below > 0 && svg("rect", { ...place, class: "in", y: HEIGHT - below, height: below }),
      ];
    }));
    const span = to - from;
    fill(axis, [0, 0.25, 0.5, 0.75].map((part) => el("span", { style: { left: `${part * 100}%` } }, tick(from + part * span, span))));
    element.setAttribute("aria-valuemin", String(Math.round(from / 1000)));
    element.setAttribute("aria-valuemax", String(Math.round(to / 1000)));
  }

  /** @param {number} index */
  function hover(index) {
    const [incoming = 0, outgoing = 0] = counts[index] ?? [];
    label.textContent = counts[index] ? `${clock(from + index * step, step < 1e6 ? 3 : 0)} · ${counted(incoming, "packet")} in, ${outgoing} out` : "";
    label.classList.toggle("left", index > counts.length / 2);
  }

  /** @param {MouseEvent} event */
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return Math.min(counts.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * counts.length)));
  };
  element.addEventListener("pointermove", (event) => hover(at(event)));
  element.addEventListener("pointerleave", () => (label.textContent = ""));
  element.addEventListener("click", (event) => onPick(Math.floor(from + at(event) * step)));
  element.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      chosen = Math.min(counts.length - 1, Math.max(0, chosen + (event.key === "ArrowRight" ? 1 : -1)));
      element.setAttribute("aria-valuenow", String(Math.round((from + chosen * step) / 1000)));
      hover(chosen);
    } else if (event.key === "Enter" && chosen >= 0) onPick(Math.floor(from + chosen * step));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element,
    /** @param {Record<string, string>} query the packets' filters */
    show(query) {
      const { heartbeats, ...rest } = query;
      if (counts.length > 0 && JSON.stringify(rest) === JSON.stringify(asked)) return;
      asked = rest;
      stop.abort();
      stop = new AbortController();
      load();
    },
    /** New ones have come: the strip is asked for again, not more often than every few seconds. */
    live() {
      clearTimeout(timer);
      timer = setTimeout(load, 2000);
    },
    /**
     * Marks what the table holds.
     *
     * @param {number} first microseconds
     * @param {number} last
     */
    mark(first, last) {
      const span = Math.max(1, to - from);
      shade.hidden = to <= from;
      const left = Math.max(0, Math.min(99.6, ((first - from) / span) * 100));
      shade.style.setProperty("left", `${left}%`);
      shade.style.setProperty("width", `${Math.max(0.4, Math.min(100 - left, ((last - first) / span) * 100))}%`);
    },
    close() {
      clearTimeout(timer);
      stop.abort();
    },
  };
}

/**
 * @param {Record<string, string>} query
 * @param {AbortSignal} signal
 * @returns {Promise<{ from: number, to: number, step: number, counts: number[][] }>} counts: packets in and out of each step of microseconds
 */
export async function histogram(query, signal) {
  const found = await get("packets/histogram", { ...query, buckets: BUCKETS }, signal);
  const times = found.items.map((/** @type {Bucket} */ bucket) => bucket.at_us ?? microseconds(bucket.at));
  const step = times.length > 1 ? times[1] - times[0] : 0;
  return { from: times[0] ?? 0, to: (times.at(-1) ?? 0) + step, step, counts: found.items.map((/** @type {Bucket} */ bucket) => [bucket.packets_in ?? 0, bucket.packets_out ?? 0]) };
}
