// Acks: how long answers took, which took longest, and which never came.

import { askRows, get, isGone, quoted } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { clock, count, counted, duration, microseconds, moment } from "../core/format.js";
import { address, go, note } from "../core/router.js";
import { columns } from "../parts/charts.js";
import { empty, failure, loading } from "../parts/empty.js";
import { pagedList } from "../parts/paged-list.js";
import { figure } from "./session.js";

/** @typedef {import("../core/types.js").Ack} Ack */
/** @typedef {{ from_ms: number, to_ms: number | null, acks: number }} Bucket */

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function acksView(root, place) {
  let stop = new AbortController();
  /** @type {ReturnType<typeof pagedList<Ack>> | null} */
  let list = null;
  const event = el("select", { name: "event", aria: { label: "Event" }, on: { change: () => go(["acks"], { ...Object.fromEntries(query), event: event.value }) } });
  let query = place.query;
  const figures = el("dl", { class: "figures" });
  const chart = el("div", { class: "chart-place" }, loading());
  const tabs = el("div", { class: "tabs", role: "tablist" });
  const body = el("div", { class: "body", role: "tabpanel" });
  fill(root, el("div", { class: "bar" }, el("h1", null, "Acks"), event), figures, chart, tabs, body);

  /** @param {import("../core/types.js").Place} at */
  function show(at) {
    stop.abort();
    stop = new AbortController();
    query = at.query;
    const isUnanswered = query.get("show") === "unanswered";
    fill(tabs, [["slowest", "Slowest first"], ["unanswered", "Never answered"]].map(([name, title]) =>
      el("a", { role: "tab", href: address(["acks"], { ...Object.fromEntries(query), show: name === "slowest" ? null : name ?? null }), aria: { selected: (name === "unanswered") === isUnanswered } }, title)),
      query.get("from") && el("a", { class: "chip", href: address(["acks"], { event: query.get("event"), show: query.get("show") }) }, `${duration(Number(query.get("from")))}${query.get("to") ? ` to ${duration(Number(query.get("to")))}` : " and more"} ×`));
    drawSums().catch(report);
    list?.close();
    list = pagedList({
      label: isUnanswered ? "Acks that never came" : "Slowest acks",
      kind: "acks-table",
      key: (ack) => ack.request_id,
      titles: ["latency", "event", "way", "session", "asked at", "status"],
      cells: line,
      page: (last, limit, signal) => page(isUnanswered, last, limit, signal),
      onSelect: (ack) => go(["packets"], { at: ack.request_id, packet: ack.request_id }),
      none: () => isUnanswered ? empty("Every question has been answered", "Requests whose ack is still awaited, timed out, or was lost with its socket would stand here.") : empty("No acks here", "A packet that asks for an ack appears here with the time that its answer took."),
    });
    fill(body, list.element);
  }

  /** @param {unknown} error */
  const report = (error) => {
    if (!isGone(error)) fill(chart, failure(error));
  };

  async function drawSums() {
    const name = query.get("event");
    const found = await get("acks/histogram", { event: name }, stop.signal);
    const buckets = /** @type {Bucket[]} */ (found.items);
    const picked = buckets.findIndex((bucket) => String(bucket.from_ms) === query.get("from"));
    fill(figures,
      figure("answered", count(found.acked ?? buckets.reduce((sum, bucket) => sum + bucket.acks, 0))),
      ...["p50", "p95", "p99"].map((rank) => figure(rank, found[`${rank}_ms`] === null || found[`${rank}_ms`] === undefined ? "–" : duration(found[`${rank}_ms`]))),
      ...["pending", "timeout", "lost"].map((status) => figure(status, count(found[status] ?? 0), found[status] > 0 ? (status === "lost" ? "bad" : "wait") : "")));
    fill(chart, buckets.length === 0 ? null : columns({
      label: "Acks by latency",
      columns: buckets.map((bucket) => ({ value: bucket.acks, tick: shortDuration(bucket.from_ms), title: `${counted(bucket.acks, "ack")} took ${duration(bucket.from_ms)}${bucket.to_ms === null ? " or more" : ` to ${duration(bucket.to_ms)}`}`, kind: "ack" })),
      picked,
      onPick: (index) => {
        const bucket = buckets[index];
        if (bucket) go(["acks"], { event: name, ...(index === picked ? {} : { from: bucket.from_ms, to: bucket.to_ms }) });
      },
    }));
    const events = await askRows("SELECT event FROM event_totals ORDER BY event LIMIT 500", stop.signal);
    fill(event, el("option", { value: "" }, "all events"), events.map((row) => el("option", { value: row.event }, row.event)));
    event.value = name ?? "";
  }

  /**
   * @param {boolean} isUnanswered
   * @param {Ack | null} last
   * @param {number} limit
   * @param {AbortSignal} signal
   */
  async function page(isUnanswered, last, limit, signal) {
    const [name, from, to] = [query.get("event"), query.get("from"), query.get("to")];
    const conditions = [
      name && `event = ${quoted(name)}`,
      isUnanswered && "response_id IS NULL",
      isUnanswered && last && `request_id < ${last.request_id}`,
      !isUnanswered && "latency_ms IS NOT NULL",
      !isUnanswered && from && Number(from) >= 0 && `latency_ms >= ${Number(from)}`,
      !isUnanswered && to && Number(to) >= 0 && `latency_ms < ${Number(to)}`,
      !isUnanswered && last && `(latency_ms, request_id) < (${last.latency_ms}, ${last.request_id})`,
    ].filter(Boolean);
    const order = isUnanswered ? "request_id DESC" : "latency_ms DESC, request_id DESC";
    return /** @type {Ack[]} */ (await askRows(`SELECT * FROM acks ${conditions.length ? `WHERE ${conditions.join(" AND ")}` : ""} ORDER BY ${order} LIMIT ${limit}`, signal));
  }

  show(place);
  return {
    show,
    close() {
      stop.abort();
      list?.close();
    },
    key(pressed) {
      if (pressed.key !== "Escape") return list?.list.key(pressed) ?? false;
      note({ from: null, to: null });
      show({ path: ["acks"], query: new URLSearchParams(location.hash.split("?")[1]) });
      return true;
    },
  };
}

/** @param {Ack} ack */
function line(ack) {
  const asked = microseconds(ack.requested_at);
  return [
    { class: "number ack", content: ack.latency_ms === null ? "–" : duration(ack.latency_ms) },
    { class: "name", content: ack.event ?? "" },
    { class: `way ${ack.direction}`, content: ack.direction === "in" ? "→ in" : "← out", title: ack.direction === "in" ? "the client asked" : "the server asked" },
    { class: "id", content: el("a", { href: address(["sessions", ack.session_id]), tabindex: "-1" }, String(ack.session_id)) },
    { class: "time", content: clock(asked), title: moment(asked) },
    { class: `status ${ack.status}`, content: ack.status },
  ];
}

/** @param {number} milliseconds a round number */
const shortDuration = (milliseconds) => (milliseconds === 0 ? "0" : milliseconds < 1 ? `${Math.round(milliseconds * 1000)}\u202fµs` : milliseconds < 1000 ? `${milliseconds}\u202fms` : `${milliseconds / 1000}\u202fs`);
