// Section 4.3 of the behaviour notes: each option with its default and its effect.

const idle = { autoConnect: false };
const polling = { transports: ["polling"] };
const webSocket = { transports: ["websocket"] };

/** How long each attempt waited, by timers that are noted and go off at once. */
async function delays(t, options, attempts) {
  const manager = new t.Manager("http://127.0.0.1:1", {
    ...t.options, ...polling, autoConnect: false, timeout: false, reconnectionAttempts: attempts, ...options,
  });
  const waited = [];
  manager.timers = { set: (action, ms) => (waited.push(ms), setTimeout(action, 1)), clear: (timer) => clearTimeout(timer) };
  const failed = t.next(manager, "reconnect_failed");
  manager.open();
  await failed;
  return waited;
}

export default {
  "4.3 the defaults"(t) {
    const manager = new t.Manager("http://127.0.0.1:1", { autoConnect: false });
    t.equal(
      [manager.reconnection(), String(manager.reconnectionAttempts()), manager.reconnectionDelay(), manager.reconnectionDelayMax()],
      [true, "Infinity", 1000, 5000],
    );
    t.equal([manager.randomizationFactor(), manager.timeout(), manager.opts.path], [0.5, 20000, "/socket.io"]);
  },
  async "4.3 path and addTrailingSlash: /socket.io/ on the wire, or another"(t) {
    await t.connected(t.socket("/", polling));
    t.equal((await t.handshakes())[0].url.split("?")[0], "/socket.io/");
    const other = t.socket("/", { ...polling, path: "/other", reconnection: false });
    await t.next(other, "connect_error");
    const bare = t.socket("/", { ...polling, path: "/bare/", addTrailingSlash: false, reconnection: false });
    await t.next(bare, "connect_error");
    const paths = (await t.requests()).map(({ url }) => url.split("?")[0]);
    t.ok(paths.includes("/other/") && paths.includes("/bare"), `${paths} has /other/ and /bare`);
  },
  async "4.3 query: an object, or a text"(t) {
    await t.connected(t.socket("/", { ...polling, query: { a: 1, b: "x y" } }));
    await t.connected(t.socket("/", { ...polling, query: "c=2&d=3" }));
    const queries = (await t.requests()).map(({ query }) => query);
    t.ok(queries.some(({ a, b }) => a === "1" && b === "x y") && queries.some(({ c, d }) => c === "2" && d === "3"), "both are sent");
  },
  async "4.3 extraHeaders: on polling requests"(t) {
    // The page is at the server's own origin, so that no preflight stands in between.
    const socket = await t.connected(t.socket("/", { ...polling, extraHeaders: { "x-mine": "yes" } }));
    const mine = await t.requests(socket);
    t.ok(mine.length >= 2 && mine.every(({ headers }) => headers["x-mine"] === "yes"), "each has the header");
  },
  async "4.3 withCredentials: cookies go to other sites only with it"(t) {
    if (t.environment === "node") return "skipped: Node keeps no cookies";
    const asked = [];
    const { fetch } = globalThis;
    globalThis.fetch = (url, options) => (String(url).includes("EIO") && asked.push(options.credentials), fetch(url, options));
    try {
      await t.connected(t.socket("/", polling));
      t.equal(asked[0], "same-origin");
      asked.length = 0;
      await t.connected(t.socket("/", { ...polling, withCredentials: true }));
      t.ok(asked.includes("include"), "include");
    } finally {
      globalThis.fetch = fetch;
    }
  },
  async "4.3 transports: names in order, unknown ones left out, none is an error"(t) {
    const socket = await t.connected(t.socket("/", webSocket));
    t.equal(socket.io.engine.transport.name, "websocket");
    t.ok((await t.requests(socket)).every(({ headers }) => headers.upgrade), "no polling");
    const none = t.socket("/", { transports: ["pigeon"], reconnection: false });
    t.equal((await t.next(none, "connect_error"))[0].message, "No transports available");
  },
  async "4.3 transports: a constructor stands for itself"(t) {
    if (!t.transports) return "skipped: this bundle does not export them";
    const socket = await t.connected(t.socket("/", { transports: [t.transports.WebSocket] }));
    t.equal(socket.io.engine.transport.name, "websocket");
    await t.on(t.socket("/", { transports: [t.transports.Fetch, t.transports.WebSocket] }), "websocket");
  },
  async "4.3 upgrade: false stays on polling"(t) {
    const socket = await t.connected(t.socket("/", { upgrade: false }));
    await t.ack(socket, "echo", 1);
    t.equal(socket.io.engine.transport.name, "polling");
    t.ok((await t.requests(socket)).every(({ headers }) => !headers.upgrade), "no WebSocket was tried");
  },
  async "4.3 rememberUpgrade: begins with WebSocket once it has worked"(t) {
    await t.on(t.socket(), "websocket");
    await t.order("clear");
    const socket = await t.connected(t.socket("/", { rememberUpgrade: true }));
    t.equal(socket.io.engine.transport.name, "websocket");
    t.ok((await t.handshakes())[0].headers.upgrade, "the first request is the WebSocket's");
  },
  async "4.3 tryAllTransports: the next one when the first does not open"(t) {
    await t.order("block");
    const stuck = t.socket("/", { transports: ["websocket", "polling"], reconnection: false });
    await t.next(stuck, "connect_error");
    const socket = await t.connected(t.socket("/", { transports: ["websocket", "polling"], tryAllTransports: true, upgrade: false }));
    t.equal(socket.io.engine.transport.name, "polling");
  },
  async "4.3 forceBase64: b64=1, and binary arrives all the same"(t) {
    const socket = await t.connected(t.socket("/", { ...polling, forceBase64: true }));
    t.equal(await t.ack(socket, "echo", new Uint8Array([1, 2])), [new Uint8Array([1, 2])]);
    t.equal((await t.handshakes())[0].query.b64, "1");
  },
  async "4.3 timestampRequests and timestampParam: polling always unless false, WebSocket only if true"(t) {
    await t.connected(t.socket("/", polling));
    await t.connected(t.socket("/", webSocket));
    let seen = await t.requests();
    const stamps = seen.filter(({ headers }) => !headers.upgrade).map(({ query }) => query.t);
    t.ok(stamps.every((stamp) => stamp?.length === 8) && new Set(stamps).size === stamps.length, "polling has eight letters, each time others");
    t.ok(seen.filter(({ headers }) => headers.upgrade).every(({ query }) => query.t === undefined), "WebSocket has none");
    await t.order("clear");
    await t.connected(t.socket("/", { ...polling, timestampRequests: false }));
    await t.connected(t.socket("/", { ...webSocket, timestampRequests: true, timestampParam: "stamp" }));
    seen = (await t.requests()).filter(({ query }) => query.EIO && query.sid === undefined);
    t.equal(seen.map(({ query }) => [query.transport, "t" in query, query.stamp?.length ?? 0]), [["polling", false, 0], ["websocket", false, 8]]);
  },
  async "4.3 requestTimeout: a poll without an answer ends"(t) {
    const socket = await t.connected(t.socket("/", { ...polling, requestTimeout: 300, reconnection: false }));
    await t.order("stall");
    const [reason, details] = await t.next(socket, "disconnect");
    t.equal(reason, "transport error");
    t.ok(details.message.includes("no answer within 300 ms"), details.message);
  },
  async "4.3 protocols: subprotocols of the WebSocket"(t) {
    if (t.server === "foreign") return "skipped: that server selects no subprotocol, so that clients give up";
    await t.connected(t.socket("/", { ...webSocket, protocols: ["chat", "other"] }));
    t.equal((await t.handshakes())[0].headers["sec-websocket-protocol"].replace(/\s/g, ""), "chat,other");
  },
  async "4.3 transportOptions: for one transport only"(t) {
    await t.connected(t.socket("/", { ...polling, transportOptions: { polling: { extraHeaders: { "x-only": "polling" } } } }));
    t.equal((await t.handshakes())[0].headers["x-only"], "polling");
  },
  async "4.3 closeOnBeforeunload: the connection ends without a word"(t) {
    if (t.environment === "node") return "skipped: there is no page to leave";
    const watcher = await t.connected(t.socket());
    const socket = await t.on(t.socket("/", { closeOnBeforeunload: true }), "websocket");
    const stays = await t.on(t.socket(), "websocket");
    const told = t.collect(socket, "disconnect");
    await t.ack(socket, "join", "leavers");
    dispatchEvent(new Event("beforeunload"));
    await t.until(() => socket.io.engine.transport.ws.readyState >= 2, "the end of its WebSocket");
    t.equal(await t.ack(stays, "echo", 1), [1]);
    t.equal([told, watcher.connected], [[], true]);
  },
  async "4.3 binaryType: blob"(t) {
    if (t.parserName === "msgpack") return "skipped: with MessagePack a packet itself is binary, and a Blob cannot be read at once";
    const socket = await t.connected(t.socket("/", { ...webSocket, binaryType: "blob" }));
    const [blob] = await t.ack(socket, "echo", new Uint8Array([7]));
    t.ok(blob instanceof Blob, "a Blob");
    t.equal(await blob.arrayBuffer(), new Uint8Array([7]));
  },
  async "4.3 useNativeTimers: a test's timers do not hold it up"(t) {
    const { setTimeout: set } = globalThis;
    const taken = [];
    globalThis.setTimeout = (action, ms, ...rest) => (taken.push(ms), set(action, ms, ...rest));
    try {
      const socket = t.socket("/", { useNativeTimers: true, timeout: 4321 });
      t.ok(!taken.includes(4321), "native");
      socket.disconnect();
      t.socket("/", { timeout: 4322 });
      t.ok(taken.includes(4322), "the replaced ones otherwise");
    } finally {
      globalThis.setTimeout = set;
    }
  },
  async "4.3 autoUnref: timers keep no process alive"(t) {
    if (t.environment !== "node") return "skipped: only Node has it";
    const { setTimeout: set } = globalThis;
    let unreferenced = 0;
    globalThis.setTimeout = (...args) => {
      const timer = set(...args);
      const { unref } = timer;
      timer.unref = () => (unreferenced++, unref.call(timer));
      return timer;
    };
    try {
      t.socket("/", { autoUnref: true });
    } finally {
      globalThis.setTimeout = set;
    }
    t.ok(unreferenced > 0, "a timer was let go");
  },
  async "4.3 agent, ca and the like reach Node's WebSocket"(t) {
    if (t.environment !== "node") return "skipped: only Node has them";
    const given = [];
    class Noted extends t.options.WebSocket {
      constructor(address, protocols, options) {
        super(address, protocols, options);
        given.push(options);
      }
    }
    await t.connected(t.socket("/", { ...webSocket, WebSocket: Noted, rejectUnauthorized: false, extraHeaders: { "x-a": "1" } }));
    t.equal(given, [{ rejectUnauthorized: false, headers: { "x-a": "1" } }]);
    t.equal((await t.handshakes())[0].headers["x-a"], "1");
  },
  async "4.3 reconnection: false gives up"(t) {
    const socket = await t.connected(t.socket("/", { ...polling, reconnection: false }));
    const attempts = t.collect(socket.io, "reconnect_attempt");
    const gone = t.next(socket, "disconnect");
    await t.breakConnections();
    await gone;
    t.equal([socket.active, attempts, socket.io._reconnecting], [true, [], false]);
  },
  async "4.3 reconnectionDelay, reconnectionDelayMax, reconnectionAttempts: twice as long each time, up to a limit"(t) {
    const waited = await delays(t, { reconnectionDelay: 100, reconnectionDelayMax: 700, randomizationFactor: 0 }, 5);
    t.equal(waited, [100, 200, 400, 700, 700]);
  },
  async "4.3 randomizationFactor: chance moves each delay so far at most"(t) {
    const { random } = Math;
    try {
      Math.random = () => 0.999; // the odd direction: longer
      t.equal(await delays(t, { reconnectionDelay: 100, reconnectionDelayMax: 5000, randomizationFactor: 0.5 }, 2), [149, 299]);
      let n = 0;
      Math.random = () => (n++ % 2 ? 0.2 : 0.999); // the even direction: shorter
      t.equal(await delays(t, { ...polling, reconnectionDelay: 100, reconnectionDelayMax: 5000, randomizationFactor: 0.5, timestampRequests: false }, 2), [51, 101]);
    } finally {
      Math.random = random;
    }
  },
  async "4.3 timeout: connecting may take so long, and false is for ever"(t) {
    await t.order("stall");
    const socket = t.socket("/", { timeout: 100, reconnection: false });
    t.equal((await t.next(socket, "connect_error"))[0].message, "timeout");
    const patient = t.socket("/", { timeout: false });
    const failures = t.collect(patient, "connect_error");
    await t.order("resume");
    await t.connected(patient);
    t.equal(failures, []);
  },
  async "4.3 autoConnect: false waits for connect()"(t) {
    const socket = t.socket("/", idle);
    t.equal([socket.active, await t.handshakes()], [false, []]);
    await t.connected(socket.connect());
  },
  async "4.3 parser: another Encoder and Decoder"(t) {
    const { Encoder, Decoder } = t.parser;
    const seen = [];
    class Noted extends Encoder {
      encode(packet) {
        seen.push(packet.type);
        return super.encode(packet);
      }
    }
    const socket = await t.connected(t.socket("/", { parser: { Encoder: Noted, Decoder } }));
    t.equal(await t.ack(socket, "echo", 1), [1]);
    t.equal(seen, [0, 2]);
  },
  async "4.3 auth: an object or a function, asked at each connect"(t) {
    t.equal(await t.next(t.socket("/", { auth: { a: 1 } }), "auth"), [{ a: 1 }]);
    let asked = 0;
    const socket = t.socket("/", { ...webSocket, auth: (give) => give({ asked: ++asked }) });
    t.equal(await t.next(socket, "auth"), [{ asked: 1 }]);
    const again = t.next(socket, "auth");
    await t.order("cut");
    t.equal(await again, [{ asked: 2 }]);
    socket.auth = { asked: "an object now" };
    const third = t.next(socket, "auth");
    socket.disconnect().connect();
    t.equal(await third, [{ asked: "an object now" }]);
  },
  async "4.3 retries and ackTimeout: sent again until acknowledged, so often at most"(t) {
    const socket = t.socket("/", { retries: 2, ackTimeout: 100 });
    const tries = [];
    socket.onAnyOutgoing((name) => tries.push(name));
    const lost = socket.emitWithAck("no such event");
    const found = socket.emitWithAck("echo", "found");
    await t.rejects(lost, "operation has timed out");
    t.equal(await t.within(found, "the ack"), "found");
    t.equal(tries, ["no such event", "no such event", "no such event", "echo"]);
  },
  async "4.3 ackTimeout: for every ack that asks for no other"(t) {
    const socket = await t.connected(t.socket("/", { ackTimeout: 30 }));
    await t.rejects(socket.emitWithAck("no such event"), "operation has timed out");
    const [error] = await t.ack(socket, "no such event");
    t.equal(error.message, "operation has timed out");
  },
};
