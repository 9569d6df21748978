import assert from "node:assert/strict";
import { test } from "node:test";
import { io } from "../../web/client/src/index.js";
import { WebSocket, connected, next, on, opener, skip, url } from "./playground.mjs";

const kinds = [["polling"], ["websocket"], ["polling", "websocket"]];

for (const transports of kinds) {
  const by = `over ${transports.join(" and then ")}`;
  const last = transports.at(-1);

  test(`events, acks and binary go both ways ${by}`, { skip }, async (t) => {
    const socket = opener(t)("/", { transports, auth: { user: "ann" } });
    const auth = next(socket, "auth");
    await on(socket, last);
    assert.deepEqual(await auth, [{ user: "ann" }]);
    const values = [1, "zażółć 👩‍👧 \u0000\u001e\u2028", null, { a: [true, { b: -0.5 }] }, [], ""];
    socket.emit("message", ...values);
    assert.deepEqual(await next(socket, "message-back"), values);
    const acked = await new Promise((resolve) => socket.emit("message-with-ack", ...values, (...args) => resolve(args)));
    assert.deepEqual(acked, values);
    const view = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
    const echoed = await socket.timeout(5000).emitWithAck("echo", { deep: [view, new Blob(["blob"])] });
    assert.deepEqual([...new Uint8Array(echoed.deep[0])], [1, 2, 3]);
    assert.equal(Buffer.from(echoed.deep[1]).toString(), "blob");
    socket.once("question", (...args) => args.pop()("life", 42));
    socket.emit("ask", "what");
    assert.deepEqual(await next(socket, "answer"), ["life", 42]);
    assert.equal((await socket.emitWithAck("whoami")).transport, last);
  });

  test(`many events keep their order ${by}`, { skip }, async (t) => {
    const socket = opener(t)("/", { transports });
    const got = [];
    const done = new Promise((resolve) =>
      socket.on("message-back", (n) => {
        got.push(n);
        if (got.length === 400) resolve();
      }),
    );
    const send = (from) => {
      for (let n = from; n < from + 200; n++) socket.emit("message", n, n % 10 ? "" : new Uint8Array([n]));
    };
    send(0); // before and through the upgrade
    await connected(socket);
    send(200);
    await done;
    assert.deepEqual(got, Array.from({ length: 400 }, (_, n) => n));
  });

  test(`the server's goodbye is told and not reconnected ${by}`, { skip }, async (t) => {
    const socket = await on(opener(t)("/", { transports }), last);
    socket.emit("kick");
    assert.deepEqual((await next(socket, "disconnect"))[0], "io server disconnect");
    assert.deepEqual([socket.connected, socket.active, socket.id], [false, false, undefined]);
    await connected(socket.connect());
  });

  test(`a lost connection is made again ${by}`, { skip }, async (t) => {
    const socket = await on(opener(t)("/", { transports, reconnectionDelay: 10 }), last);
    const attempts = [];
    socket.io.on("reconnect", (attempt) => attempts.push(attempt));
    const lost = next(socket, "disconnect");
    socket.io.engine.close();
    assert.equal((await lost)[0], "forced close");
    socket.emit("message", "written in between");
    assert.deepEqual(await next(socket, "message-back"), ["written in between"]);
    assert.deepEqual(attempts, [1]);
  });
}

test("large messages go in several POSTs", { skip }, async (t) => {
  const socket = await connected(opener(t)("/", { transports: ["polling"] }));
  const texts = Array.from({ length: 5 }, (_, n) => String(n).repeat(300_000));
  const echoes = await Promise.all(texts.map((text) => socket.emitWithAck("echo", text)));
  assert.deepEqual(echoes.map((text) => text.length), texts.map((text) => text.length));
});

test("namespaces share a connection and end apart", { skip }, async (t) => {
  const root = opener(t)("/", { transports: ["websocket"] });
  const custom = root.io.socket("/custom", {});
  t.after(() => custom.disconnect());
  await Promise.all([connected(root), connected(custom)]);
  assert.notEqual(root.id, custom.id);
  assert.equal((await custom.emitWithAck("whoami")).namespace, "/custom");
  root.disconnect();
  assert.equal(await custom.emitWithAck("echo", "still here"), "still here");
  const shared = [io(url, { WebSocket }), io(`${url}/custom`, { WebSocket })];
  assert.equal(shared[0].io, shared[1].io);
  assert.notEqual(io(url, { WebSocket, autoConnect: false }).io, shared[0].io);
  for (const socket of shared) socket.disconnect();
});

test("refusals tell the server's message and data", { skip }, async (t) => {
  const open = opener(t);
  const refused = open("/private");
  const [error] = await next(refused, "connect_error");
  assert.deepEqual([error.message, error.data, refused.active], ["unauthorized", { code: 401 }, false]);
  assert.equal((await next(open("/nowhere"), "connect_error"))[0].message, "Invalid namespace");
  await connected(open("/private", { auth: (give) => give({ token: "letmein" }) }));
});

test("what an HTTP server answered stands in the error", { skip }, async (t) => {
  const socket = opener(t)("/", { path: "/nothing-here", transports: ["polling"], reconnection: false });
  const [error] = await next(socket, "connect_error");
  assert.match(error.message, /^xhr poll error \(HTTP 404/);
  assert.deepEqual([error.type, error.description, error.context.status], ["TransportError", 404, 404]);
});

test("no server at all is an error that says so, and attempts end", async (t) => {
  const socket = io("http://127.0.0.1:1", { reconnectionDelay: 1, reconnectionAttempts: 2, forceNew: true });
  t.after(() => socket.disconnect());
  const attempts = [];
  socket.io.on("reconnect_attempt", (attempt) => attempts.push(attempt));
  const failed = next(socket.io, "reconnect_failed");
  assert.match((await next(socket, "connect_error"))[0].message, /no answer from 127\.0\.0\.1:1/);
  assert.equal(socket.active, true);
  await failed;
  assert.deepEqual(attempts, [1, 2]);
});

test("acks end with an error when time or connection run out", { skip }, async (t) => {
  const socket = await connected(opener(t)());
  await assert.rejects(socket.timeout(20).emitWithAck("no such event"), { message: "operation has timed out" });
  const pending = socket.emitWithAck("no such event");
  socket.disconnect();
  await assert.rejects(pending, { message: "socket has been disconnected" });
});

test("the client's goodbye has its reason", { skip }, async (t) => {
  const socket = await connected(opener(t)());
  const gone = next(socket, "disconnect");
  socket.disconnect();
  assert.equal((await gone)[0], "io client disconnect");
  assert.equal(socket.disconnected, true);
});

test("what is emitted before the connection waits, unless volatile", { skip }, async (t) => {
  const socket = opener(t)("/", { autoConnect: false });
  socket.volatile.emit("message", "dropped");
  socket.emit("message", "kept");
  assert.equal(socket.sendBuffer.length, 1);
  socket.connect();
  assert.deepEqual(await next(socket, "message-back"), ["kept"]);
});

test("retries send until there is an ack, one at a time", { skip }, async (t) => {
  const socket = opener(t)("/", { retries: 2, ackTimeout: 50 });
  const tries = [];
  socket.onAnyOutgoing((name) => tries.push(name));
  const lost = socket.emitWithAck("no such event");
  const found = socket.emitWithAck("echo", "found");
  await assert.rejects(lost, { message: "operation has timed out" });
  assert.equal(await found, "found");
  assert.deepEqual(tries, ["no such event", "no such event", "no such event", "echo"]);
});

test("every event can be watched both ways", { skip }, async (t) => {
  const socket = await connected(opener(t)());
  const seen = [];
  socket.onAny((...args) => seen.push(["in", ...args]));
  socket.onAnyOutgoing((...args) => seen.push(["out", ...args]));
  socket.emit("echo", 1);
  await next(socket, "echo");
  assert.deepEqual(seen, [["out", "echo", 1], ["in", "echo", 1]]);
  assert.equal(socket.offAny().listenersAny().length, 0);
});

test("reserved names are refused", () => {
  const socket = io("http://localhost:1", { autoConnect: false, forceNew: true });
  for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])
    assert.throws(() => socket.emit(name), { message: `"${name}" is a reserved event name` });
});

test("a WebSocket that cannot be opened leaves polling in place", { skip }, async (t) => {
  class Broken {
    constructor() {
      throw new Error("no WebSockets here");
    }
  }
  const socket = opener(t)("/", { WebSocket: Broken });
  await next(socket.io, "open");
  const [error] = await next(socket.io.engine, "upgradeError");
  assert.match(error.message, /no WebSockets here/);
  assert.equal(await socket.emitWithAck("echo", 1), 1);
  assert.equal(socket.io.engine.transport.name, "polling");
});
