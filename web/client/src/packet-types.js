/**
 * A Socket.IO packet, whatever parser wrote it.
 * @typedef {{type: number, nsp: string, data?: any, id?: number, options?: {compress?: boolean}, attachments?: number}} SocketPacket
 */
export const PacketType = { CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4, BINARY_EVENT: 5, BINARY_ACK: 6 };

/** Names that say what happens to the connection; no event of a user's may bear them. */
export const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/**
 * Whether the data is what a packet of its type carries.
 * @param {SocketPacket} packet
 */
export function isValid({ type, data }) {
  switch (type) {
    case PacketType.CONNECT:
      return data === undefined || isObject(data);
    case PacketType.DISCONNECT:
      return data === undefined;
    case PacketType.CONNECT_ERROR:
      return typeof data === "string" || isObject(data);
    case PacketType.ACK:
    case PacketType.BINARY_ACK:
      return Array.isArray(data);
    default:
      return Array.isArray(data) && (typeof data[0] === "number" || (typeof data[0] === "string" && !RESERVED.includes(data[0])));
  }
}

/** @param {any} value */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
