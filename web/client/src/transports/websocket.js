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
    const { timestampRequests, extraHeaders, protocols, WebSocket: injected } = this.opts;
    const address = this.uri("ws", Boolean(timestampRequests));
    const Constructor = injected ?? globalThis.WebSocket;
    try {
      this.ws = injected ? new injected(address, protocols ?? [], { headers: extraHeaders }) : protocols ? new Constructor(address, protocols) : new Constructor(address);
    } catch (error) {
      return void Promise.resolve().then(() => this.onError(`websocket error (${error?.message})`, error));
    }
    this.ws.binaryType = "arraybuffer";
    this.ws.onopen = () => this.onOpen();
    this.ws.onmessage = ({ data }) => this.emitReserved("packet", decodePacket(data, this.opts.binaryType));
    this.ws.onclose = (event) => this.onClose({ description: "websocket connection closed", context: event });
    this.ws.onerror = (event) => this.onError(`websocket error (${event?.message || `no WebSocket to ${this.opts.hostname}:${this.opts.port}; browsers do not say why`})`, event, event);
  }

  async write(packets) {
    const ready = withBlobsRead(packets);
    for (const packet of Array.isArray(ready) ? ready : await ready) {
      if (this.readyState !== "open") return;
      this.ws.send(encodePacket(packet, !this.supportsBinary));
    }
    // Later, as on any other transport: the engine clears what was sent when it hears of it.
    await null;
    if (this.readyState !== "open") return;
    this.writable = true;
    this.emitReserved("drain");
  }

  pause(paused) {
    paused();
  }

  doClose() {
    if (!this.ws) return;
    this.ws.onerror = this.ws.onclose = this.ws.onmessage = () => {};
    this.ws.close();
  }
}
