// Sections 4.1 and 4.2 of the behaviour notes: how an app gets hold of the client, and what `io(url, options)` makes of an address.

const idle = { autoConnect: false };

export default {
  "4.1 io carries Manager, Socket, io and connect"(t) {
    t.equal([typeof t.io.Manager, typeof t.io.Socket, t.io.io === t.io, t.io.connect === t.io], ["function", "function", true, true]);
    const socket = t.open(t.url, { ...idle, forceNew: true });
    t.ok(socket instanceof t.io.Socket && socket.io instanceof t.io.Manager, "sockets and managers are instances of these");
  },
  "4.1 io.debug tells on the console, and stops"(t) {
    const { debug } = console;
    const lines = [];
    console.debug = (...args) => lines.push(args.join(" "));
    try {
      t.io.debug("socket.io-client");
      t.open(t.url, { ...idle, forceNew: true }).emit("x");
      t.socket("/", idle).io.emitReserved("packet", { type: 0, nsp: "/", data: { sid: "s" } });
      const socket = t.socket("/", idle);
      socket.connect();
      socket.io.emitReserved("packet", { type: 4, nsp: "/", data: { message: "no" } });
      t.io.debug(false);
      socket.connect().disconnect();
    } finally {
      console.debug = debug;
      t.io.debug(false);
    }
    t.equal(lines, ["socket.io-client / refused: no"]);
  },
  async "4.2 without an address it is the page's own server"(t) {
    if (t.environment === "node") {
      t.throws(() => t.io({ ...idle, forceNew: true }), "needs an address");
      return;
    }
    const socket = t.open(undefined, { forceNew: true });
    await t.connected(socket);
    t.equal([socket.nsp, socket.io.engine.hostname, socket.io.engine.port], ["/", location.hostname, location.port]);
  },
  async "4.2 an address that begins with a slash is a namespace of the page's server"(t) {
    if (t.environment === "node") return t.throws(() => t.io("/custom", idle), "needs an address");
    const socket = await t.connected(t.open("/custom", { forceNew: true }));
    t.equal((await t.ack(socket, "whoami"))[0].namespace, "/custom");
  },
  async "4.2 an address without a protocol takes the page's"(t) {
    const host = new URL(t.url).host;
    if (t.environment === "node") return void t.equal(t.open(host, { ...idle, forceNew: true }).io.uri, `https://${host}`);
    for (const address of [host, `//${host}`]) await t.connected(t.open(address, { forceNew: true }));
  },
  async "4.2 the path is the namespace, the query goes with each request"(t) {
    const socket = await t.connected(t.open(`${t.url}/custom?room=%C3%A4&n=1`, { forceNew: true }));
    t.equal(socket.nsp, "/custom");
    const [first] = await t.handshakes();
    t.equal([first.query.room, first.query.n], ["ä", "1"]);
  },
  async "4.2 the option query wins over the address"(t) {
    await t.connected(t.open(`${t.url}/?from=address`, { forceNew: true, query: { from: "option" } }));
    t.equal((await t.handshakes())[0].query.from, "option");
  },
  async "4.2 ws:// and wss:// are addresses too"(t) {
    await t.connected(t.open(t.url.replace("http", "ws"), { forceNew: true }));
    t.equal([t.open("wss://host.example", { ...idle, forceNew: true }).io.uri], ["wss://host.example"]);
    t.throws(() => t.open("ftp://host.example", idle), "use http, https, ws or wss");
  },
  "4.2 one connection serves all namespaces of a server, ports and all"(t) {
    const share = (a, b, options) => t.open(a, idle).io === t.open(b, { ...idle, ...options }).io;
    t.ok(share("http://a.example/x", "http://a.example:80/y"), "port 80 is http's own");
    t.ok(share("https://b.example/x", "https://b.example:443/y"), "port 443 is https's own");
    t.ok(!share("http://c.example/x", "https://c.example/y"), "another scheme is another connection");
    t.ok(!share("http://d.example/x", "http://d.example:81/y"), "another port is another connection");
    t.ok(!share("http://e.example/x", "http://e.example/y", { path: "/other" }), "another path is another connection");
  },
  "4.2 a connection is not shared if that was asked for, or the namespace is taken"(t) {
    const first = t.open("http://f.example/x", idle);
    for (const options of [{ forceNew: true }, { "force new connection": true }, { multiplex: false }]) {
      t.ok(t.open("http://f.example/y", { ...idle, ...options }).io !== first.io, JSON.stringify(options));
    }
    t.ok(t.open("http://f.example/x", idle).io !== first.io, "the same namespace again");
    t.ok(t.open("http://f.example/z", idle).io === first.io, "another namespace");
  },
};
