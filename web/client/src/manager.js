import { Backoff } from "./backoff.js";
import { tell } from "./debug.js";
import { Emitter, listen } from "./emitter.js";
import { Engine } from "./engine.js";
import { Socket } from "./socket.js";
import { timersFor } from "./timers.js";

/** @typedef {import("./packet-types.js").SocketPacket} SocketPacket */

/**
 * One connection and the namespaces on it; connects again when it is lost.
 * Fires `open, error, ping, packet, close, reconnect_attempt, reconnect_error, reconnect_failed, reconnect`.
 */
export class Manager extends Emitter {
  /** @type {Record<string, Socket>} */
  nsps = {};
  /** @type {Engine | undefined} */
  engine;
  /** @type {"closed" | "opening" | "open"} */
  _readyState = "closed";
  _reconnecting = false;
  #skipReconnect = false;
  /** @type {(() => void)[]} */
  #subscriptions = [];

  /** @param {any} [uri] @param {any} [options] */
  constructor(uri, options) {
    super();
    if (typeof uri === "object") [uri, options] = [undefined, uri];
    /** @type {string | undefined} */
    this.uri = uri;
    this.opts = { ...options, path: options?.path || "/socket.io" };
    const { opts } = this;
    this.timers = timersFor(opts);
    this.backoff = new Backoff({ min: opts.reconnectionDelay ?? 1000, max: opts.reconnectionDelayMax ?? 5000, jitter: opts.randomizationFactor ?? 0.5 });
    this.reconnection(opts.reconnection !== false);
    this.reconnectionAttempts(opts.reconnectionAttempts || Infinity);
    this.timeout(opts.timeout ?? 20000);
    this._autoConnect = opts.autoConnect !== false;
    const { Encoder, Decoder } = opts.parser ?? Manager.parser;
    this.encoder = new Encoder();
    this.decoder = new Decoder();
    if (this._autoConnect) this.open();
  }

  // Each of these gives its value, or takes a new one and gives the manager.

  /** @param {boolean} [value] @returns {any} */
  reconnection(value) {
    if (value === undefined) return this._reconnection;
    this._reconnection = Boolean(value);
    if (!value) this.#skipReconnect = true;
    return this;
  }

  /** @param {number} [value] @returns {any} */
  reconnectionAttempts(value) {
    if (value === undefined) return this._reconnectionAttempts;
    this._reconnectionAttempts = value;
    return this;
  }

  /** @param {number} [value] @returns {any} */
  reconnectionDelay(value) {
    return this.#backoffSetting("min", value);
  }

  /** @param {number} [value] @returns {any} */
  reconnectionDelayMax(value) {
    return this.#backoffSetting("max", value);
  }

  /** @param {number} [value] @returns {any} */
  randomizationFactor(value) {
    return this.#backoffSetting("jitter", value);
  }

  /** @param {"min" | "max" | "jitter"} name @param {number} [value] */
  #backoffSetting(name, value) {
    if (value === undefined) return this.backoff[name];
    this.backoff[name] = value;
    return this;
  }

  /** @param {number | false} [value] @returns {any} */
  timeout(value) {
    if (value === undefined) return this._timeout;
    this._timeout = value;
    return this;
  }

  /** @param {(error?: Error) => void} [done] Called once; with it, a failure is the caller's to act on. */
  open(done) {
    if (this._readyState !== "closed") return this;
    const engine = (this.engine = new Engine(this.uri, this.opts));
    this._readyState = "opening";
    this.#skipReconnect = false;
    /** @param {Error} error */
    const fail = (error) => {
      this.#cleanUp();
      this._readyState = "closed";
      this.emitReserved("error", error);
      if (done) done(error);
      else if (!this._reconnecting && this._reconnection && this.backoff.attempts === 0) this.#reconnect();
    };
    this.#subscriptions.push(
      listen(engine, "open", () => {
        this.#onOpen();
        done?.();
      }),
      listen(engine, "error", fail),
      // Without an error before it: the page went offline, or the server said goodbye during the handshake.
      listen(engine, "close", (reason, details) => fail(Object.assign(new Error(details?.description ?? reason), { description: details }))),
    );
    if (typeof this._timeout === "number") {
      const timer = this.timers.set(() => {
        fail(new Error("timeout"));
        engine.close();
      }, this._timeout);
      this.#subscriptions.push(() => this.timers.clear(timer));
    }
    return this;
  }

  /** @param {(error?: Error) => void} [done] */
  connect(done) {
    return this.open(done);
  }

  #onOpen() {
    this.#cleanUp();
    this._readyState = "open";
    const engine = /** @type {Engine} */ (this.engine);
    this.#subscriptions.push(
      listen(engine, "ping", () => this.emitReserved("ping")),
      listen(engine, "error", (error) => this.emitReserved("error", error)),
      listen(engine, "close", (reason, details) => this.#onClose(reason, details)),
      listen(engine, "data", (data) => this.#onData(data)),
      listen(this.decoder, "decoded", (packet) => this.#dispatch(packet)),
    );
    this.emitReserved("open");
  }

  /** @param {any} data */
  #onData(data) {
    try {
      this.decoder.add(data);
    } catch (error) {
      this.#onClose("parse error", error);
    }
  }

  /**
   * In arrival order, at once: an event right before the end of a connection is delivered. A listener's failure stops nothing.
   * @param {SocketPacket} packet
   */
  #dispatch(packet) {
    try {
      this.emitReserved("packet", packet);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }

  /**
   * The socket of a namespace.
   * @param {string} nsp
   * @param {any} [options]
   * @returns {Socket}
   */
  socket(nsp, options) {
    let socket = this.nsps[nsp];
    if (!socket) socket = this.nsps[nsp] = new Socket(this, nsp, options);
    else if (this._autoConnect && !socket.active) socket.connect();
    return socket;
  }

  /** A socket has left; with the last one the connection ends. */
  _destroy() {
    if (!Object.values(this.nsps).some((socket) => socket.active)) this._close();
  }

  /** @param {SocketPacket} packet */
  _packet(packet) {
    for (const part of this.encoder.encode(packet)) this.engine?.write(part, packet.options);
  }

  _close() {
    this.#skipReconnect = true;
    this._reconnecting = false;
    this.#onClose("forced close");
  }

  disconnect() {
    this._close();
  }

  #cleanUp() {
    for (const end of this.#subscriptions) end();
    this.#subscriptions = [];
    this.decoder.destroy();
  }

  /** @param {string} reason @param {any} [details] */
  #onClose(reason, details) {
    this.#cleanUp();
    this.engine?.close();
    this.backoff.reset();
    this._readyState = "closed";
    this.emitReserved("close", reason, details);
    if (this._reconnection && !this.#skipReconnect) this.#reconnect();
  }

  #reconnect() {
    if (this._reconnecting || this.#skipReconnect) return;
    if (this.backoff.attempts >= (this._reconnectionAttempts ?? Infinity)) {
      this.backoff.reset();
      this.emitReserved("reconnect_failed");
      return;
    }
    this._reconnecting = true;
    const attempt = () => {
      stopWaiting();
      if (this.#skipReconnect) return;
      tell("socket.io-client", "connects again, attempt", this.backoff.attempts);
      this.emitReserved("reconnect_attempt", this.backoff.attempts);
      if (this.#skipReconnect) return;
      this.open((error) => {
        if (!error) return this.#onReconnect();
        this._reconnecting = false;
        this.#reconnect();
        this.emitReserved("reconnect_error", error);
      });
    };
    const timer = this.timers.set(attempt, this.backoff.duration());
    const stopWaiting = () => {
      this.timers.clear(timer);
      globalThis.removeEventListener?.("online", attempt);
    };
    // The network is back: no reason to wait for the timer.
    globalThis.addEventListener?.("online", attempt);
    this.#subscriptions.push(stopWaiting);
  }

  #onReconnect() {
    const attempt = this.backoff.attempts;
    this._reconnecting = false;
    this.backoff.reset();
    this.emitReserved("reconnect", attempt);
  }
}

/**
 * How packets are written where the option `parser` does not say; each bundle sets its own.
 * @type {any}
 */
Manager.parser = undefined;
