import { decodePacket, encodePacket, withBlobsRead } from "../engine-packets.js";
import { FrameReader, frameHeader } from "./webtransport-frames.js";
import { Transport } from "./transport.js";

/** One stream over HTTP/3, where the browser has it: a packet is a frame with its length in front. */
export class WebTransportTransport extends Transport {
  /** @type {any} */
  session;
  /** @type {any} */
  #writer;

  get name() {
    return "webtransport";
  }

  doOpen() {
    this.#run().catch((error) => this.onError(`webtransport error (${error?.message ?? error})`, error, error));
  }

  async #run() {
    const Session = /** @type {any} */ (globalThis).WebTransport;
    this.session = new Session(this.uri("https", Boolean(this.opts.timestampRequests)), this.opts.transportOptions.webtransport);
    const ended = (/** @type {any} */ why) => this.onClose({ description: "webtransport connection closed", context: why });
    await this.session.ready;
    this.session.closed.then(ended, ended);
    const stream = await this.session.createBidirectionalStream();
    this.#writer = stream.writable.getWriter();
    const { sid } = this.query;
    await this.#send({ type: "open", data: sid ? JSON.stringify({ sid }) : undefined });
    this.onOpen();
    await this.#receive(stream.readable.getReader());
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  async #receive(reader) {
    const frames = new FrameReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || this.readyState === "closed") return;
      for (const frame of frames.add(value)) this.emitReserved("packet", decodePacket(frame, this.opts.binaryType));
    }
  }

  /** @param {import("../engine-packets.js").EnginePacket[]} packets */
  async write(packets) {
    try {
      for (const packet of await withBlobsRead(packets)) await this.#send(packet);
    } catch (error) {
      return this.onError("webtransport error (writing failed)", error, error);
    }
    if (this.readyState !== "open") return;
    this.writable = true;
    this.emitReserved("drain");
  }

  /** @param {import("../engine-packets.js").EnginePacket} packet */
  async #send(packet) {
    const encoded = encodePacket(packet, false);
    const bytes = typeof encoded === "string" ? new TextEncoder().encode(encoded) : encoded;
    await this.#writer.write(frameHeader(bytes.length, encoded !== bytes ? 0 : 0x80));
    await this.#writer.write(bytes);
  }

  /** @param {() => void} paused */
  pause(paused) {
    paused();
  }

  doClose() {
    // Not yet ready, it rejects; that it is to end is known already.
    this.session?.ready.then(() => this.session.close(), () => {});
  }
}
