import { debug } from "./debug.js";
import { Manager } from "./manager.js";
import { Socket } from "./socket.js";
import { parseAddress } from "./url.js";

/** @typedef {import("../socket.io").Options} Options */

/** @type {Map<string, Manager>} */
const managers = new Map();

/**
 * A socket for a namespace. Sockets for other namespaces of the same server share its connection.
 * @param {string | Options} [where] Its path is the namespace; the page's own server if none is given.
 * @param {Options} [options]
 * @returns {Socket}
 */
export function io(where, options) {
  const [uri, given] = typeof where === "object" ? [undefined, where] : [where, options];
  /** @type {Options & {"force new connection"?: boolean}} As it was called before version 1. */
  const opts = { ...given };
  const address = parseAddress(uri);
  const key = address.id + (opts.path || "/socket.io");
  const alone = opts.forceNew || opts["force new connection"] || opts.multiplex === false || address.path in (managers.get(key)?.nsps ?? {});
  if (!opts.query && Object.keys(address.query).length) opts.query = address.query;
  let manager = alone ? undefined : managers.get(key);
  if (!manager) {
    manager = new Manager(address.source, opts);
    if (!alone) managers.set(key, manager);
  }
  return manager.socket(address.path, opts);
}

io.Manager = Manager;
io.Socket = Socket;
io.io = io;
io.connect = io;
io.debug = debug;
