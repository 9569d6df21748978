import { Emitter } from "../emitter.js";
import { encodeQuery } from "../url.js";

/** Why a transport failed, with what the server answered: status in `description`, the whole answer in `context`. */
export class TransportError extends Error {
  type = "TransportError";

  /** @param {string} message @param {any} [description] @param {any} [context] */
  constructor(message, description, context) {
    super(message);
    this.description = description;
    this.context = context;
  }
}

/**
 * One way of carrying Engine.IO packets. Fires `open`, `packet`, `drain`, `error`, `close`.
 * @abstract
 */
export class Transport extends Emitter {
  /** Whether packets can be taken right now. */
  writable = false;
  /** @type {"" | "opening" | "open" | "pausing" | "paused" | "closed"} */
  readyState = "";

  /** @param {any} options The engine's, completed for this transport. */
  constructor(options) {
    super();
    /** @type {any} */
    this.opts = options;
    this.query = options.query;
    this.supportsBinary = !options.forceBase64;
  }

  /** @returns {string} */
  get name() {
    return "";
  }

  open() {
    this.readyState = "opening";
    this.doOpen();
    return this;
  }

  close() {
    if (this.readyState === "closed" || this.readyState === "") return this;
    this.doClose();
    this.onClose();
    return this;
  }

  /** @param {import("../engine-packets.js").EnginePacket[]} packets */
  send(packets) {
    this.writable = false;
    this.write(packets);
  }

  doOpen() {}
  doClose() {}
  /** @param {import("../engine-packets.js").EnginePacket[]} packets */
  write(packets) {}
  /** @param {() => void} paused */
  pause(paused) {}

  onOpen() {
    this.readyState = "open";
    this.writable = true;
    this.emitReserved("open");
  }

  /** @param {string} message @param {any} [description] @param {any} [context] */
  onError(message, description, context) {
    if (this.readyState !== "closed") this.emitReserved("error", new TransportError(message, description, context));
  }

  /** @param {any} [details] */
  onClose(details) {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.writable = false;
    this.emitReserved("close", details);
  }

  /** @param {"http" | "ws" | "https"} scheme an "s" is added where the address is a secure one @param {boolean} stamped whether no cache may know the address */
  uri(scheme, stamped) {
    const { secure, hostname, port, path, timestampParam } = this.opts;
    const query = { ...this.query };
    if (stamped) query[timestampParam] = Math.random().toString(36).slice(2, 10).padEnd(8, "0");
    if (!this.supportsBinary) query.b64 = 1;
    const standard = secure ? "443" : "80";
    return `${scheme}${secure && scheme !== "https" ? "s" : ""}://${hostname}${port === standard ? "" : `:${port}`}${path}?${encodeQuery(query)}`;
  }
}
