import { Manager } from "./manager.js";
import { Socket } from "./socket.js";
import { parseAddress } from "./url.js";

/** @type {Map<string, Manager>} */
const managers = new Map();

/**
 * A socket for a namespace. Sockets for other namespaces of the same server share its connection.
 * @param {string | object} [uri] The page's own server if none is given; its path is the namespace.
 * @param {any} [options]
 * @returns {Socket}
 */
export function io(uri, options) {
  if (typeof uri === "object") [uri, options] = [undefined, uri];
  const opts = { ...options };
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
