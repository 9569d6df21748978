// Sections 4.5 and 4.6 of the behaviour notes: the manager with its reconnections, and the engine below it.

const polling = { transports: ["polling"] };
const webSocket = { transports: ["websocket"] };

export default {
  async "4.5 a manager opens by itself or by open(done), and tells"(t) {
    const manager = t.manager({ autoConnect: false });
    const told = t.collect(manager, "open");
    await t.within(new Promise((done) => manager.open((error) => done(t.equal(error, undefined)))), "open");
    t.equal([told.length, manager.engine.readyState], [1, "open"]);
    await t.next(t.manager(), "open");
    await t.breakConnections();
    const failing = t.manager({ ...polling, autoConnect: false });
    const error = await t.within(new Promise((done) => failing.connect(done)), "the failure");
    t.ok(error.message.startsWith("xhr poll error"), error.message);
  },
  async "4.5 socket(nsp, {auth}) is the same each time, and connects again if it has left"(t) {
    const manager = t.manager();
    const socket = manager.socket("/custom", { auth: { b: 2 } });
    t.equal(await t.next(socket, "auth"), [{ b: 2 }]);
    t.ok(manager.socket("/custom") === socket, "the same");
    const root = await t.connected(manager.socket("/"));
    socket.disconnect();
    t.ok(manager.socket("/custom") === socket, "the same");
    await t.connected(socket);
    root.disconnect();
  },
  "4.5 each setting is read without and written with an argument"(t) {
    const manager = t.manager({ autoConnect: false });
    for (const [name, value] of Object.entries({ reconnection: false, reconnectionAttempts: 3, reconnectionDelay: 7, reconnectionDelayMax: 8, randomizationFactor: 0.1, timeout: 9 })) {
      t.ok(manager[name](value) === manager, `${name} gives the manager`);
      t.equal(manager[name](), value);
    }
  },
  async "4.5 reconnect_attempt, reconnect_error, reconnect_failed in their order"(t) {
    await t.breakConnections();
    const manager = t.manager({ ...polling, autoConnect: false, reconnectionAttempts: 2 });
    const order = [];
    for (const name of ["error", "reconnect_attempt", "reconnect_error", "reconnect_failed", "reconnect"]) {
      manager.on(name, (value) => order.push(typeof value === "number" ? `${name} ${value}` : name));
    }
    const failed = t.next(manager, "reconnect_failed");
    manager.open();
    await failed;
    await t.until(() => order.filter((name) => name === "reconnect_error").length === 2, "both errors");
    t.equal(order, ["error", "reconnect_attempt 1", "error", "reconnect_error", "reconnect_attempt 2", "error", "reconnect_failed", "reconnect_error"]);
  },
  async "4.5 reconnect says at which attempt, close why"(t) {
    const socket = await t.connected(t.socket("/", webSocket));
    const closed = t.next(socket.io, "close");
    await t.breakConnections();
    t.ok(["transport close", "transport error"].includes((await closed)[0]), "a reason");
    await t.next(socket.io, "reconnect_error");
    const again = t.next(socket.io, "reconnect");
    await t.order("accept");
    t.ok((await again)[0] >= 2, "the attempts are counted");
    await t.connected(socket);
  },
  async "4.5 error, ping and packet are told"(t) {
    const socket = t.socket("/", webSocket);
    const packets = t.collect(socket.io, "packet");
    const pinged = t.next(socket.io, "ping");
    await t.connected(socket);
    t.equal([packets[0][0].type, packets[0][0].nsp, typeof packets[0][0].data.sid], [0, "/", "string"]);
    await pinged;
    await t.order("refuse");
    const failed = t.next(socket.io, "error");
    await t.order("cut");
    t.ok((await failed)[0] instanceof Error, "an error");
  },
  async "4.5 the last socket to leave closes the engine"(t) {
    const root = t.socket("/");
    const custom = root.io.socket("/custom", {});
    await Promise.all([t.connected(root), t.connected(custom)]);
    const { engine } = root.io;
    root.disconnect();
    t.equal(engine.readyState, "open");
    custom.disconnect();
    await t.until(() => engine.readyState === "closed", "the engine's end");
  },
  async "4.6 id, readyState, transport and binaryType"(t) {
    const socket = t.socket("/", webSocket);
    const { engine } = socket.io;
    t.equal([engine.id, engine.readyState, engine.binaryType], [null, "opening", "arraybuffer"]);
    await t.connected(socket);
    t.equal([typeof engine.id, engine.readyState, engine.transport.name, engine.transport.writable], ["string", "open", "websocket", true]);
    t.equal([engine.transport.query.EIO, engine.transport.query.transport], [4, "websocket"]);
    socket.disconnect();
    await t.until(() => engine.readyState === "closed", "the end");
    t.equal(engine.id, null);
  },
  async "4.6 the events of a connection, in their order"(t) {
    const socket = t.socket("/", { autoConnect: false, ...polling });
    const order = [];
    socket.connect();
    const { engine } = socket.io;
    for (const name of ["handshake", "open", "packet", "packetCreate", "data", "message", "drain", "flush", "heartbeat", "ping", "pong", "close"]) {
      engine.on(name, () => order.includes(name) || order.push(name));
    }
    await t.connected(socket);
    await t.until(() => order.includes("pong"), "a ping");
    socket.disconnect();
    await t.until(() => order.includes("close"), "the end");
    t.equal([...order].sort(), ["close", "data", "drain", "flush", "handshake", "heartbeat", "message", "open", "packet", "packetCreate", "ping", "pong"]);
    t.equal(order.slice(0, 4), ["packet", "heartbeat", "handshake", "packetCreate"].slice(0, 2).concat(order.slice(2, 4)));
    t.ok(order.indexOf("handshake") < order.indexOf("open") && order.indexOf("open") < order.indexOf("message"), order.join());
  },
  async "4.6 handshake has what the server announced"(t) {
    const socket = t.socket("/", { autoConnect: false });
    socket.connect();
    const [handshake] = await t.next(socket.io.engine, "handshake");
    t.equal(Object.keys(handshake).sort(), ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
  },
  async "4.6 write and send call back when it is handed to the transport; close waits until it has gone"(t) {
    const socket = await t.connected(t.socket("/", polling));
    const heard = await t.connected(t.socket("/", polling));
    await t.ack(heard, "join", "last words");
    const [raw] = new t.parser.Encoder().encode({ type: 2, nsp: "/", data: ["message", "raw"] });
    await t.within(new Promise((done) => socket.io.engine.write(raw, done)), "the write");
    await t.within(new Promise((done) => socket.io.engine.send(raw, {}, done)), "the send");
    socket.emit("cast", "last words", "goodbye");
    socket.io.engine.close();
    t.equal(await t.next(heard, "cast"), ["last words", "goodbye"]);
  },
  async "4.6 polling: one GET and one POST at a time, with their headers"(t) {
    const socket = await t.connected(t.socket("/", polling));
    const { fetch } = globalThis;
    let under = { GET: 0, POST: 0 };
    let most = { GET: 0, POST: 0 };
    globalThis.fetch = async (url, options) => {
      const { method = "GET" } = options ?? {};
      most[method] = Math.max(most[method], ++under[method]);
      try {
        return await fetch(url, options);
      } finally {
        under[method]--;
      }
    };
    try {
      await Promise.all(Array.from({ length: 20 }, (_, n) => t.ack(socket, "echo", n)));
    } finally {
      globalThis.fetch = fetch;
    }
    t.ok(most.GET <= 1 && most.POST === 1, `${most.GET} GETs and ${most.POST} POSTs at a time`);
    const seen = await t.requests(socket);
    t.ok(seen.every(({ headers }) => headers.accept === "*/*"), "Accept");
    t.ok(seen.filter(({ method }) => method === "POST").every(({ headers }) => headers["content-type"] === "text/plain;charset=UTF-8"), "Content-type of POST");
    t.ok(seen.filter(({ method }) => method === "GET").every(({ headers }) => headers["content-type"] === undefined), "none of GET");
  },
  async "4.6 upgrading and upgrade are told, and nothing is lost or turned around on the way"(t) {
    const socket = t.socket();
    const order = [];
    const { engine } = socket.io;
    engine.on("upgrading", (transport) => order.push(`upgrading ${transport.name}`)).on("upgrade", (transport) => order.push(`upgrade ${transport.name}`));
    const heard = t.collect(socket, "message-back");
    for (let n = 0; n < 300; n++) {
      socket.emit("message", n, n % 7 ? "" : new Uint8Array([n]));
      if (n % 10 === 0) await new Promise((done) => setTimeout(done, 0));
    }
    await t.until(() => heard.length === 300, "300 answers");
    t.equal(heard.map(([n]) => n), Array.from({ length: 300 }, (_, n) => n));
    await t.on(socket, "websocket");
    t.equal(order, ["upgrading websocket", "upgrade websocket"]);
  },
  async "4.6 a WebSocket that fails is an upgradeError, and polling goes on"(t) {
    await t.order("block");
    const socket = t.socket();
    const [error] = await t.next(socket.io.engine, "upgradeError");
    t.ok(error.message.startsWith("probe error") && error.transport === "websocket", error.message);
    t.equal(await t.ack(socket, "echo", "by polling"), ["by polling"]);
    t.equal(socket.io.engine.transport.name, "polling");
  },
  async "4.6 what is larger than a POST may be goes in several"(t) {
    const socket = await t.connected(t.socket("/", polling));
    const size = Math.floor(socket.io.engine.maxPayload * 0.4);
    const texts = Array.from({ length: 4 }, (_, n) => String(n).repeat(size));
    await t.order("clear");
    const echoes = await Promise.all(texts.map((text) => t.ack(socket, "echo", text)));
    t.equal(echoes.map(([text]) => text.length), texts.map((text) => text.length));
    t.ok((await t.requests(socket)).filter(({ method }) => method === "POST").length >= 2, "several POSTs");
  },
  async "4.6 a message above the server's limit ends the connection, and says why"(t) {
    const socket = await t.connected(t.socket("/", { ...polling, reconnection: false }));
    const gone = t.next(socket, "disconnect");
    socket.emit("message", "x".repeat(socket.io.engine.maxPayload + 1000));
    const [reason, details] = await gone;
    t.ok(reason.startsWith("transport "), reason);
    t.ok(t.server === "foreign" || (reason === "transport error" && details.message.includes("413")), details?.message);
  },
};
