import { decodePacket, encodePacket, withBlobsRead } from "../engine-packets.js";
import { Transport } from "./transport.js";

/** One WebSocket: a packet is a message. In Node without a WebSocket of its own, the option `WebSocket` names one (the package ws). */
export class WebSocketTransport extends Transport {
  /** @type {any} */
  ws;

  get name() {
    return "websocket";
  }

  doOpen() {
    try {
      this.ws = this.#create(this.uri("ws", Boolean(this.opts.timestampRequests)));
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      return void Promise.resolve().then(() => this.onError(`websocket error (${message})`, error));
    }
    this.ws.binaryType = "arraybuffer";
    this.ws.onopen = () => this.onOpen();
    this.ws.onmessage = (/** @type {MessageEvent} */ { data }) => this.emitReserved("packet", decodePacket(data, this.opts.binaryType));
    this.ws.onclose = (/** @type {CloseEvent} */ event) => this.onClose({ description: "websocket connection closed", context: event });
    this.ws.onerror = (/** @type {any} */ event) => {
      const why = event?.message || `no WebSocket to ${this.opts.hostname}:${this.opts.port}; browsers do not say why`;
      this.onError(`websocket error (${why})`, event, event);
    };
  }

  /** @param {string} address */
  #create(address) {
    const { protocols, extraHeaders, WebSocket: injected } = this.opts;
    if (!injected) return protocols ? new globalThis.WebSocket(address, protocols) : new globalThis.WebSocket(address);
    const { agent, pfx, key, passphrase, cert, ca, ciphers, rejectUnauthorized, perMessageDeflate } = this.opts;
    const given = { agent, pfx, key, passphrase, cert, ca, ciphers, rejectUnauthorized, perMessageDeflate, headers: extraHeaders };
    return new injected(address, protocols ?? [], Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  }

  /** @param {import("../engine-packets.js").EnginePacket[]} packets */
  write(packets) {
    const ready = withBlobsRead(packets);
    if (Array.isArray(ready)) this.#send(ready);
    else ready.then((read) => this.#send(read));
  }

  /** @param {import("../engine-packets.js").EnginePacket[]} packets */
  #send(packets) {
    for (const packet of packets) {
      if (this.readyState !== "open") return;
      this.ws.send(encodePacket(packet, !this.supportsBinary));
    }
    // Later, as on any other transport: the engine clears what was sent when it hears of it.
    queueMicrotask(() => {
      if (this.readyState !== "open") return;
      this.writable = true;
      this.emitReserved("drain");
    });
  }

  /** @param {() => void} paused */
  pause(paused) {
    paused();
  }

  doClose() {
    if (!this.ws) return;
    this.ws.onerror = this.ws.onclose = this.ws.onmessage = () => {};
    this.ws.close();
  }
}
