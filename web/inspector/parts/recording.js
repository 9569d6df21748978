// How it stands with the tape, at the foot of the rail: recording or not, how much, and what is missing.

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { bytes, count, counted, moment, microseconds } from "../core/format.js";

const EVERY = 3000;

export function recording() {
  const element = el("div", { class: "recording", role: "status", aria: { live: "off" } }, "…");
  let last = -1;
  async function look() {
    try {
      const [stats, runs] = /** @type {[import("../core/types.js").Stats, import("../core/types.js").Page<import("../core/types.js").Run>]} */ (
        await Promise.all([get("stats"), get("runs", { limit: 1000 })]));
      const run = runs.items.at(-1);
      const isRunning = run?.status === "running";
      const grows = last >= 0 && stats.packets > last;
      last = stats.packets;
      const about = stats.first_at && stats.last_at ? `${moment(microseconds(stats.first_at))} to ${moment(microseconds(stats.last_at))}` : "nothing recorded yet";
      fill(element,
        el("p", { class: `tape ${isRunning ? "on" : ""} ${grows ? "grows" : ""}`, title: about }, el("i"), isRunning ? "Recording" : run ? `Tape (${run.status})` : "No recording"),
        el("p", null, el("b", null, count(stats.packets)), " packets"),
        el("p", null, el("b", null, count(stats.open_sessions)), ` of ${counted(stats.sessions, "session")} open`),
        el("p", { class: "soft" }, bytes(stats.file_bytes)),
        stats.gaps > 0 && el("p", { class: "bad" }, `${counted(stats.lost_packets, "packet")} missing in ${counted(stats.gaps, "gap")}`));
    } catch (error) {
      fill(element, el("p", { class: "soft" }, error instanceof Error ? error.message : ""));
    }
    setTimeout(look, document.hidden ? 5 * EVERY : EVERY);
  }
  look();
  return element;
}
