// What a browser client must be able to do with a playground server. Loaded into a page beside a Socket.IO client file
// (the official one or ours): `runChecks(io, settings, report)` calls `report({check, ok, error?})` once per check.

(() => {
  const DEADLINE = 10_000;

  const checks = {
    async "connects and receives the auth event"(t) {
      const socket = t.socket("/", { auth: { user: "ann", n: 1 } });
      const auth = t.next(socket, "auth");
      await t.connected(socket);
      t.equal(await auth, [{ user: "ann", n: 1 }]);
      t.equal(typeof socket.id, "string");
    },
    async "receives {} as auth when it sent none"(t) {
      const socket = t.socket("/");
      t.equal(await t.next(socket, "auth"), [{}]);
    },
    async "takes the auth from a function"(t) {
      const socket = t.socket("/", { auth: (give) => give({ token: "abc" }) });
      t.equal(await t.next(socket, "auth"), [{ token: "abc" }]);
    },
    async "ends on the transport that was asked for"(t) {
      const socket = await t.connected(t.socket("/"));
      const wanted = t.transports.at(-1);
      await t.until(() => socket.io.engine.transport.name === wanted, `transport ${wanted}`);
      const me = await t.ask(socket, "whoami");
      t.equal(me, { id: socket.id, nickname: null, namespace: "/", transport: wanted, rooms: [], auth: {} });
    },
    async "sends and receives events with several arguments"(t) {
      const socket = await t.connected(t.socket("/"));
      const values = [1, "two", { three: [3, null, true, false], nested: { deep: [[[]]] } }, 4.5, -0.25, "", [], {}];
      t.equal(await t.answer(socket, "message-back", "message", ...values), values);
      t.equal(await t.answer(socket, "message-back", "message"), []);
      t.equal(await t.answer(socket, "message-back", "message", null), [null]);
      t.equal(await t.answer(socket, "message-back", "message", 9007199254740991, -1e21), [9007199254740991, -1e21]);
    },
    async "carries every kind of text"(t) {
      const socket = await t.connected(t.socket("/"));
      const texts = ["zażółć gęślą jaźń", "日本語", "👩‍👩‍👧‍👦 🇨🇭", "e\u0301", 'quote " backslash \\ slash /', "\u0000\u0001\u001e\n\r\t", "\u2028\u2029", "42[\"x\"]"];
      t.equal(await t.answer(socket, "message-back", "message", ...texts), texts);
      t.equal(await t.all(socket, "echo", ...texts), texts);
    },
    async "receives acks"(t) {
      const socket = await t.connected(t.socket("/"));
      t.equal(await t.all(socket, "message-with-ack", 1, "2", { 3: [false] }), [1, "2", { 3: [false] }]);
      t.equal(await t.all(socket, "message-with-ack"), []);
      t.equal(await t.all(socket, "echo", null), [null]);
      t.equal(await socket.timeout(DEADLINE).emitWithAck("echo", "woot"), "woot");
      const many = await Promise.all(Array.from({ length: 50 }, (_, i) => t.ask(socket, "echo", i)));
      t.equal(many, Array.from({ length: 50 }, (_, i) => i));
    },
    async "receives an echo event when it asked for no ack"(t) {
      const socket = await t.connected(t.socket("/"));
      t.equal(await t.answer(socket, "echo", "echo", "hello", 5), ["hello", 5]);
    },
    async "answers acks that the server asks for"(t) {
      const socket = await t.connected(t.socket("/"));
      socket.on("question", (...args) => args.pop()("life", { is: 42 }, args));
      t.equal(await t.answer(socket, "answer", "ask", "what", 7), ["life", { is: 42 }, ["what", 7]]);
    },
    async "sends and receives binary in events"(t) {
      const socket = await t.connected(t.socket("/"));
      const bytes = t.bytes(0, 1, 2, 255, 30, 52);
      t.equal(await t.answer(socket, "message-back", "message", bytes), [bytes]);
      t.equal(await t.answer(socket, "message-back", "message", bytes.buffer), [bytes]);
      const deep = ["a", { b: [t.bytes(1), { c: t.bytes(2, 2) }], d: null }, t.bytes(), 3];
      t.equal(await t.answer(socket, "message-back", "message", ...deep), deep);
      t.equal(await t.answer(socket, "message-back", "message", "text after binary"), ["text after binary"]);
    },
    async "sends and receives binary in acks"(t) {
      const socket = await t.connected(t.socket("/"));
      const deep = [{ x: [t.bytes(9, 8, 7)], y: "z" }, t.bytes(6)];
      t.equal(await t.all(socket, "message-with-ack", ...deep), deep);
      socket.on("question", (...args) => args.pop()({ got: args, more: t.bytes(5) }));
      t.equal(await t.answer(socket, "answer", "ask", t.bytes(4, 3)), [{ got: [t.bytes(4, 3)], more: t.bytes(5) }]);
    },
    async "joins rooms, casts to them and leaves them"(t) {
      const [a, b, c] = await t.crowd(3);
      t.equal(await t.ask(a, "join", "red"), ["red"]);
      t.equal(await t.ask(a, "join", "blue"), ["blue", "red"]);
      t.equal(await t.ask(a, "join", "red"), ["blue", "red"]);
      t.equal(await t.ask(b, "join", "red"), ["red"]);
      const [heardA, heardB, heardC] = [a, b, c].map((socket) => t.collect(socket, "cast"));
      a.emit("cast", "red", "one", 1, t.bytes(1));
      await t.until(() => heardA.length === 1 && heardB.length === 1, "the cast at both members");
      c.emit("cast", "red", "two");
      await t.until(() => heardA.length === 2 && heardB.length === 2, "the cast of a non-member");
      t.equal(await t.ask(b, "leave", "red"), []);
      a.emit("cast", "red", "three");
      await t.until(() => heardA.length === 3, "the cast after the other left");
      await Promise.all([b, c].map((socket) => t.ask(socket, "echo", "flush")));
      t.equal(heardA, [["red", "one", 1, t.bytes(1)], ["red", "two"], ["red", "three"]]);
      t.equal(heardB, [["red", "one", 1, t.bytes(1)], ["red", "two"]]);
      t.equal(heardC, []);
      t.equal((await t.ask(a, "whoami")).rooms, ["blue", "red"]);
    },
    async "shouts to everyone else"(t) {
      const [a, b, c] = await t.crowd(3, "/custom");
      const word = t.unique();
      const heard = [a, b, c].map((socket) => t.collect(socket, "shout", (args) => args[0] === word));
      a.emit("shout", word, { loud: true });
      await t.until(() => heard[1].length && heard[2].length, "the shout at both others");
      await t.ask(a, "echo", "flush");
      t.equal(heard, [[], [[word, { loud: true }]], [[word, { loud: true }]]]);
    },
    async "sends a message to one socket"(t) {
      const [a, b, c] = await t.crowd(3);
      const heard = [a, b, c].map((socket) => t.collect(socket, "dm"));
      a.emit("dm", b.id, "psst", 1);
      await t.until(() => heard[1].length, "the dm");
      await Promise.all([a, c].map((socket) => t.ask(socket, "echo", "flush")));
      t.equal(heard, [[], [[a.id, "psst", 1]], []]);
    },
    async "chats under a nickname"(t) {
      const [a, b] = await t.crowd(2);
      const word = t.unique();
      const ready = t.next(a, "ready");
      t.equal(await t.ask(a, "set nickname", "Zoë"), true);
      t.equal(await ready, []);
      const heard = [a, b].map((socket) => t.collect(socket, "chat message", ([m]) => m.text === word));
      a.emit("chat message", word);
      b.emit("chat message", word);
      await t.until(() => heard[0].length === 2 && heard[1].length === 2, "both messages at both");
      const [first, second] = heard[0].map(([message]) => message).sort((x) => (x.from === "Zoë" ? -1 : 1));
      t.equal([first.from, second.from], ["Zoë", b.id]);
      t.equal(Object.keys(first).sort(), ["at", "from", "id", "text"]);
      t.equal(new Date(first.at).toISOString().slice(0, 10).length, 10);
      t.equal((await t.ask(a, "whoami")).nickname, "Zoë");
    },
    async "redeems a ticket once"(t) {
      const socket = await t.connected(t.socket("/"));
      const ticket = await t.ask(socket, "ticket");
      t.equal(/^[A-Za-z]{16}$/.test(ticket), true);
      t.equal(await t.ask(socket, "redeem", ticket), true);
      t.equal(await t.ask(socket, "redeem", ticket), false);
      t.equal(await t.ask(socket, "redeem", "never handed out"), false);
      t.equal(Number.isNaN(Date.parse((await t.ask(socket, "time")).at)), false);
    },
    async "is told of a wrong argument and goes on"(t) {
      const socket = await t.connected(t.socket("/"));
      t.equal(typeof (await t.ask(socket, "join")).error, "string");
      const [problem] = await t.answer(socket, "problem", "cast");
      t.equal(typeof problem.error, "string");
      t.equal(await t.ask(socket, "echo", "still here"), "still here");
    },
    async "uses two namespaces over one connection"(t) {
      const root = t.socket("/", { forceNew: false, multiplex: true });
      const custom = t.socket("/custom", { forceNew: false, multiplex: true, auth: { for: "custom" } });
      t.equal(await t.next(custom, "auth"), [{ for: "custom" }]);
      await Promise.all([root, custom].map((socket) => t.connected(socket)));
      t.equal(root.io === custom.io, true);
      t.equal(root.id === custom.id, false);
      t.equal((await t.ask(custom, "whoami")).namespace, "/custom");
      const heard = t.collect(root, "message-back");
      t.equal(await t.answer(custom, "message-back", "message", "only here", t.bytes(1)), ["only here", t.bytes(1)]);
      await t.ask(root, "echo", "flush");
      t.equal(heard, []);
      custom.disconnect();
      t.equal(await t.ask(root, "echo", "root goes on"), "root goes on");
    },
    async "is refused at /private without the token"(t) {
      const socket = t.socket("/private");
      const [error] = await t.next(socket, "connect_error");
      t.equal([error instanceof Error, error.message, error.data], [true, "unauthorized", { code: 401 }]);
      t.equal(socket.connected, false);
    },
    async "is let into /private with the token"(t) {
      const socket = t.socket("/private", { auth: { token: "letmein" } });
      t.equal(await t.next(socket, "auth"), [{ token: "letmein" }]);
      t.equal(await t.ask(socket, "echo", 1), 1);
    },
    async "is told that a namespace does not exist"(t) {
      const socket = t.socket("/no-such-namespace");
      const [error] = await t.next(socket, "connect_error");
      t.equal(error.message, "Invalid namespace");
    },
    async "learns that the server kicked it"(t) {
      const socket = await t.connected(t.socket("/"));
      socket.emit("kick");
      t.equal((await t.next(socket, "disconnect"))[0], "io server disconnect");
      t.equal(socket.connected, false);
    },
    async "leaves by itself and comes back under a new id"(t) {
      const socket = await t.connected(t.socket("/"));
      const before = socket.id;
      const left = t.next(socket, "disconnect");
      socket.disconnect();
      t.equal((await left)[0], "io client disconnect");
      socket.connect();
      await t.connected(socket);
      t.equal(socket.id !== before, true);
      t.equal(await t.ask(socket, "echo", "again"), "again");
    },
    async "carries 200 kB of text and of binary"(t) {
      const socket = await t.connected(t.socket("/"));
      const text = "Größe ".repeat(32_000).slice(0, 180_000);
      t.equal((await t.all(socket, "echo", text))[0] === text, true);
      const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) & 255);
      t.equal(await t.answer(socket, "message-back", "message", bytes), [bytes]);
    },
    async "keeps 200 events in order from the first moment on, through the upgrade"(t) {
      const socket = t.socket("/");
      const heard = t.collect(socket, "message-back");
      for (let i = 0; i < 100; i++) socket.emit("message", i);
      await t.connected(socket);
      for (let i = 100; i < 150; i++) socket.emit("message", i, t.bytes(i));
      for (let i = 150; i < 200; i++) {
        socket.emit("message", i);
        if (i % 5 === 0) await new Promise((done) => setTimeout(done, 2));
      }
      await t.until(() => heard.length >= 200, "200 answers");
      t.equal(heard.map((args) => args[0]), Array.from({ length: 200 }, (_, i) => i));
    },
  };

  const plain = (value) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (ArrayBuffer.isView(value)) return { "(binary)": Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    if (Array.isArray(value)) return value.map(plain);
    if (value && typeof value === "object" && !(value instanceof Error)) {
      return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]));
    }
    return value;
  };
  const text = (value) => JSON.stringify(plain(value)) ?? "undefined";
  const short = (string) => (string.length > 300 ? `${string.slice(0, 300)}… (${string.length} characters)` : string);

  class Tools {
    constructor(io, settings) {
      Object.assign(this, settings, { io, sockets: [] });
    }
    socket(namespace, options = {}) {
      const base = this.url.replace(/\/$/, "");
      const socket = this.io(base + namespace, {
        transports: this.transports, forceNew: true, reconnection: false, timeout: DEADLINE, path: this.path, ...options,
      });
      this.sockets.push(socket);
      return socket;
    }
    async crowd(count, namespace = "/") {
      const sockets = Array.from({ length: count }, () => this.socket(namespace));
      await Promise.all(sockets.map((socket) => this.connected(socket)));
      return sockets;
    }
    async connected(socket) {
      if (!socket.connected) {
        await Promise.race([
          this.next(socket, "connect"),
          this.next(socket, "connect_error").then(([error]) => { throw new Error(`connect_error: ${error.message}`); }),
        ]);
      }
      return socket;
    }
    next(socket, event) {
      return this.within(new Promise((done) => socket.once(event, (...args) => done(args))), `the event ${event}`);
    }
    answer(socket, expected, event, ...args) {
      const answer = this.next(socket, expected);
      socket.emit(event, ...args);
      return answer;
    }
    all(socket, event, ...args) {
      return this.within(new Promise((done) => socket.emit(event, ...args, (...answer) => done(answer))), `the ack of ${event}`);
    }
    async ask(socket, event, ...args) {
      return (await this.all(socket, event, ...args))[0];
    }
    collect(socket, event, filter = () => true) {
      const heard = [];
      socket.on(event, (...args) => { if (filter(args)) heard.push(args); });
      return heard;
    }
    async until(condition, what) {
      const end = performance.now() + DEADLINE;
      while (!condition()) {
        if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
        await new Promise((done) => setTimeout(done, 5));
      }
    }
    within(promise, what) {
      let timer;
      const late = new Promise((_, fail) => {
        timer = setTimeout(() => fail(new Error(`waited in vain for ${what}`)), DEADLINE);
      });
      const first = Promise.race([promise, late]).finally(() => clearTimeout(timer));
      first.catch(() => {});
      return first;
    }
    equal(got, expected) {
      const [a, b] = [text(got), text(expected)];
      if (a !== b) throw new Error(`expected ${short(b)}, got ${short(a)}`);
    }
    bytes(...values) { return Uint8Array.from(values); }
    unique() { return `word ${Math.random().toString(36).slice(2)}`; }
    close() { for (const socket of this.sockets) socket.disconnect(); }
  }

  globalThis.runChecks = async (io, settings, report) => {
    for (const [check, run] of Object.entries(checks)) {
      if (settings.only && !check.includes(settings.only)) continue;
      const tools = new Tools(io, settings);
      try {
        await run(tools);
        await report({ check, ok: true });
      } catch (error) {
        await report({ check, ok: false, error: error.message });
      }
      tools.close();
    }
  };
})();
