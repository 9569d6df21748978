import { Polling } from "./polling.js";
import { WebSocketTransport } from "./websocket.js";
import { WebTransportTransport } from "./webtransport.js";

/**
 * The transports that were asked for and that this platform has, in order, by name.
 * @param {any} options
 * @returns {Map<string, any>}
 */
export function available(options) {
  /** @type {Map<string, any>} */
  const known = new Map([["polling", Polling]]);
  if (options.WebSocket ?? globalThis.WebSocket) known.set("websocket", WebSocketTransport);
  if ("WebTransport" in globalThis) known.set("webtransport", WebTransportTransport);
  /** @type {Map<string, any>} */
  const kinds = new Map();
  for (const wanted of options.transports) {
    if (typeof wanted === "function") kinds.set(wanted.prototype.name, wanted);
    else if (known.has(wanted)) kinds.set(wanted, known.get(wanted));
  }
  return kinds;
}
