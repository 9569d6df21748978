// A packet as something to take along: JSON, SQL, a rule for replay, a test in Swift or JavaScript.

import { placeholder, read, write } from "../core/json.js";

/** @typedef {import("../core/types.js").Packet} Packet */
/** @typedef {import("../core/json.js").Node} Node */

const types = ["connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack"];
const engine = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

/**
 * The packet as it was on the wire (without the bytes of its attachments).
 *
 * @param {Packet} packet
 * @param {string | null} raw its data, as on the tape
 */
export function wire(packet, raw) {
  if (packet.layer === "engine") {
    const data = packet.type === "open" ? raw : raw === null ? "" : /** @type {string} */ (typeof packet.data === "string" ? packet.data : raw);
    return `${engine.indexOf(packet.type)}${data ?? ""}`;
  }
  const place = packet.namespace && packet.namespace !== "/" ? `${packet.namespace},` : "";
  const binary = packet.type.startsWith("binary") ? `${packet.attachments}-` : "";
  return `4${types.indexOf(packet.type)}${binary}${place}${packet.ack_id ?? ""}${raw ?? ""}`;
}

/** @param {Packet} packet */
export const asSQL = (packet) => `SELECT * FROM packets WHERE id = ${packet.id};`;

/**
 * A line for the file of `tapedeck replay --rules`, and the list that it belongs to.
 *
 * @param {Packet} packet
 * @param {string | null} path of a chosen value, in the arguments; the whole event unless given
 * @param {Node | null} node the value there
 */
export function asRule(packet, path, node) {
  const event = packet.event ?? packet.type;
  if (path === null || path === "$") return `ignore:\n  - ${JSON.stringify(event)}`;
  const place = JSON.stringify(`${event}:${path}`);
  const kind = node ? kindOf(node) : null;
  return kind ? `match:\n  ${place}: ${kind}` : `ignore:\n  - ${place}`;
}

/** @param {Node} node @returns {string | null} what a value of its kind must look like */
function kindOf(node) {
  if (node.kind !== "string") return null;
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(node.value)) return "uuid";
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(node.value) ? "iso8601" : null;
}

/** @param {string | null} raw @returns {Node[]} */
function values(raw) {
  const root = raw === null ? null : read(raw);
  return root?.kind === "array" ? root.items : root ? [root] : [];
}

/**
 * @param {Packet} packet
 * @param {string | null} raw
 */
function argumentsOf(packet, raw) {
  const all = values(raw);
  return packet.event === null ? all : all.slice(1);
}

/** @param {Packet} packet */
const isEvent = (packet) => packet.event !== null;

/**
 * @param {Packet} packet
 * @param {string | null} raw
 */
export function asJavaScript(packet, raw) {
  const values = argumentsOf(packet, raw).map((node) => javaScript(node));
  const event = JSON.stringify(packet.event);
  const space = JSON.stringify(packet.namespace ?? "/");
  const open = `const socket = io(url + ${space});`;
  if (!isEvent(packet)) return `${open}\n// ${packet.type} ${values.join(", ")}`;
  if (packet.direction === "in") {
    const list = [event, ...values].join(", ");
    return packet.ack_id === null ? `${open}\nsocket.emit(${list});` : `${open}\nconst answer = await socket.timeout(5000).emitWithAck(${list});`;
  }
  return `${open}\nconst args = await new Promise((resolve) => socket.once(${event}, (...args) => resolve(args)));\nassert.deepEqual(args${packet.ack_id === null ? "" : ".slice(0, -1)"}, [${values.join(", ")}]);`;
}

/**
 * @param {Packet} packet
 * @param {string | null} raw
 */
export function asSwift(packet, raw) {
  const nodes = argumentsOf(packet, raw);
  const event = swiftString(packet.event ?? "");
  const isElsewhere = packet.namespace !== null && packet.namespace !== "/";
  const place = isElsewhere ? swiftString(packet.namespace ?? "/") : "";
  const open = `let client = try await server.connect(${place})`;
  if (!isEvent(packet)) return `${open}\n// ${packet.type} ${raw ?? ""}`;
  if (packet.direction === "in") {
    const list = [event, ...nodes.map((node) => swiftArgument(node)), ...(isElsewhere ? [`to: ${place}`] : [])].join(", ");
    return packet.ack_id === null ? `${open}\ntry await client.emit(${list})` : `${open}\nlet answer: JSONValue = try await client.emitWithAck(${list})`;
  }
  const types = nodes.map((_, index) => `${index === 0 ? "as: " : ""}JSONValue.self`);
  const next = `try await client.next(${[event, ...types, ...(isElsewhere ? [`namespace: ${place}`] : [])].join(", ")})`;
  const wanted = nodes.map((node) => swift(node));
  if (wanted.length === 0) return `${open}\n${next}`;
  const checks = wanted.length === 1 ? `#expect(args == ${wanted[0]})` : wanted.map((value, index) => `#expect(args.${index} == ${value})`).join("\n");
  return `${open}\nlet args = ${next}\n${checks}`;
}

/** @param {Node} node @returns {string} */
function javaScript(node) {
  const binary = placeholder(node);
  if (binary !== null) return `Buffer.from(attachment${binary})`;
  if (node.kind === "array") return `[${node.items.map((item) => javaScript(item)).join(", ")}]`;
  if (node.kind !== "object") return write(node);
  return `{ ${node.entries.map(([key, value]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${javaScript(value)}`).join(", ")} }`;
}

/** @param {Node} node @returns {string} as a literal of JSONValue */
function swift(node) {
  const binary = placeholder(node);
  if (binary !== null) return `.binary(attachment${binary})`;
  if (node.kind === "array") return `[${node.items.map((item) => swift(item)).join(", ")}]`;
  if (node.kind === "object") return node.entries.length === 0 ? "[:]" : `[${node.entries.map(([key, value]) => `${swiftString(key)}: ${swift(value)}`).join(", ")}]`;
  if (node.kind === "string") return swiftString(node.value);
  return node.text === "null" ? ".null" : node.text;
}

/** @param {Node} node a literal alone has no type that can be told */
function swiftArgument(node) {
  const text = swift(node);
  return node.kind === "array" || node.kind === "object" || text === ".null" ? `${text.startsWith(".") ? `JSONValue${text}` : `${text} as JSONValue`}` : text;
}

/** @param {string} text as a literal */
function swiftString(text) {
  if (!/["\\\n\r\0\u2028\u2029]/.test(text)) return `"${text}"`;
  const escaped = text.replace(/[\\"]/g, "\\$&").replace(/[\n\r\0\u2028\u2029]/g, (letter) => `\\u{${letter.charCodeAt(0).toString(16)}}`);
  return `"${escaped}"`;
}
