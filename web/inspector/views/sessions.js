// Sessions: who was here, newest first; and behind each of them the page of its own.

import { ask } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { clock, count, duration, microseconds, moment } from "../core/format.js";
import { address, go } from "../core/router.js";
import { countPackets, sessionPage } from "../core/sessions.js";
import { empty } from "../parts/empty.js";
import { pagedList } from "../parts/paged-list.js";
import { sessionStory } from "./session.js";

/** @typedef {import("../core/sessions.js").SessionLine} SessionLine */
/** @typedef {import("../core/types.js").Place} Place */
/** @typedef {import("../core/types.js").View} View */

const EVERY = 3000;

/**
 * @param {HTMLElement} root
 * @param {Place} place
 * @returns {View}
 */
export function sessionsView(root, place) {
  if (place.path[1]) return sessionStory(root, place);
  const form = filterForm();
  const body = el("div", { class: "body" });
  fill(root, el("div", { class: "bar" }, el("h1", null, "Sessions"), form.element), body);
  /** @type {ReturnType<typeof pagedList<SessionLine>> | null} */
  let list = null;
  const timer = setInterval(() => !document.hidden && list?.refresh(), EVERY);

  /** @param {Place} at */
  function show(at) {
    list?.close();
    const filter = Object.fromEntries(at.query);
    form.show(at.query);
    list = pagedList({
      label: "Sessions",
      kind: "sessions-table",
      key: ({ id }) => id,
      titles: ["id", "who", "namespace", "connected", "lasted", "in", "out", "transport", "how it ended"],
      cells: line,
      page: (last, limit, signal) => sessionPage(filter, last ? last.id : null, limit, signal),
      onSelect: (session) => go(["sessions", session.id]),
      complete: countPackets,
      rowClass: (session) => (session.disconnected_at === null ? "open" : ""),
      none: () => ([...at.query].length > 0
        ? empty("No such session on this tape", el("a", { href: address(["sessions"]) }, "Show all of them"))
        : empty("Nobody has connected yet", "A session appears here when a namespace accepts a socket. The ", el("a", { href: "/" }, "playground"), " is a quick way to make some.")),
    });
    fill(body, list.element);
  }

  show(place);
  return {
    show,
    close() {
      clearInterval(timer);
      list?.close();
    },
    key: (event) => list?.list.key(event) ?? false,
  };
}

/** @param {SessionLine} session */
function line(session) {
  const from = microseconds(session.connected_at);
  const to = session.disconnected_at === null ? null : microseconds(session.disconnected_at);
  return [
    { class: "id", content: el("a", { href: address(["sessions", session.id]), tabindex: "-1" }, String(session.id)) },
    { class: "name", content: session.name, title: session.sid },
    { class: "soft", content: session.namespace },
    { class: "time", content: clock(from), title: moment(from) },
    { class: "number", content: to === null ? el("span", { class: "open-mark" }, "open") : duration((to - from) / 1000) },
    { class: "number", content: session.packets_in === undefined ? "" : count(session.packets_in) },
    { class: "number", content: session.packets_out === undefined ? "" : count(session.packets_out) },
    { class: "soft", content: session.upgraded_at === null ? session.transport : `polling → ${session.transport}` },
    { class: "reason", content: session.reason ?? "", title: session.reason ?? "" },
  ];
}

function filterForm() {
  const text = el("input", { type: "search", name: "text", placeholder: "name, socket id, address", "data-filter": "", aria: { label: "Search sessions" } });
  const state = el("select", { name: "state", aria: { label: "State" } }, [["", "open and ended"], ["open", "open"], ["ended", "ended"]].map(([value, title]) => el("option", { value }, title)));
  const namespace = el("select", { name: "namespace", aria: { label: "Namespace" } }, el("option", { value: "" }, "all namespaces"));
  const reason = el("select", { name: "reason", aria: { label: "Reason" } }, el("option", { value: "" }, "all reasons"));
  const fields = { text, state, namespace, reason };
  const element = el("form", { class: "fields", role: "search" }, text, state, namespace, reason);
  const change = () => go(["sessions"], Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()])));
  element.addEventListener("submit", (event) => (event.preventDefault(), change()));
  element.addEventListener("change", change);

  /**
   * @param {HTMLSelectElement} select
   * @param {string} column
   * @param {URLSearchParams} query
   */
  async function choices(select, column, query) {
    const { rows } = await ask(`SELECT DISTINCT ${column} FROM sessions WHERE ${column} IS NOT NULL ORDER BY 1 LIMIT 100`);
    const wanted = query.get(select.name) ?? "";
    const names = [...new Set([...rows.map((row) => String(row[0])), ...(wanted ? [wanted] : [])])];
    fill(select, select.options[0], names.map((name) => el("option", { value: name }, name)));
    select.value = wanted;
  }

  return {
    element,
    /** @param {URLSearchParams} query */
    show(query) {
      for (const [name, field] of Object.entries(fields)) if (document.activeElement !== field || field !== text) field.value = query.get(name) ?? "";
      choices(namespace, "namespace", query).catch(() => undefined);
      choices(reason, "reason", query).catch(() => undefined);
    },
  };
}
