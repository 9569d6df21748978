// A report of `tapedeck replay --json`: the verdict, the findings in the order in which things went apart, and each side by side.

import { el } from "../core/dom.js";
import { clock, count, counted, duration, microseconds } from "../core/format.js";
import { read, write } from "../core/json.js";
import { address } from "../core/router.js";
import { empty } from "./empty.js";
import { copy } from "./packet-detail.js";
import { figure } from "../views/session.js";

/** @typedef {{ kind: string, path: string, expected: string | null, got: string | null }} Difference */
/** @typedef {{ kind: string, grade: "high" | "medium" | "low", title: string, connection: number, session: number | null, name: string | null, namespace: string | null, event: string | null, packet: number | null, at: string, differences: Difference[], context: string[], repetitions: number, downstream: number, accepted_by: string[] }} Finding */
/** @typedef {{ verdict: "same" | "different" | "interrupted", connections: number, sessions: number, duration_ms: number, packets: Record<string, number>, actions: Record<string, number>, findings: Finding[], limits: string[], notes: string[], rules: { rule: string, count: number }[], latencies: { name: string, count: number, p50_us: number, p90_us: number, p99_us: number, max_us: number }[] }} Report */

/**
 * The reports in a file, or what is wrong with it.
 *
 * @param {string} text
 * @returns {Report[]}
 */
export function reports(text) {
  const value = JSON.parse(text);
  const all = Array.isArray(value.runs) ? value.runs : [value];
  for (const report of all) if (!Array.isArray(report?.findings) || typeof report.verdict !== "string") throw new Error("This is no report of tapedeck replay --json.");
  return all;
}

/**
 * @param {Report} report
 * @param {number} chosen which finding
 * @param {Record<string, string>} query that the addresses keep
 */
export function reportView(report, chosen, query) {
  const findings = [...report.findings].sort((one, other) => microseconds(one.at) - microseconds(other.at));
  const index = Math.min(findings.length - 1, Math.max(0, chosen));
  const finding = findings[index];
  const { packets } = report;
  const verdicts = { same: "Everything came again", different: `It went apart in ${counted(findings.length, "place")}`, interrupted: "The replay was interrupted" };
  return [
    el("div", { class: `verdict-bar ${report.verdict}` }, el("b", null, verdicts[report.verdict]),
      el("span", { class: "soft" }, `${count(packets.matched ?? 0)} of ${counted(packets.compared ?? packets.expected ?? 0, "packet")} as recorded, ${counted(report.sessions, "session")}, in ${duration(report.duration_ms)}`),
      [...report.limits, ...report.notes].map((text) => el("p", { class: "soft" }, text))),
    el("div", { class: "split" },
      findings.length === 0 ? same(report)
        : [el("nav", { class: "scroll finding-list", aria: { label: "Differences, first divergence first" } }, findings.map((one, at) =>
          el("a", { class: `finding ${one.grade}`, href: address(["replay"], { ...query, finding: at === 0 ? null : at }), aria: { current: at === index ? "true" : "false" } },
            el("b", null, at === 0 && el("em", null, "First "), one.title),
            el("span", null, `${one.grade} · ${one.kind} · ${clock(microseconds(one.at))}${one.repetitions > 1 ? ` · ${one.repetitions} times` : ""}`)))),
        finding ? el("div", { class: "scroll finding-page" }, findingPage(finding)) : null]),
  ];
}

/** @param {Report} report */
function same(report) {
  return el("div", { class: "scroll story" },
    report.verdict === "same" ? empty("No difference", "Every recorded packet came again, and nothing else.") : null,
    el("dl", { class: "figures" }, figure("expected", count(report.packets.expected ?? 0)), figure("received", count(report.packets.received ?? 0)), figure("acts sent", `${report.actions.sent ?? 0} of ${report.actions.planned ?? 0}`)),
    report.latencies.length > 0 && el("table", { class: "plain" },
      el("thead", null, el("tr", null, ["answer to", "times", "p50", "p90", "p99", "longest"].map((title, at) => el("th", { scope: "col", class: at ? "number" : null }, title)))),
      el("tbody", null, report.latencies.map((row) => el("tr", null, el("td", null, row.name), [row.count, ...[row.p50_us, row.p90_us, row.p99_us, row.max_us].map((value) => duration(value / 1000))].map((value) => el("td", { class: "number" }, String(value))))))));
}

/** @param {Finding} finding */
function findingPage(finding) {
  const event = finding.event ?? "";
  return [
    el("header", null, el("h2", null, finding.title), el("p", { class: "soft" }, `${finding.grade}, ${finding.kind}; ${finding.name ?? `connection ${finding.connection}`}${finding.session === null ? "" : `, session ${finding.session}`}, ${clock(microseconds(finding.at))} of the recording`)),
    finding.downstream > 0 && el("p", null, `${counted(finding.downstream, "later packet")} did not come in consequence.`),
    finding.differences.length > 0 && el("table", { class: "plain differences" },
      el("thead", null, el("tr", null, ["", "then", "now"].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", null, finding.differences.map((difference) => el("tr", null,
        el("th", { scope: "row" }, el("code", null, difference.path), el("small", null, ` ${difference.kind}`), copy("Rule", () => `ignore:\n  - ${JSON.stringify(`${event}:${difference.path}`)}`)),
        value(difference.expected, "then"), value(difference.got, "now"))))),
    finding.accepted_by.length > 0 && el("section", null, el("h3", null, "These rules would accept it"), finding.accepted_by.map((rule) => el("pre", { class: "wire" }, rule))),
    finding.context.length > 0 && el("section", null, el("h3", null, "What came before"), el("pre", { class: "wire" }, finding.context.join("\n"))),
    el("p", { class: "ways" },
      finding.packet !== null && el("a", { href: address(["packets"], { at: finding.packet, packet: finding.packet }) }, "The packet on this tape"),
      finding.session !== null && [" · ", el("a", { href: address(["sessions", finding.session]) }, "The session")],
      finding.packet !== null && [" · ", el("a", { href: address(["timeline"], { at: finding.packet, packet: finding.packet }) }, "In the timeline")],
      el("span", { class: "soft" }, finding.packet === null ? "" : " (if it is the tape that was replayed)")),
  ];
}

/** @param {string | null} text @param {string} side */
function value(text, side) {
  if (text === null) return el("td", { class: `${side} none` }, "nothing");
  const node = read(text);
  return el("td", { class: side }, el("pre", null, node ? write(node) : text));
}
