import { bytesOf } from "./binary.js";
import { Emitter } from "./emitter.js";
import { pack, unpack } from "./message-pack.js";
import { isObject, isValid, PacketType } from "./packet-types.js";

/* The parser of `socket.io.msgpack.min.js`: a packet is one binary message, a MessagePack map of `type`, `nsp`, `data` and `id`. */

export class Encoder {
  /** @param {import("./packet-types.js").SocketPacket} packet */
  encode({ type, nsp, data, id }) {
    return [pack({ type, nsp, data, id })];
  }
}

/** Fires `decoded` with each packet; `add` throws on what is no packet. */
export class Decoder extends Emitter {
  /** @param {any} message */
  add(message) {
    if (typeof message === "string") throw new Error("the server sent text where MessagePack was due: does it use the same parser?");
    const packet = unpack(bytesOf(message));
    // Writers in other languages say "none" for what they leave empty.
    if (packet?.data === null) delete packet.data;
    if (packet?.id === null) delete packet.id;
    const { type, nsp, id } = isObject(packet) ? packet : /** @type {any} */ ({});
    const known = Number.isInteger(type) && type >= PacketType.CONNECT && type <= PacketType.CONNECT_ERROR;
    if (!known || typeof nsp !== "string" || !(id === undefined || Number.isInteger(id)) || !isValid(packet)) {
      throw new Error("the server sent MessagePack that is no Socket.IO packet");
    }
    this.emitReserved("decoded", packet);
  }

  destroy() {}
}
