// One packet in full: what it says, how it looked on the wire, what belongs to it, and how to take it along.

import { get } from "../core/api.js";
import { button, el, fill } from "../core/dom.js";
import { bytes, counted, duration, microseconds, moment, name } from "../core/format.js";
import { read, write } from "../core/json.js";
import { ack, attachment, packet as packetOf, raw as rawOf } from "../core/packets.js";
import { address, go } from "../core/router.js";
import { hexView } from "./hex-view.js";
import { jsonView } from "./json-view.js";
import { asJavaScript, asRule, asSQL, asSwift, wire } from "./snippets.js";
import { say } from "./toast.js";

/** @typedef {import("../core/types.js").Packet} Packet */

/**
 * @param {{ onClose: () => void, onFilter?: (key: string, value: string | number) => void }} options
 */
export function packetDetail({ onClose, onFilter }) {
  const element = el("aside", { class: "detail", hidden: true, tabindex: "-1", aria: { label: "Packet" } });
  let shown = 0;

  /** @param {Packet | number} wanted */
  async function show(wanted) {
    const id = typeof wanted === "number" ? wanted : wanted.id;
    shown = id;
    element.hidden = false;
    try {
      const packet = typeof wanted === "number" ? await packetOf(id) : wanted;
      if (shown !== id) return;
      fill(element, head(packet), facts(packet), el("p", { class: "loading" }, "…"));
      const [raw, link] = await Promise.all([rawOf(id), ack(packet)]);
      if (shown !== id) return;
      fill(element, head(packet), facts(packet, link), ...contents(packet, raw));
      element.scrollTop = 0;
    } catch (error) {
      if (shown === id) fill(element, closing(), el("p", { class: "problem", role: "alert" }, /** @type {Error} */ (error).message));
    }
  }

  const closing = () => button("×", onClose, { class: "quiet close", aria: { label: "Close the detail" }, title: "Close (Esc)" });

  /** @param {Packet} packet */
  function head(packet) {
    return el("header", null,
      el("span", { class: `way ${packet.direction}`, title: packet.direction === "in" ? "from the client" : "to the client" }, packet.direction === "in" ? "→ in" : "← out"),
      el("h2", { title: name(packet) }, name(packet)), closing());
  }

  /**
   * @param {Packet} packet
   * @param {import("../core/types.js").Ack | null} [link]
   */
  function facts(packet, link) {
    const time = packet.at_us ?? microseconds(packet.at);
    /** @type {[string, import("../core/dom.js").Child][]} */
    const rows = [
      ["at", el("time", { datetime: packet.at, title: packet.at }, moment(time))],
      ["packet", `${packet.id}, ${packet.type}${packet.layer === "engine" ? " (engine)" : ""}, ${bytes(packet.bytes)}`],
    ];
    if (packet.namespace !== null) rows.push(["namespace", filterable("ns", packet.namespace)]);
    rows.push(packet.session_id === null
      ? ["connection", filterable("conn", packet.connection_id)]
      : ["session", el("a", { href: address(["sessions", packet.session_id]) }, `session ${packet.session_id}`)]);
    if (packet.ack_id !== null) rows.push(["ack", ackText(packet, link)]);
    if (packet.broadcast_id !== null) rows.push(["broadcast", broadcast(packet)]);
    return el("dl", { class: "facts" }, rows.flatMap(([term, value]) => [el("dt", null, term), el("dd", null, value)]));
  }

  /** @param {string} key @param {string | number} value */
  function filterable(key, value) {
    return onFilter ? button(String(value), () => onFilter(key, value), { class: "link", title: `Only ${key}:${value}` }) : String(value);
  }

  /**
   * @param {Packet} packet
   * @param {import("../core/types.js").Ack | null | undefined} link
   */
  function ackText(packet, link) {
    if (!link) return `number ${packet.ack_id}`;
    const other = link.request_id === packet.id ? link.response_id : link.request_id;
    const text = link.status === "acked" && link.latency_ms !== null ? `after ${duration(link.latency_ms)}` : { pending: "none yet", timeout: "the server stopped waiting", lost: "lost: the socket went away", acked: "" }[link.status];
    return el("span", { class: `ack ${link.status}` }, text, other !== null && [" ", el("a", { href: address(["packets"], { at: other, packet: other }) }, other === link.response_id ? "the answer" : "the question")]);
  }

  /** @param {Packet} packet */
  function broadcast(packet) {
    const rest = el("span", null, "…");
    get(`broadcasts/${packet.broadcast_id}`).then(
      (row) => fill(rest, button(`to ${counted(row.recipients, "socket")}`, () => go(["packets"], { q: `broadcast:${packet.broadcast_id}`, packet: packet.id }), { class: "link" })),
      () => fill(rest, String(packet.broadcast_id)),
    );
    const missed = el("span", { class: "missed" });
    get(`broadcasts/${packet.broadcast_id}/missed`, { limit: 100 }).then((page) => {
      if (page.items.length > 0) fill(missed, `; ${counted(page.items.length, "socket")}${page.next ? " and more" : ""} of the namespace did not get it`);
    }, () => undefined);
    return el("span", null, rest, missed);
  }

  /**
   * @param {Packet} packet
   * @param {string | null} raw
   */
  function contents(packet, raw) {
    const root = raw === null ? null : read(raw);
    /** @type {string | null} */
    let path = null;
    /** @type {import("../core/json.js").Node | null} */
    let node = null;
    const chosen = el("span", { class: "chosen-path" });
    // The event's name is no argument: paths of rules count from behind it.
    const values = root?.kind === "array" && packet.event !== null ? { ...root, items: root.items.slice(1) } : root;
    const tree = values ? jsonView(values, { attachment: (index) => `attachment ${index}`, onChoose: (at, value) => ((path = at), (node = value), (chosen.textContent = at)) }) : null;
    return [
      values && el("section", null, el("h3", null, packet.event === null ? "Data" : "Arguments", chosen), tree),
      !values && raw !== null && el("section", null, el("h3", null, "Data"), el("pre", null, raw)),
      packet.attachments > 0 && attachments(packet),
      el("section", null, el("h3", null, "On the wire"), el("pre", { class: "wire" }, wire(packet, raw))),
      el("section", { class: "copy" }, el("h3", null, "Copy as"), el("div", { class: "buttons" },
        copy("JSON", () => (values && root ? `${JSON.stringify({ ...packet, data: null }, null, 2).replace('"data": null', () => `"data": ${write(root, "  ")}`)}` : JSON.stringify(packet, null, 2))),
        copy("SQL", () => asSQL(packet)),
        copy("Rule", () => asRule(packet, path, node)),
        copy("Swift test", () => asSwift(packet, raw)),
        copy("JavaScript test", () => asJavaScript(packet, raw)))),
      el("p", { class: "ways" },
        el("a", { href: address(["timeline"], { at: packet.id, packet: packet.id }) }, "In the timeline"), " · ",
        el("a", { href: address(["packets"], { at: packet.id, packet: packet.id }) }, "Among all packets"),
        packet.event !== null && [" · ", el("a", { href: address(["events", packet.event]) }, "This event")]),
    ].filter(Boolean);
  }

  /** @param {Packet} packet */
  function attachments(packet) {
    const section = el("section", null, el("h3", null, counted(packet.attachments, "attachment")));
    for (let index = 0; index < packet.attachments; index += 1) {
      const place = el("div", { class: "attachment" }, el("p", null, `attachment ${index}`));
      section.append(place);
      attachment(packet.id, index).then(
        (data) => fill(place, el("p", null, `attachment ${index}, ${bytes(data.length)}`), hexView(data)),
        (error) => place.append(el("p", { class: "problem" }, error.message)),
      );
    }
    return section;
  }

  return {
    element,
    show,
    hide() {
      shown = 0;
      element.hidden = true;
      element.replaceChildren();
    },
    get isOpen() {
      return !element.hidden;
    },
  };
}

/**
 * A button that puts text on the clipboard.
 *
 * @param {string} label
 * @param {() => string} text
 */
export function copy(label, text) {
  return button(label, async () => {
    const value = text();
    try {
      await navigator.clipboard.writeText(value);
      say(`Copied as ${label}`);
    } catch {
      say(value, true); // not allowed here: it can be marked and copied by hand
    }
  }, { data: { copy: label } });
}
