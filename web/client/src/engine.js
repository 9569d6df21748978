import { tell } from "./debug.js";
import { Emitter } from "./emitter.js";
import { countThatFits } from "./engine-packets.js";
import { timersFor } from "./timers.js";
import { available } from "./transports/available.js";
import { parseAddress } from "./url.js";

/**
 * @typedef {import("./engine-packets.js").EnginePacket} EnginePacket
 * @typedef {import("./transports/transport.js").Transport} Transport
 * @typedef {{compress?: boolean}} WriteOptions
 */

const DEFAULTS = {
  path: "/engine.io",
  addTrailingSlash: true,
  timestampParam: "t",
  upgrade: true,
  rememberUpgrade: false,
  tryAllTransports: false,
  forceBase64: false,
  withCredentials: false,
  closeOnBeforeunload: false,
  requestTimeout: 0,
  binaryType: "arraybuffer",
  transports: ["polling", "websocket", "webtransport"],
  transportOptions: {},
};

/** Whether the last connection of this page got as far as WebSocket: for `rememberUpgrade`. */
let webSocketWorked = false;

/** How long a WebSocket waits for WebTransport, which is better, to be first. */
const HEAD_START = 200;

/**
 * One Engine.IO 4 connection: opens a transport, upgrades it, keeps the order of what is written over the change, watches the heartbeat.
 * Fires `open, handshake, packet, packetCreate, data, message, drain, flush, heartbeat, ping, pong, upgrading, upgrade, upgradeError, error, close`.
 */
export class Engine extends Emitter {
  /** @type {"" | "opening" | "open" | "closing" | "closed"} */
  readyState = "";
  /** @type {string | null} */
  id = null;
  /** @type {any} */
  transport;
  /** @type {EnginePacket[]} */
  writeBuffer = [];
  upgrading = false;
  binaryType = "arraybuffer";
  #underWay = 0;
  /** @type {string[]} */
  #upgrades = [];
  /** @type {Set<Transport>} */
  #probes = new Set();
  #deadline = Infinity;
  /** @type {any} */
  #heartbeat;
  /** @type {any} */
  #headStart;
  /** @type {(() => void)[]} */
  #ended = [];

  /** @param {string | undefined} uri @param {any} options */
  constructor(uri, options) {
    super();
    const address = parseAddress(uri);
    this.opts = { ...DEFAULTS, ...options };
    this.binaryType = this.opts.binaryType;
    this.opts.path = this.opts.path.replace(/\/$/, "") + (this.opts.addTrailingSlash ? "/" : "");
    this.hostname = address.host;
    this.port = address.port;
    this.secure = address.secure;
    this.timers = timersFor(this.opts);
    this.kinds = available(this.opts);
    this.transports = [...this.kinds.keys()];
    if (typeof this.opts.query === "string") this.opts.query = Object.fromEntries(new URLSearchParams(this.opts.query));
    this.#watchPage();
    this.#open();
  }

  #open() {
    if (this.transports.length === 0) {
      this.readyState = "closed";
      return void this.timers.set(() => this.emitReserved("error", new Error("No transports available")), 0);
    }
    const remembered = this.opts.rememberUpgrade && webSocketWorked && this.transports.includes("websocket");
    this.readyState = "opening";
    this.#use(this.#create(remembered ? "websocket" : this.transports[0]));
    tell("engine.io-client", "opens", this.transport.name);
    this.transport.open();
  }

  /** @param {string} name @returns {Transport} */
  #create(name) {
    const query = { ...this.opts.query, EIO: 4, transport: name, ...(this.id ? { sid: this.id } : {}) };
    const Kind = this.kinds.get(name);
    const options = { ...this.opts, query, hostname: this.hostname, secure: this.secure, port: this.port, binaryType: this.binaryType };
    return new Kind({ ...options, ...this.opts.transportOptions[name] });
  }

  /** @param {Transport} transport */
  #use(transport) {
    this.transport?.off();
    this.transport = transport;
    transport
      .on("drain", () => this.#onDrain())
      .on("packet", (packet) => this.#onPacket(packet))
      .on("error", (error) => this.#onError(error))
      .on("close", (details) => this.#onClose("transport close", details));
  }

  // -- receiving ----------------------------------------------------------------------------------------------------

  /** @param {EnginePacket} packet */
  #onPacket(packet) {
    if (!["opening", "open", "closing"].includes(this.readyState)) return;
    tell("engine.io-client", "received", packet.type, packet.data);
    this.emitReserved("packet", packet);
    this.emitReserved("heartbeat");
    if (packet.type === "open") this.#onHandshake(packet.data);
    else if (packet.type === "ping") {
      this.#write("pong");
      this.emitReserved("ping");
      this.emitReserved("pong");
      this.#watchHeartbeat();
    } else if (packet.type === "message") {
      const data = packet.data ?? "";
      this.emitReserved("data", data);
      this.emitReserved("message", data);
    } else if (packet.type === "error") this.#onClose("parse error", new Error(packet.data));
  }

  /** @param {string} text */
  #onHandshake(text) {
    let handshake;
    try {
      handshake = JSON.parse(text);
    } catch (error) {
      return this.#onError(error);
    }
    this.id = handshake.sid;
    this.transport.query.sid = handshake.sid;
    this.#upgrades = (handshake.upgrades ?? []).filter((/** @type {string} */ name) => this.transports.includes(name));
    this.pingInterval = handshake.pingInterval;
    this.pingTimeout = handshake.pingTimeout;
    this.maxPayload = handshake.maxPayload;
    this.emitReserved("handshake", handshake);
    if (this.readyState === "closed") return;
    this.readyState = "open";
    webSocketWorked = this.transport.name === "websocket";
    this.emitReserved("open");
    this.flush();
    this.#watchHeartbeat();
    if (/** @type {string} */ (this.readyState) === "open" && this.opts.upgrade) this.#probeAll();
  }

  #watchHeartbeat() {
    this.timers.clear(this.#heartbeat);
    const patience = this.pingInterval + this.pingTimeout;
    if (!(patience > 0)) return;
    this.#deadline = Date.now() + patience;
    this.#heartbeat = this.timers.set(() => this.#onClose("ping timeout"), patience);
  }

  /** After a machine's sleep timers come late; the clock tells. The connection is then ended, on the next turn. */
  hasPingExpired() {
    if (Date.now() <= this.#deadline) return false;
    this.#deadline = Infinity;
    this.timers.set(() => this.#onClose("ping timeout"), 0);
    return true;
  }

  // -- sending ------------------------------------------------------------------------------------------------------

  /** @param {any} data @param {WriteOptions | (() => void)} [options] @param {() => void} [written] */
  write(data, options, written) {
    if (typeof options === "function") this.#write("message", data, {}, options);
    else this.#write("message", data, options, written);
    return this;
  }

  /** @param {any} data @param {WriteOptions | (() => void)} [options] @param {() => void} [written] */
  send(data, options, written) {
    return this.write(data, options, written);
  }

  /** @param {import("./engine-packets.js").EngineType} type @param {any} [data] @param {WriteOptions} [options] @param {() => void} [written] */
  #write(type, data, options, written) {
    if (this.readyState === "closing" || this.readyState === "closed") return;
    tell("engine.io-client", "sends", type, data);
    const packet = { type, data, options: { ...options, compress: options?.compress !== false } };
    this.emitReserved("packetCreate", packet);
    this.writeBuffer.push(packet);
    if (written) this.once("flush", written);
    this.flush();
  }

  flush() {
    if (this.readyState === "closed" || this.readyState === "opening" || !this.transport.writable || this.upgrading || !this.writeBuffer.length) return;
    const limited = this.maxPayload && this.transport.name === "polling";
    this.#underWay = limited ? countThatFits(this.writeBuffer, this.maxPayload) : this.writeBuffer.length;
    this.transport.send(this.writeBuffer.slice(0, this.#underWay));
    this.emitReserved("flush");
  }

  #onDrain() {
    this.writeBuffer.splice(0, this.#underWay);
    this.#underWay = 0;
    if (this.writeBuffer.length === 0) this.emitReserved("drain");
    else this.flush();
  }

  // -- upgrading ----------------------------------------------------------------------------------------------------

  #probeAll() {
    const better = this.#upgrades.includes("webtransport");
    for (const name of this.#upgrades) {
      if (!better || name !== "websocket") this.#probe(name);
      else this.#headStart = this.timers.set(() => this.transport.name === "polling" && this.#probe(name), HEAD_START);
    }
  }

  /** @param {string} name */
  #probe(name) {
    const probe = this.#create(name);
    /** @param {Error} error */
    const give = (error) => {
      if (!this.#probes.delete(probe)) return;
      tell("engine.io-client", "stays on", this.transport.name, error.message);
      probe.off();
      probe.close();
      this.upgrading = false;
      this.transport.resume?.();
      this.emitReserved("upgradeError", Object.assign(error, { transport: name }));
      this.flush();
    };
    /** @param {string} why @param {any} [description] */
    const fail = (why, description) => give(Object.assign(new Error(`probe error: ${why}`), { description }));
    this.#probes.add(probe);
    probe.on("open", () => probe.send([{ type: "ping", data: "probe" }]));
    probe.on("error", (error) => fail(error.message, error.description));
    probe.on("close", () => fail("transport closed"));
    probe.on("packet", (packet) => {
      if (packet.type !== "pong" || packet.data !== "probe") return fail(`the server answered ${packet.type}`);
      if (this.upgrading || this.readyState !== "open" || this.transport.name !== "polling") return fail("not needed any more");
      this.upgrading = true;
      this.emitReserved("upgrading", probe);
      this.transport.pause(() => {
        if (this.readyState === "closed" || !this.#probes.delete(probe)) return;
        probe.off();
        this.#use(probe);
        tell("engine.io-client", "upgraded to", name);
        webSocketWorked = name === "websocket";
        probe.send([{ type: "upgrade" }]);
        this.upgrading = false;
        this.emitReserved("upgrade", probe);
        this.flush();
      });
    });
    probe.open();
  }

  // -- ending -------------------------------------------------------------------------------------------------------

  /** Ends the connection once everything written has gone out and an upgrade under way is settled. */
  close() {
    if (this.readyState !== "opening" && this.readyState !== "open") return this;
    const open = this.readyState === "open";
    this.readyState = "closing";
    const end = () => {
      if (this.upgrading) this.once("upgrade", end).once("upgradeError", end);
      else if (open && this.writeBuffer.length) this.once("drain", end);
      else this.#onClose("forced close");
    };
    end();
    return this;
  }

  /** @param {any} error */
  #onError(error) {
    webSocketWorked = false;
    if (this.opts.tryAllTransports && this.transports.length > 1 && this.readyState === "opening") {
      this.transport.off();
      this.transport.close();
      this.transports.shift();
      return this.#open();
    }
    this.emitReserved("error", error);
    this.#onClose("transport error", error);
  }

  /** @param {string} reason @param {any} [details] */
  #onClose(reason, details) {
    if (!["opening", "open", "closing"].includes(this.readyState)) return;
    tell("engine.io-client", "closed", reason, details);
    this.timers.clear(this.#heartbeat);
    this.timers.clear(this.#headStart);
    for (const transport of [this.transport, ...this.#probes]) transport.off().close();
    this.#probes.clear();
    this.upgrading = false;
    for (const end of this.#ended) end();
    this.readyState = "closed";
    this.id = null;
    this.emitReserved("close", reason, details);
    this.writeBuffer = [];
    this.#underWay = 0;
  }

  #watchPage() {
    if (typeof addEventListener !== "function") return;
    /** @param {string} event @param {() => void} action */
    const watch = (event, action) => {
      addEventListener(event, action, false);
      this.#ended.push(() => removeEventListener(event, action, false));
    };
    if (this.opts.closeOnBeforeunload) watch("beforeunload", () => this.transport?.off().close());
    if (this.hostname !== "localhost") watch("offline", () => this.#onClose("transport close", { description: "network connection lost" }));
  }
}
