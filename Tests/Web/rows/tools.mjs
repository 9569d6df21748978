// What the rows use, in Node and in a browser alike: sockets that end with their test, waits with a deadline, orders to the stand.

const DEADLINE = 10_000;

export class Tools {
  #sockets = [];

  /** @param settings `io`, `Manager`, `url`, `control`, `environment` (node, chromium), `server` (ours, foreign), `options` of each socket */
  constructor(settings) {
    Object.assign(this, settings);
  }

  /** A socket of its own connection. Attempts follow each other quickly. */
  socket(namespace = "/", options = {}) {
    return this.open(this.url + namespace, { forceNew: true, ...options });
  }

  open(address, options = {}) {
    const socket = this.io(address, { reconnectionDelay: 10, reconnectionDelayMax: 50, ...this.options, ...options });
    this.#sockets.push(socket);
    return socket;
  }

  manager(options = {}) {
    const manager = new this.Manager(this.url, { reconnectionDelay: 10, reconnectionDelayMax: 50, ...this.options, ...options });
    this.#sockets.push({ disconnect: () => manager.disconnect(), io: manager });
    return manager;
  }

  async connected(socket) {
    if (!socket.connected) await this.next(socket, "connect");
    return socket;
  }

  /** Connected, and on this transport. */
  async on(socket, name) {
    await this.connected(socket);
    await this.until(() => socket.io.engine.transport.name === name, `the transport ${name}`);
    return socket;
  }

  /** The arguments of the next such event. */
  next(emitter, event) {
    return this.within(new Promise((done) => emitter.once(event, (...args) => done(args))), `the event ${event}`);
  }

  ack(socket, event, ...args) {
    return this.within(new Promise((done) => socket.emit(event, ...args, (...answer) => done(answer))), `the ack of ${event}`);
  }

  collect(emitter, event) {
    const heard = [];
    emitter.on(event, (...args) => heard.push(args));
    return heard;
  }

  async until(condition, what) {
    const end = performance.now() + DEADLINE;
    while (!(await condition())) {
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

  async order(name) {
    const answer = await fetch(`${this.control}/${name}`, { method: "POST" });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** Ends every connection and takes no new one: browsers make up for a mere cut by asking again. Until the order `accept`. */
  async breakConnections() {
    await this.order("refuse");
    await this.order("cut");
  }

  /** What was asked of the server since the test began; with a socket, for its connection. */
  async requests(socket) {
    const seen = await (await fetch(`${this.control}/requests`)).json();
    const all = seen.map((request) => ({ ...request, query: Object.fromEntries(new URLSearchParams(request.url.split("?")[1])) }));
    return socket ? all.filter(({ query }) => query.EIO && (query.sid ?? socket.io.engine.id) === socket.io.engine.id) : all;
  }

  /** The first request of each connection. */
  async handshakes() {
    return (await this.requests()).filter(({ query }) => query.EIO && query.sid === undefined);
  }

  equal(got, expected) {
    const [a, b] = [text(got), text(expected)];
    if (a !== b) throw new Error(`expected ${b.slice(0, 400)}, got ${a.slice(0, 400)}`);
  }

  ok(value, what = "the condition") {
    if (!value) throw new Error(`${what} does not hold`);
  }

  throws(action, message) {
    try {
      action();
    } catch (error) {
      return this.ok(error.message.includes(message), `"${error.message}" contains "${message}"`);
    }
    throw new Error("nothing was thrown");
  }

  async rejects(promise, message) {
    const error = await this.within(promise.then(() => undefined, (error) => error), "a failure");
    this.ok(error && error.message.includes(message), `"${error?.message}" contains "${message}"`);
  }

  async close() {
    for (const socket of this.#sockets) {
      socket.disconnect();
      socket.io.disconnect();
    }
    for (const order of ["accept", "resume", "cut"]) await this.order(order);
  }
}

function plain(value) {
  if (value instanceof ArrayBuffer) value = new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return { "(binary)": Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object" && !(value instanceof Error)) return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]));
  return value === undefined ? "(undefined)" : value;
}
const text = (value) => JSON.stringify(plain(value));

/** Runs rows one after the other; a row that does not belong to this place says why. */
export async function runRows(rows, settings, report) {
  for (const [row, run] of Object.entries(rows)) {
    if (settings.only && !row.includes(settings.only)) continue;
    const tools = new Tools(settings);
    await tools.order("clear");
    try {
      const skipped = await run(tools);
      await report({ check: row, ok: true, ...(typeof skipped === "string" ? { skipped } : {}) });
    } catch (error) {
      await report({ check: row, ok: false, error: `${error.message}` });
    }
    await tools.close();
  }
}
