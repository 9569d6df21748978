import { bytesOf, fromBase64, isBinary, isBlob, toBase64, utf8Length } from "./binary.js";

/**
 * Engine.IO protocol 4: a packet is a digit and its data; binary messages have no digit, and on polling are "b" and base64.
 * @typedef {"open" | "close" | "ping" | "pong" | "message" | "upgrade" | "noop" | "error"} EngineType
 * @typedef {{type: EngineType, data?: any, options?: {compress?: boolean}}} EnginePacket
 */

/** @type {EngineType[]} */
const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
const SEPARATOR = "\x1e";

/**
 * Blobs are read first; all else is ready.
 * @param {EnginePacket[]} packets
 * @returns {EnginePacket[] | Promise<EnginePacket[]>}
 */
export function withBlobsRead(packets) {
  if (!packets.some(({ data }) => isBlob(data))) return packets;
  return Promise.all(packets.map(async (packet) => (isBlob(packet.data) ? { ...packet, data: await packet.data.arrayBuffer() } : packet)));
}

/** @param {EnginePacket} packet @param {boolean} asText Whether binary becomes base64. @returns {string | Uint8Array} */
export function encodePacket({ type, data }, asText) {
  if (isBinary(data)) return asText ? `b${toBase64(bytesOf(data))}` : bytesOf(data);
  return TYPES.indexOf(type) + (data ?? "");
}

/** @param {string | ArrayBuffer} encoded @param {string} binaryType @returns {EnginePacket} */
export function decodePacket(encoded, binaryType) {
  if (typeof encoded !== "string") return { type: "message", data: binaryType === "blob" ? new Blob([encoded]) : encoded };
  if (encoded[0] === "b") {
    try {
      return decodePacket(fromBase64(encoded.slice(1)), binaryType);
    } catch {
      return { type: "error", data: "the server sent base64 that cannot be read" };
    }
  }
  const type = /^[0-6]/.test(encoded) ? TYPES[Number(encoded[0])] : "error";
  if (type === "error") return { type, data: `the server sent an unknown packet: ${encoded.slice(0, 40)}` };
  return encoded.length > 1 ? { type, data: encoded.slice(1) } : { type };
}

/** @param {EnginePacket[]} packets */
export function encodePayload(packets) {
  return packets.map((packet) => encodePacket(packet, true)).join(SEPARATOR);
}

/** @param {string} payload @param {string} binaryType */
export function decodePayload(payload, binaryType) {
  return payload.split(SEPARATOR).map((part) => decodePacket(part, binaryType));
}

/**
 * How many packets from the start fit into one POST that the server takes; one that is too large goes alone, so that the server can say so.
 * @param {EnginePacket[]} packets @param {number} maxPayload bytes
 */
export function countThatFits(packets, maxPayload) {
  let size = 1;
  for (let i = 0; i < packets.length; i++) {
    const { data } = packets[i];
    if (data !== undefined) size += typeof data === "string" ? utf8Length(data) : Math.ceil((data.byteLength ?? data.size) * 1.33) + 4;
    if (i > 0 && size > maxPayload) return i;
    size += 2;
  }
  return packets.length;
}
