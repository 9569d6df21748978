import { decodePayload, encodePayload, withBlobsRead } from "../engine-packets.js";
import { Transport } from "./transport.js";

/** Long-polling by fetch: at most one GET and one POST at a time. */
export class Polling extends Transport {
  #polling = false;
  #aborter = new AbortController();

  get name() {
    return "polling";
  }

  doOpen() {
    this.#poll();
  }

  /**
   * Waits for the GET and the POST under way: what they carry is neither lost nor sent twice.
   * @param {() => void} paused
   */
  pause(paused) {
    this.readyState = "pausing";
    const check = () => {
      if (this.readyState !== "pausing" || this.#polling || !this.writable) return;
      this.off("pollComplete", check).off("drain", check);
      this.readyState = "paused";
      paused();
    };
    this.on("pollComplete", check).on("drain", check);
    check();
  }

  /** Polls on after an upgrade that failed half-way. */
  resume() {
    if (this.readyState !== "pausing" && this.readyState !== "paused") return;
    this.readyState = "open";
    if (!this.#polling) this.#poll();
  }

  async #poll() {
    this.#polling = true;
    const text = await this.#request("poll", "GET");
    this.#polling = false;
    if (text === undefined || this.readyState === "closed") return;
    for (const packet of decodePayload(text, this.opts.binaryType)) {
      if (this.readyState === "opening" && packet.type === "open") this.onOpen();
      if (packet.type === "close") return this.onClose({ description: "transport closed by the server" });
      this.emitReserved("packet", packet);
      if (/** @type {string} */ (this.readyState) === "closed") return;
    }
    this.emitReserved("pollComplete");
    if (this.readyState === "open") this.#poll();
  }

  /** @param {import("../engine-packets.js").EnginePacket[]} packets */
  async write(packets) {
    const text = await this.#request("post", "POST", encodePayload(await withBlobsRead(packets)));
    if (text === undefined || this.readyState === "closed") return;
    this.writable = true;
    this.emitReserved("drain");
  }

  doClose() {
    const abort = () => this.#aborter.abort();
    if (!this.query.sid) return abort();
    // The goodbye first; only then the GET is let go, or the server would take it for a lost connection.
    this.#fetch("POST", "1").then(abort, abort);
  }

  /** @param {"poll" | "post"} what @param {string} method @param {string} [body] @returns {Promise<string | undefined>} */
  async #request(what, method, body) {
    let response, text;
    try {
      response = await this.#fetch(method, body);
      text = await response.text();
    } catch (thrown) {
      const error = /** @type {any} */ (thrown);
      const timedOut = error?.name === "TimeoutError";
      const cause = timedOut
        ? `no answer within ${this.opts.requestTimeout} ms`
        : `no answer from ${this.opts.hostname}:${this.opts.port}; is the server there, and does it allow this origin? ${error?.cause?.code ?? error?.message ?? ""}`.trimEnd();
      return void this.onError(`xhr ${what} error (${cause})`, 0, error);
    }
    if (response.ok) return text;
    this.onError(`xhr ${what} error (${explain(response.status, text)})`, response.status, { status: response.status, responseText: text });
  }

  /** @param {string} method @param {string} [body] */
  #fetch(method, body) {
    const { extraHeaders, withCredentials, requestTimeout, timestampRequests } = this.opts;
    const signals = [this.#aborter.signal];
    if (requestTimeout) signals.push(/** @type {any} */ (AbortSignal).timeout(requestTimeout));
    return fetch(this.uri("http", timestampRequests !== false), {
      method,
      body,
      headers: { Accept: "*/*", ...(body === undefined ? {} : { "Content-type": "text/plain;charset=UTF-8" }), ...extraHeaders },
      credentials: withCredentials ? "include" : "same-origin",
      cache: "no-store",
      signal: either(signals),
    });
  }
}

/** @param {AbortSignal[]} signals */
function either([first, second]) {
  if (!second) return first;
  const aborter = new AbortController();
  for (const signal of [first, second]) signal.addEventListener("abort", () => aborter.abort(signal.reason));
  return aborter.signal;
}

/** @param {number} status @param {string} text */
function explain(status, text) {
  let message = text.trim().slice(0, 200);
  try {
    message = JSON.parse(text).message ?? message;
  } catch {
    // Not the server's own answer, perhaps a proxy's: shown as it is.
  }
  return `HTTP ${status}${message ? `: ${message}` : ""}`;
}
