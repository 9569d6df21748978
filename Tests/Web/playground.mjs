import { createRequire } from "node:module";
import { io } from "../../web/client/src/index.js";

/** The server to test against: a playground (`tapedeck serve`, or Tests/Foreign/playground.py). */
export const url = process.env.TAPEDECK_URL;
/** For node:test: why the tests that need a server do not run. */
export const skip = url ? false : "TAPEDECK_URL names no playground server (try Tests/run-web.sh)";

/** Debian's node-ws stands outside Node's own paths. */
function webSocket() {
  const require = createRequire(import.meta.url);
  for (const name of ["ws", "/usr/share/nodejs/ws"]) {
    try {
      return require(name);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Error("the package ws is missing: install Debian's node-ws");
}
export const WebSocket = webSocket();

/** Sockets of one test, closed at its end. */
export function opener(t, common = {}) {
  const open = (nsp = "/", options = {}) => {
    const socket = io(url + nsp, { WebSocket, forceNew: true, ...common, ...options });
    t.after(() => {
      socket.disconnect();
      socket.io.disconnect();
    });
    return socket;
  };
  return open;
}

const DEADLINE = 15_000;

/** The arguments of the next such event; fails at a deadline, naming it. */
export function next(emitter, event) {
  return new Promise((resolve, reject) => {
    const listener = (...args) => {
      clearTimeout(timer);
      resolve(args);
    };
    const timer = setTimeout(() => {
      emitter.off(event, listener);
      reject(new Error(`no ${event} came`));
    }, DEADLINE);
    emitter.once(event, listener);
  });
}

export async function connected(socket) {
  if (!socket.connected) await next(socket, "connect");
  return socket;
}

/** Waits until the connection is on this transport. */
export async function on(socket, transport) {
  await connected(socket);
  while (socket.io.engine.transport.name !== transport) await next(socket.io.engine, "upgrade");
  return socket;
}
