import { Watched } from "./catch-all.js";
import { tell } from "./debug.js";
import { listen } from "./emitter.js";
import { PacketType, RESERVED } from "./packet-types.js";
import { OutgoingQueue } from "./queue.js";

/**
 * @typedef {import("./packet-types.js").SocketPacket} SocketPacket
 * @typedef {((...args: any[]) => void) & {withError?: boolean}} Ack With `withError`, an error or null comes first.
 * @typedef {{timeout?: number, compress?: boolean, volatile?: boolean, fromQueue?: boolean}} Flags Of the next `emit`.
 */

const OLD_SERVER =
  "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible: allow Engine.IO 3 there, or use a client of version 2";

/** One namespace on a connection: what a user talks to. `emit` sends to the server; `connect`, `connect_error` and `disconnect` tell of the connection. */
export class Socket extends Watched {
  /** @type {string | undefined} */
  id;
  connected = false;
  /** Whether the server gave back the session, rooms and missed events of before the connection was lost. */
  recovered = false;
  /** @type {any[][]} Events that came before the server's answer to CONNECT. */
  receiveBuffer = [];
  /** @type {SocketPacket[]} Events emitted while not connected. */
  sendBuffer = [];
  /** @type {Map<number, Ack>} */
  acks = new Map();
  /** @type {Flags} */
  flags = {};
  #ids = 0;
  /** @type {string | undefined} */
  #pid;
  /** @type {string | undefined} */
  #lastOffset;
  /** @type {(() => void)[] | undefined} */
  #subscriptions;

  /** @param {import("./manager.js").Manager} manager @param {string} nsp @param {any} [options] */
  constructor(manager, nsp, options) {
    super();
    this.io = manager;
    this.nsp = nsp;
    this.auth = options?.auth;
    this._opts = { ...options };
    this._queue = new OutgoingQueue(this, this._opts.retries);
    if (manager._autoConnect) this.open();
  }

  get disconnected() {
    return !this.connected;
  }

  /** Whether it belongs to its manager, and so will connect again. */
  get active() {
    return this.#subscriptions !== undefined;
  }

  connect() {
    if (this.connected) return this;
    this.#subscriptions ??= [
      listen(this.io, "open", () => this.#onOpen()),
      listen(this.io, "packet", (packet) => this.#onPacket(packet)),
      listen(this.io, "error", (error) => this.connected || this.emitReserved("connect_error", error)),
      listen(this.io, "close", (reason, details) => this.#onClose(reason, details)),
    ];
    if (!this.io._reconnecting) this.io.open();
    if (this.io._readyState === "open") this.#onOpen();
    return this;
  }

  open() {
    return this.connect();
  }

  disconnect() {
    const { connected } = this;
    if (connected) this.#packet({ type: PacketType.DISCONNECT });
    this.#destroy();
    if (connected) this.#onClose("io client disconnect");
    return this;
  }

  close() {
    return this.disconnect();
  }

  // -- sending ------------------------------------------------------------------------------------------------------

  /** @param {...any} args As of a `message` event. */
  send(...args) {
    return this.emit("message", ...args);
  }

  /**
   * Sends an event; a function as last argument is called with what the server acknowledges.
   * @param {string} event
   * @param {...any} args
   */
  emit(event, ...args) {
    if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
    const { flags } = this;
    this.flags = {};
    args.unshift(event);
    if (this._opts.retries && !flags.fromQueue && !flags.volatile) {
      this._queue.add(args, flags);
      return this;
    }
    const { engine } = this.io;
    const writable = Boolean(engine?.transport?.writable);
    const waits = !this.connected || engine?.hasPingExpired();
    if (waits && !(flags.volatile && !writable)) this.#checkRoom(event);
    const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
    if (flags.volatile && !writable) return this.#drop(ack, flags);
    /** @type {Omit<SocketPacket, "nsp">} */
    const packet = { type: PacketType.EVENT, data: args, options: { compress: flags.compress !== false } };
    if (ack) this.#registerAck((packet.id = this.#ids++), ack, flags.timeout ?? this._opts.ackTimeout);
    if (waits) this.sendBuffer.push({ ...packet, nsp: this.nsp });
    else this.#sendEvent(packet);
    return this;
  }

  /**
   * @param {string} event
   * @param {...any} args
   * @returns {Promise<any>} What the server acknowledges.
   */
  emitWithAck(event, ...args) {
    return new Promise((resolve, reject) => {
      const settle = (/** @type {Error | null} */ error, /** @type {any} */ value) => (error ? reject(error) : resolve(value));
      settle.withError = true;
      this.emit(event, ...args, settle);
    });
  }

  /**
   * For the next `emit`: how long to wait for its acknowledgement.
   * @param {number} ms
   */
  timeout(ms) {
    this.flags.timeout = ms;
    return this;
  }

  /**
   * For the next `emit`.
   * @param {boolean} compress
   */
  compress(compress) {
    this.flags.compress = compress;
    return this;
  }

  /** The next `emit` is dropped when the transport cannot take it right now. */
  get volatile() {
    this.flags.volatile = true;
    return this;
  }

  /**
   * The option `sendBufferLimit`: an event beyond it is refused aloud, where it was emitted.
   * @param {string} event
   */
  #checkRoom(event) {
    const { sendBufferLimit } = this._opts;
    if (this.sendBuffer.length < (sendBufferLimit ?? Infinity)) return;
    throw new Error(`"${event}" was not sent: ${sendBufferLimit} events wait for the connection already (sendBufferLimit)`);
  }

  /**
   * A volatile event that cannot go now. Who waits for its ack is told, soon.
   * @param {Ack | undefined} ack
   * @param {Flags} flags
   */
  #drop(ack, flags) {
    if (ack?.withError || (ack && flags.timeout !== undefined)) {
      Promise.resolve().then(() => ack.call(this, new Error("the event was volatile and could not be sent at once")));
    }
    return this;
  }

  /** @param {number} id @param {Ack} ack @param {number | undefined} timeout */
  #registerAck(id, ack, timeout) {
    if (timeout === undefined) return void this.acks.set(id, ack);
    const timer = this.io.timers.set(() => {
      this.acks.delete(id);
      this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
      ack.call(this, new Error("operation has timed out"));
    }, timeout);
    const settle = (/** @type {any[]} */ ...args) => {
      this.io.timers.clear(timer);
      ack.apply(this, args);
    };
    settle.withError = true;
    this.acks.set(id, settle);
  }

  /** @param {Omit<SocketPacket, "nsp">} packet */
  #sendEvent(packet) {
    this._tellOutgoing(packet.data);
    this.#packet(packet);
  }

  /** @param {Omit<SocketPacket, "nsp">} packet */
  #packet(packet) {
    this.io._packet({ ...packet, nsp: this.nsp });
  }

  // -- receiving ----------------------------------------------------------------------------------------------------

  #onOpen() {
    const send = (/** @type {any} */ auth) => {
      const session = this.#pid ? { pid: this.#pid, offset: this.#lastOffset } : undefined;
      this.#packet({ type: PacketType.CONNECT, data: session ? { ...session, ...auth } : auth });
    };
    if (typeof this.auth === "function") this.auth(send);
    else send(this.auth);
  }

  /** @param {SocketPacket} packet */
  #onPacket({ type, nsp, data, id }) {
    if (nsp !== this.nsp) return;
    switch (type) {
      case PacketType.CONNECT:
        if (data?.sid) return this.#onConnect(data.sid, data.pid);
        return this.emitReserved("connect_error", new Error(OLD_SERVER));
      case PacketType.CONNECT_ERROR: {
        this.#destroy();
        const error = new Error(typeof data === "string" ? data : data.message);
        tell("socket.io-client", this.nsp, "refused:", error.message);
        return this.emitReserved("connect_error", Object.assign(error, { data: data.data }));
      }
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT: {
        const args = id === undefined ? data : [...data, this.#answer(id)];
        return this.connected ? this.#deliver(args) : void this.receiveBuffer.push(args);
      }
      case PacketType.ACK:
      case PacketType.BINARY_ACK: {
        const ack = this.acks.get(/** @type {number} */ (id));
        this.acks.delete(/** @type {number} */ (id));
        return ack?.apply(this, ack.withError ? [null, ...data] : data);
      }
      case PacketType.DISCONNECT:
        this.#destroy();
        return this.#onClose("io server disconnect");
    }
  }

  /** @param {string} sid @param {string | undefined} pid */
  #onConnect(sid, pid) {
    this.id = sid;
    this.recovered = Boolean(pid) && this.#pid === pid;
    this.#pid = pid;
    this.connected = true;
    tell("socket.io-client", this.nsp, this.recovered ? "recovered as" : "connected as", sid);
    for (const args of this.receiveBuffer.splice(0)) this.#deliver(args);
    for (const packet of this.sendBuffer.splice(0)) this.#sendEvent(packet);
    this._queue.drain(true);
    this.emitReserved("connect");
  }

  /** @param {any[]} args */
  #deliver(args) {
    // First, so that a listener that fails does not have the server send the event again after a recovery.
    const last = args.at(-1);
    if (this.#pid && typeof last === "string") this.#lastOffset = last;
    this._tellIncoming(args);
    this.emitReserved(.../** @type {[string, ...any]} */ (args));
  }

  /**
   * What a listener calls to acknowledge; the first call counts.
   * @param {number} id
   */
  #answer(id) {
    let answered = false;
    return (/** @type {any[]} */ ...data) => {
      if (answered) return;
      answered = true;
      this.#packet({ type: PacketType.ACK, id, data });
    };
  }

  // -- ending -------------------------------------------------------------------------------------------------------

  #destroy() {
    for (const end of this.#subscriptions ?? []) end();
    this.#subscriptions = undefined;
    this.io._destroy();
  }

  /** @param {string} reason @param {any} [details] */
  #onClose(reason, details) {
    tell("socket.io-client", this.nsp, "disconnected:", reason);
    this.connected = false;
    this.id = undefined;
    this.emitReserved("disconnect", reason, details);
    // What was sent cannot be answered any more; what still waits here can.
    for (const [id, ack] of [...this.acks]) {
      if (this.sendBuffer.some((packet) => packet.id === id)) continue;
      this.acks.delete(id);
      if (ack.withError) ack.call(this, new Error("socket has been disconnected"));
    }
  }
}
