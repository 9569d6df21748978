// Replay: what was different last time. A report from a file, or a recorded replay beside its tape.

import { isGone } from "../core/api.js";
import { button, el, fill } from "../core/dom.js";
import { go, place as now } from "../core/router.js";
import { besideView, compare, replayRun } from "../parts/beside.js";
import { failure, loading } from "../parts/empty.js";
import { reports, reportView } from "../parts/report-view.js";
import { say } from "../parts/toast.js";

/** @typedef {import("../parts/report-view.js").Report} Report */

const KEY = "tapedeck.report";

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function replayView(root, place) {
  const stop = new AbortController();
  /** @type {{ name: string, runs: Report[] } | null} */
  let opened = restored();
  /** @type {{ run: import("../core/types.js").Run, found: Awaited<ReturnType<typeof compare>> } | null} */
  let beside = null;
  const file = el("input", { type: "file", accept: "application/json,.json", class: "hidden", aria: { label: "Report file" }, on: { change: () => file.files?.[0] && take(file.files[0]) } });
  const bar = el("div", { class: "bar" });
  const body = el("div", { class: "body column" }, loading());
  fill(root, bar, body, file);
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    const dropped = event.dataTransfer?.files[0];
    if (dropped) take(dropped);
  });

  /** @param {File} chosen */
  async function take(chosen) {
    const text = await chosen.text();
    try {
      opened = { name: chosen.name, runs: reports(text) };
    } catch (error) {
      return fill(body, failure(error instanceof SyntaxError ? new Error(`${chosen.name} is not JSON.`) : error));
    }
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ name: chosen.name, text }));
    } catch {
      say("The report is too large to be kept over a reload");
    }
    file.value = "";
    go(["replay"], { report: chosen.name });
    show(now());
  }

  /** @param {import("../core/types.js").Place} at */
  function show(at) {
    const index = Number(at.query.get("run") ?? 0);
    const report = at.query.has("session") ? undefined : opened?.runs[index];
    fill(bar, el("h1", null, "Replay"),
      report && opened && el("span", { class: "soft" }, opened.name),
      report && opened && opened.runs.length > 1 && el("select", { aria: { label: "Run" }, on: { change: (/** @type {Event} */ event) => go(["replay"], { run: /** @type {HTMLSelectElement} */ (event.target).value }) } }, opened.runs.map((run, number) => el("option", { value: number, selected: number === index }, `run ${number + 1}: ${run.verdict}`))),
      beside?.found && opened && button(report ? "The two tapes" : "The report", () => go(["replay"], report && beside?.found ? { session: beside.found[0]?.now.id } : {})),
      button("Open a report", () => file.click(), { class: "primary" }));
    if (report) return fill(body, reportView(report, Number(at.query.get("finding") ?? 0), { report: at.query.get("report") ?? "", run: index ? String(index) : "" }));
    if (beside?.found) return fill(body, besideView(beside.found, beside.run, Number(at.query.get("session"))));
    fill(body, el("div", { class: "empty drop" }, el("h2", null, beside ? "This tape is a recorded replay" : "What was different last time?"),
      beside && el("p", null, "To see it beside the tape that it comes from:"),
      beside && el("pre", null, `tapedeck inspect REPLAY.tape --beside ${beside.run.settings.replay_of.tape}`),
      el("p", null, beside ? "Or open a report: drop it here, or choose it above." : "Replay this tape against a server, and drop the report here:"),
      !beside && el("pre", null, "tapedeck replay TAPE http://localhost:3000 --json report.json"),
      el("p", null, "Or record the replay, and open it beside its tape:"),
      !beside && el("pre", null, "tapedeck replay TAPE http://localhost:3000 --record again.tape\ntapedeck inspect again.tape --beside TAPE")));
  }

  async function look() {
    try {
      const run = await replayRun(stop.signal);
      if (run) beside = { run, found: await compare(run, stop.signal) };
      show(now());
    } catch (error) {
      if (!isGone(error)) fill(body, failure(error));
    }
  }

  if (opened && !place.query.has("session")) show(place);
  look();
  return {
    show,
    close: () => stop.abort(),
    key(event) {
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (!step) return false;
      const links = [...root.querySelectorAll(".finding")];
      const current = links.findIndex((link) => link.getAttribute("aria-current") === "true");
      const next = links[current + step];
      if (next instanceof HTMLAnchorElement) location.hash = next.hash;
      return true;
    },
  };
}

/** The report that was open before a reload. */
function restored() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return kept ? { name: String(kept.name), runs: reports(kept.text) } : null;
  } catch {
    return null; // nothing usable was kept: one opens it again
  }
}

