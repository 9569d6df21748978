import { Emitter } from "./emitter.js";
import { isBinary } from "./binary.js";
import { isValid, PacketType } from "./packet-types.js";

/* Socket.IO protocol 5: `type[attachments-][/namespace,][ack id][json]`, then the attachments as binary messages. */

/** @typedef {import("./packet-types.js").SocketPacket} SocketPacket */

export class Encoder {
  /** @param {SocketPacket} packet @returns {any[]} The text, then the attachments. */
  encode({ type, nsp, data, id }) {
    /** @type {any[]} */
    const attachments = [];
    const json = data === undefined ? "" : stringify(data, attachments);
    if (attachments.length) type += 3; // EVENT and ACK have a binary form
    const text = type + (attachments.length ? `${attachments.length}-` : "") + (nsp && nsp !== "/" ? `${nsp},` : "") + (id ?? "") + json;
    return [text, ...attachments];
  }
}

/** @param {any} data @param {any[]} attachments */
function stringify(data, attachments) {
  // A replacer makes JSON.stringify several times slower: only where there is something to replace.
  if (!hasBinary(data)) return JSON.stringify(data);
  return JSON.stringify(data, /** @this {any} @param {string} key @param {any} value */ function (key, value) {
    const original = this[key]; // before toJSON, which buffers of Node have
    return isBinary(original) ? { _placeholder: true, num: attachments.push(original) - 1 } : value;
  });
}

/** @param {any} value @returns {boolean} */
function hasBinary(value) {
  if (typeof value !== "object" || value === null) return false;
  if (isBinary(value)) return true;
  if (Array.isArray(value)) return value.some(hasBinary);
  if (typeof value.toJSON === "function") return hasBinary(value.toJSON());
  for (const key in value) if (hasBinary(value[key])) return true;
  return false;
}

/** Fires `decoded` with each packet once its attachments are there; `add` throws on what is no packet. */
export class Decoder extends Emitter {
  /** @type {SocketPacket | undefined} */
  #pending;
  /** @type {any[]} */
  #buffers = [];

  /** @param {any} message */
  add(message) {
    if (typeof message === "string") {
      if (this.#pending) throw new Error("the server sent text where attachments were due");
      const packet = parse(message);
      if (!packet.attachments) return void this.emitReserved("decoded", packet);
      this.#pending = packet;
    } else {
      const packet = this.#pending;
      if (!packet) throw new Error("the server sent an attachment that no packet announced");
      this.#buffers.push(message);
      if (this.#buffers.length < /** @type {number} */ (packet.attachments)) return;
      packet.data = fillIn(packet.data, this.#buffers);
      delete packet.attachments;
      this.destroy();
      this.emitReserved("decoded", packet);
    }
  }

  destroy() {
    this.#pending = undefined;
    this.#buffers = [];
  }
}

/** @param {string} text @returns {SocketPacket} */
function parse(text) {
  const match = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d+)?([^]*)$/.exec(text);
  const wrong = () => new Error(`the server sent no Socket.IO packet: ${text.slice(0, 40)}`);
  if (!match) throw wrong();
  const type = Number(match[1]);
  const binary = type === PacketType.BINARY_EVENT || type === PacketType.BINARY_ACK;
  if (binary !== (match[2] !== undefined)) throw wrong();
  /** @type {SocketPacket} */
  const packet = { type, nsp: match[3] ?? "/" };
  if (binary) packet.attachments = Number(match[2]);
  if (match[4] !== undefined) packet.id = Number(match[4]);
  if (match[5]) {
    try {
      packet.data = JSON.parse(match[5]);
    } catch {
      throw wrong();
    }
  }
  if (!isValid(packet)) throw wrong();
  return packet;
}

/**
 * Puts the attachments where their placeholders stand.
 * @param {any} value
 * @param {any[]} buffers
 * @returns {any}
 */
function fillIn(value, buffers) {
  if (typeof value !== "object" || value === null) return value;
  if (value._placeholder === true) {
    if (!Number.isInteger(value.num) || !(value.num in buffers)) throw new Error("the server sent a placeholder without its attachment");
    return buffers[value.num];
  }
  for (const key of Object.keys(value)) value[key] = fillIn(value[key], buffers);
  return value;
}
