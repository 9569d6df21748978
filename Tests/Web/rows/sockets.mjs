// Section 4.4 of the behaviour notes: what a socket is, does and tells; the numbers are those of its list of semantics.

const polling = { transports: ["polling"] };
const webSocket = { transports: ["websocket"] };

export default {
  async "4.4 properties before, during and after a connection"(t) {
    const socket = t.socket("/custom", { autoConnect: false, auth: { a: 1 } });
    const view = () => [typeof socket.id, socket.connected, socket.disconnected, socket.active, socket.recovered, socket.nsp];
    t.equal(view(), ["undefined", false, true, false, false, "/custom"]);
    t.equal([socket.auth, socket.receiveBuffer, socket.sendBuffer], [{ a: 1 }, [], []]);
    await t.connected(socket.connect());
    t.equal(view(), ["string", true, false, true, false, "/custom"]);
    socket.disconnect();
    t.equal(view(), ["undefined", false, true, false, false, "/custom"]);
  },
  async "4.4 open and close are connect and disconnect; all of them give the socket back"(t) {
    const socket = t.socket("/", { autoConnect: false });
    t.ok(socket.open() === socket && socket.connect() === socket, "connecting");
    await t.connected(socket);
    t.ok(socket.emit("x") === socket && socket.send("x") === socket && socket.timeout(1) === socket, "sending");
    t.ok(socket.compress(true) === socket && socket.volatile === socket && socket.close() === socket, "flags and closing");
  },
  async "4.4 send is a message event"(t) {
    const socket = await t.connected(t.socket());
    socket.send("a", 2);
    t.equal(await t.next(socket, "message-back"), ["a", 2]);
  },
  async "4.4 compress(false) is sent like any other event"(t) {
    const socket = await t.connected(t.socket());
    const options = [];
    socket.io.engine.on("packetCreate", (packet) => packet.type === "message" && options.push(packet.options.compress));
    socket.compress(false).emit("message", "a");
    socket.emit("message", "b");
    t.equal(options, [false, true]);
    t.equal(await t.next(socket, "message-back"), ["a"]);
  },
  async "4.4 onAny, prependAny, offAny and listenersAny, and the same for what goes out"(t) {
    const socket = await t.connected(t.socket());
    const seen = [];
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => (event, ...args) => event === "echo" && seen.push([name, event, ...args]));
    socket.onAny(a).prependAny(b).onAnyOutgoing(c).prependAnyOutgoing(d);
    socket.emit("echo", 1);
    await t.next(socket, "echo");
    t.equal(seen, [["d", "echo", 1], ["c", "echo", 1], ["b", "echo", 1], ["a", "echo", 1]]);
    t.equal([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [2, 2]);
    socket.offAny(a).offAnyOutgoing(c);
    t.equal([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [1, 1]);
    socket.offAny().offAnyOutgoing();
    t.equal([socket.listenersAny(), socket.listenersAnyOutgoing()], [[], []]);
  },
  async "4.4 the emitter's methods under all their names"(t) {
    const socket = await t.connected(t.socket());
    const seen = [];
    const add = (what) => () => seen.push(what);
    const [a, b, c, d] = [add("a"), add("b"), add("c"), add("d")];
    socket.on("echo", a).addEventListener("echo", b).once("echo", c);
    t.equal([socket.listeners("echo").length, socket.hasListeners("echo"), socket.hasListeners("nothing")], [3, true, false]);
    for (let n = 0; n < 2; n++) {
      const heard = t.next(socket, "echo");
      socket.emit("echo");
      await heard;
    }
    t.equal(seen, ["a", "b", "c", "a", "b"]);
    socket.on("echo", d).removeListener("echo", a).removeEventListener("echo", b).off("echo", d);
    t.equal(socket.hasListeners("echo"), false);
    socket.on("echo", a).on("other", a).once("echo", c).off("echo", c);
    t.equal(socket.listeners("echo").length, 1);
    socket.removeAllListeners("echo");
    t.equal([socket.hasListeners("echo"), socket.hasListeners("other")], [false, true]);
    socket.off();
    t.equal(socket.hasListeners("other"), false);
  },
  async "4.4 connect_error of a refusal has the server's message and data"(t) {
    const socket = t.socket("/private");
    const [error] = await t.next(socket, "connect_error");
    t.equal([error instanceof Error, error.message, error.data], [true, "unauthorized", { code: 401 }]);
    t.equal((await t.next(t.socket("/nowhere"), "connect_error"))[0].message, "Invalid namespace");
  },
  async "4.4 connect_error of a transport has its description, context and type, and says what the server answered"(t) {
    const socket = t.socket("/", { ...polling, query: { transport: "pigeon" }, path: "/nothing-there", reconnection: false });
    const [error] = await t.next(socket, "connect_error");
    t.equal([error.type, error.description, error.context.status], ["TransportError", 404, 404]);
    t.ok(/^xhr poll error \(HTTP 404/.test(error.message), error.message);
  },
  async "4.4 connect_error repeats the message in the server's JSON"(t) {
    const socket = await t.connected(t.socket("/", { ...polling, reconnection: false }));
    const gone = t.next(socket, "disconnect");
    socket.io.engine.transport.query.sid = "no-such-session";
    socket.emit("message", "x");
    const [reason, details] = await gone;
    t.equal([reason, details.description], ["transport error", 400]);
    t.ok(t.server === "foreign" || details.message === "xhr post error (HTTP 400: Session ID unknown)", details.message);
  },
  async "4.4 the reasons: io client disconnect and io server disconnect, neither reconnects"(t) {
    const socket = await t.connected(t.socket());
    const left = t.next(socket, "disconnect");
    socket.disconnect();
    t.equal((await left)[0], "io client disconnect");
    await t.connected(socket.connect());
    socket.emit("kick");
    t.equal((await t.next(socket, "disconnect"))[0], "io server disconnect");
    t.equal(socket.active, false);
  },
  async "4.4 the reasons: transport close or transport error when the connection breaks, and it comes back"(t) {
    for (const transports of [["polling"], ["websocket"]]) {
      const socket = await t.connected(t.socket("/", { transports }));
      const gone = t.next(socket, "disconnect");
      await t.breakConnections();
      const [reason] = await gone;
      await t.order("accept");
      t.ok(["transport close", "transport error"].includes(reason), reason);
      t.equal(socket.active, true);
      await t.connected(socket);
    }
  },
  async "4.4 the reasons: ping timeout when the server falls silent, and it comes back"(t) {
    const socket = await t.connected(t.socket("/", webSocket));
    const gone = t.next(socket, "disconnect");
    await t.order("stall");
    t.equal((await gone)[0], "ping timeout");
    await t.order("resume");
    await t.connected(socket);
  },
  async "4.4 the reasons: parse error for what is no packet, and it comes back"(t) {
    const socket = await t.connected(t.socket());
    const gone = t.next(socket, "disconnect");
    socket.io.engine.emitReserved?.("data", "9 nonsense");
    t.equal((await gone)[0], "parse error");
    await t.connected(socket);
  },
  async "4.4 the reasons: forced close of the manager's connection"(t) {
    const socket = await t.connected(t.socket());
    const gone = t.next(socket, "disconnect");
    socket.io.disconnect();
    t.equal((await gone)[0], "forced close");
  },
  async "4.4.1 auth goes with CONNECT"(t) {
    const socket = t.socket("/", { auth: { user: "ann" } });
    t.equal(await t.next(socket, "auth"), [{ user: "ann" }]);
  },
  async "4.4.2 what waited goes out in order before connect is told"(t) {
    const socket = t.socket("/", { autoConnect: false });
    const order = [];
    socket.onAnyOutgoing((name, n) => order.push(n));
    for (let n = 0; n < 3; n++) socket.emit("message", n);
    t.equal(socket.sendBuffer.length, 3);
    socket.on("connect", () => order.push("connect"));
    const heard = t.collect(socket, "message-back");
    socket.connect();
    await t.until(() => heard.length === 3, "three answers");
    t.equal([order, heard, socket.sendBuffer], [[0, 1, 2, "connect"], [[0], [1], [2]], []]);
  },
  async "4.4.3 a refused socket stays away, a failed connection is tried again"(t) {
    const refused = t.socket("/private");
    await t.next(refused, "connect_error");
    t.equal(refused.active, false);
    await t.breakConnections();
    const failed = t.socket("/", { transports: ["polling"] });
    await t.next(failed, "connect_error");
    t.equal(failed.active, true);
    await t.order("accept");
    await t.connected(failed);
  },
  "4.4.4 an old server's CONNECT without an id is an error that says so"(t) {
    const socket = t.socket("/", { autoConnect: false });
    const errors = t.collect(socket, "connect_error");
    socket.connect();
    socket.io.emitReserved?.("packet", { type: 0, nsp: "/", data: undefined });
    t.ok(errors[0]?.[0].message.startsWith("It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client"), "the words that people search for");
  },
  async "4.4.5 emit while not connected waits; volatile is dropped, and who waits for its ack is told"(t) {
    const socket = t.socket("/", { autoConnect: false });
    socket.volatile.emit("message", "dropped");
    const told = t.next({ once: (_, done) => socket.volatile.timeout(1000).emit("echo", 1, done) }, "ack");
    t.ok((await told)[0].message.includes("volatile"), "an error");
    await t.rejects(socket.volatile.emitWithAck("echo", 1), "volatile");
    socket.emit("message", "kept");
    t.equal(socket.sendBuffer.length, 1);
    socket.connect();
    t.equal(await t.next(socket, "message-back"), ["kept"]);
  },
  async "4.4.5 volatile waits like others while the transport can be written and only the namespace is not joined"(t) {
    const root = await t.connected(t.socket("/", { ...webSocket, forceNew: true }));
    const other = root.io.socket("/custom", {});
    await t.until(() => root.io.engine.transport.writable, "a transport that can be written");
    other.volatile.emit("message", "not dropped");
    t.equal(await t.next(other, "message-back"), ["not dropped"]);
    other.disconnect();
  },
  async "4.4.5 sendBufferLimit: an event beyond it is refused where it is emitted"(t) {
    const socket = t.socket("/", { autoConnect: false, sendBufferLimit: 2 });
    socket.emit("message", 1).emit("message", 2);
    t.throws(() => socket.emit("message", 3), '"message" was not sent: 2 events wait');
    await t.rejects(socket.emitWithAck("echo", 1), "was not sent");
    const heard = t.collect(socket, "message-back");
    await t.connected(socket.connect());
    socket.emit("message", 4);
    await t.until(() => heard.length === 3, "three answers");
    t.equal(heard, [[1], [2], [4]]);
  },
  "4.4.6 reserved names are refused"(t) {
    const socket = t.socket("/", { autoConnect: false });
    for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
      t.throws(() => socket.emit(name), `"${name}" is a reserved event name`);
    }
  },
  async "4.4.7 timeout: the ack gets an error, and what had not left never does"(t) {
    const socket = t.socket("/", { autoConnect: false });
    const [error] = await t.within(new Promise((done) => socket.timeout(10).emit("message", "late", (...args) => done(args))), "the ack");
    t.equal([error.message, socket.sendBuffer], ["operation has timed out", []]);
    await t.connected(socket.connect());
    const [none, value] = await t.within(new Promise((done) => socket.timeout(5000).emit("echo", 5, (...args) => done(args))), "the ack");
    t.equal([none, value], [null, 5]);
    t.equal(await socket.timeout(5000).emitWithAck("echo", 6), 6);
    await t.rejects(socket.timeout(10).emitWithAck("no such event"), "operation has timed out");
  },
  async "4.4.7 a disconnect settles the acks of what was sent; what still waits keeps its own"(t) {
    const socket = await t.connected(t.socket("/", { reconnection: false }));
    let plain = 0;
    socket.emit("no such event", () => plain++);
    const promised = socket.emitWithAck("no such event");
    const timed = t.within(new Promise((done) => socket.timeout(60_000).emit("no such event", done)), "the ack");
    socket.disconnect();
    await t.rejects(promised, "socket has been disconnected");
    t.equal((await timed).message, "socket has been disconnected");
    const waiting = socket.emitWithAck("echo", "waited");
    t.equal(plain, 0);
    socket.connect();
    t.equal(await t.within(waiting, "the ack"), "waited");
  },
  async "4.4.8 with retries, an event under way is sent again after a reconnection; volatile passes the queue by"(t) {
    const socket = await t.connected(t.socket("/", { ...webSocket, retries: 3, ackTimeout: 5000 }));
    const sent = [];
    socket.onAnyOutgoing((...args) => sent.push(args.slice(0, 2)));
    await t.order("stall");
    const answered = socket.emitWithAck("echo", "under way");
    await t.until(() => socket.io.engine.transport.writable, "a transport that can be written");
    socket.volatile.emit("message", "at once");
    await t.order("cut");
    await t.order("resume");
    t.equal(await t.within(answered, "the ack"), "under way");
    t.equal(sent, [["echo", "under way"], ["message", "at once"], ["echo", "under way"]]);
  },
  async "4.4.9 a recovered session: the same id, the missed events, recovered is true"(t) {
    if (!t.recovery) return "skipped: this server recovers nothing (see the run with --recovery)";
    const socket = await t.connected(t.socket("/", webSocket));
    const other = await t.connected(t.socket("/", webSocket));
    await t.ack(socket, "join", "the room");
    const heard = t.collect(socket, "cast");
    other.emit("cast", "the room", 1);
    await t.until(() => heard.length === 1, "the first cast");
    const { id } = socket;
    const gone = t.next(socket, "disconnect");
    await t.order("refuse");
    socket.io.engine.transport.ws.close();
    await gone;
    other.emit("cast", "the room", 2);
    await t.ack(other, "echo", "flush");
    await t.order("accept");
    await t.connected(socket);
    await t.until(() => heard.length === 2, "the missed cast");
    t.equal([socket.recovered, socket.id === id, heard.map((args) => args[1])], [true, true, [1, 2]]);
    t.equal((await t.ack(socket, "whoami"))[0].rooms, ["the room"]);
    socket.disconnect();
    await t.connected(socket.connect());
    t.equal(socket.recovered, false);
  },
  async "4.4.10 events that come before the answer to CONNECT are told after it"(t) {
    const socket = t.socket("/", { autoConnect: false });
    const order = [];
    socket.on("connect", () => order.push("connect")).on("early", (n) => order.push([n, socket.connected]));
    socket.connect();
    socket.io.emitReserved?.("packet", { type: 2, nsp: "/", data: ["early", 1] });
    t.equal([order, socket.receiveBuffer], [[], [["early", 1]]]);
    await t.connected(socket);
    t.equal(order, [[1, true], "connect"]);
  },
  async "4.4.11 after the server's goodbye, connect() by hand"(t) {
    const socket = await t.connected(t.socket());
    const attempts = t.collect(socket.io, "reconnect_attempt");
    socket.emit("kick");
    await t.next(socket, "disconnect");
    await t.connected(socket.connect());
    t.equal(attempts, []);
  },
  async "4.4.12 after a machine's sleep an event waits for a fresh connection"(t) {
    const socket = await t.connected(t.socket("/", webSocket));
    const { now } = Date;
    const gone = t.next(socket, "disconnect");
    Date.now = () => now() + 3_600_000;
    try {
      socket.emit("message", "after the sleep");
    } finally {
      Date.now = now;
    }
    t.equal(socket.sendBuffer.length, 1);
    t.equal((await gone)[0], "ping timeout");
    t.equal(await t.next(socket, "message-back"), ["after the sleep"]);
  },
  async "4.4 a listener that throws stops nobody else's events"(t) {
    const socket = await t.connected(t.socket());
    const restore = t.expectUncaught();
    try {
      socket.once("message-back", () => {
        throw new Error("a listener's own fault");
      });
      const heard = t.collect(socket, "echo");
      socket.emit("message");
      socket.emit("echo", "after it");
      await t.until(() => heard.length === 1, "the next event");
      await t.until(() => restore.seen().length === 1, "the report of the error");
    } finally {
      restore();
    }
  },
  async "4.4 ArrayBuffer, typed arrays, DataView, Blob and File travel as binary, wherever they stand"(t) {
    for (const transports of [["polling"], ["websocket"]]) {
      const socket = await t.connected(t.socket("/", { transports }));
      const bytes = new Uint8Array([1, 2, 3, 4]);
      const parts = [bytes.buffer, bytes.subarray(1, 3), new Uint16Array(bytes.buffer), new DataView(bytes.buffer, 2), new Blob([bytes])];
      if (typeof File === "function") parts.push(new File([bytes], "a.bin"));
      const [back] = await t.ack(socket, "echo", { deep: [parts] });
      t.equal(back.deep[0].map((part) => new Uint8Array(part).length), [4, 2, 4, 2, 4, 4].slice(0, parts.length));
    }
  },
};
