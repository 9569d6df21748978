/*! Socket.IO client of Tapedeck, MIT licence */
(function(g,f){typeof exports==="object"&&typeof module!=="undefined"?module.exports=f():typeof define==="function"&&define.amd?define(f):(typeof globalThis!=="undefined"?globalThis:g||self).io=f()})(this,function(){
"use strict";
var tapedeckClient = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // src/umd.js
  var umd_exports = {};
  __export(umd_exports, {
    default: () => umd_default
  });

  // src/debug.js
  var wanted;
  function debug(what) {
    const names = what === true ? "*" : what || "";
    const patterns = names.split(/[\s,]+/).filter(Boolean).map((name) => name.replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*"));
    wanted = patterns.length ? new RegExp(`^(${patterns.join("|")}):?$`) : void 0;
  }
  function tell(name, ...what) {
    if (wanted && (wanted.test(name) || wanted.test(`${name}:`)))
      console.debug(name, ...what);
  }
  try {
    debug(globalThis.localStorage ? localStorage.debug : (
      /** @type {any} */
      globalThis.process?.env.DEBUG
    ));
  } catch {
  }

  // src/backoff.js
  var Backoff = class {
    attempts = 0;
    /** @param {{min: number, max: number, jitter: number, random?: () => number}} settings Milliseconds; jitter 0 to 1. */
    constructor({ min, max, jitter, random = Math.random }) {
      this.min = min;
      this.max = max;
      this.jitter = jitter;
      this.random = random;
    }
    /** Milliseconds until the next attempt, which is counted. */
    duration() {
      let delay = this.min * 2 ** this.attempts++;
      if (this.jitter > 0) {
        const deviation = Math.floor(this.random() * this.jitter * delay);
        delay += Math.floor(this.random() * 10) & 1 ? deviation : -deviation;
      }
      return Math.floor(Math.min(delay, this.max));
    }
    reset() {
      this.attempts = 0;
    }
  };

  // src/emitter.js
  var Emitter = class {
    /** @type {Map<string, Listener[]>} */
    #listeners = /* @__PURE__ */ new Map();
    /** @param {string} event @param {Listener} listener */
    on(event, listener) {
      const list = this.#listeners.get(event);
      if (list)
        list.push(listener);
      else
        this.#listeners.set(event, [listener]);
      return this;
    }
    /** @param {string} event @param {Listener} listener */
    once(event, listener) {
      const wrapper = (...args) => {
        this.off(event, wrapper);
        listener.apply(this, args);
      };
      wrapper.listener = listener;
      return this.on(event, wrapper);
    }
    /**
     * Removes one listener, all of an event, or all.
     * @param {string} [event]
     * @param {Listener} [listener]
     */
    off(event, listener) {
      if (event === void 0)
        this.#listeners.clear();
      else if (listener === void 0)
        this.#listeners.delete(event);
      else {
        const list = this.#listeners.get(event) ?? [];
        const index = list.findIndex((each) => each === listener || each.listener === listener);
        if (index >= 0)
          list.splice(index, 1);
        if (list.length === 0)
          this.#listeners.delete(event);
      }
      return this;
    }
    /**
     * Calls the listeners here; a Socket's own `emit` sends to the server instead.
     * @param {string} event
     * @param {...any} args
     */
    emitReserved(event, ...args) {
      for (const listener of this.listeners(event).slice())
        listener.apply(this, args);
      return this;
    }
    /** @param {string} event @param {...any} args @returns {any} */
    emit(event, ...args) {
      return this.emitReserved(event, ...args);
    }
    /** @param {string} event @returns {Listener[]} */
    listeners(event) {
      return this.#listeners.get(event) ?? [];
    }
    /** @param {string} event */
    hasListeners(event) {
      return this.listeners(event).length > 0;
    }
    /** @param {string} event @param {Listener} listener */
    addEventListener(event, listener) {
      return this.on(event, listener);
    }
    /** @param {string} [event] @param {Listener} [listener] */
    removeListener(event, listener) {
      return this.off(event, listener);
    }
    /** @param {string} [event] @param {Listener} [listener] */
    removeEventListener(event, listener) {
      return this.off(event, listener);
    }
    /** @param {string} [event] */
    removeAllListeners(event) {
      return this.off(event);
    }
  };
  function listen(emitter, event, listener) {
    emitter.on(event, listener);
    return () => void emitter.off(event, listener);
  }

  // src/binary.js
  function isBinary(value) {
    return value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isBlob(value);
  }
  function isBlob(value) {
    return typeof Blob !== "undefined" && value instanceof Blob;
  }
  function bytesOf(value) {
    return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
  }
  function toBase64(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768)
      text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  }
  function fromBase64(text) {
    const decoded = atob(text);
    const bytes = new Uint8Array(decoded.length);
    for (let i = 0; i < decoded.length; i++)
      bytes[i] = decoded.charCodeAt(i);
    return bytes.buffer;
  }
  function utf8Length(text) {
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 128)
        length += 1;
      else if (code < 2048)
        length += 2;
      else if (code >= 55296 && code < 56320 && (text.charCodeAt(i + 1) & 64512) === 56320) {
        length += 4;
        i++;
      } else
        length += 3;
    }
    return length;
  }

  // src/engine-packets.js
  var TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
  var SEPARATOR = "";
  function withBlobsRead(packets) {
    if (!packets.some(({ data }) => isBlob(data)))
      return packets;
    return Promise.all(packets.map(async (packet) => isBlob(packet.data) ? { ...packet, data: await packet.data.arrayBuffer() } : packet));
  }
  function encodePacket({ type, data }, asText) {
    if (isBinary(data))
      return asText ? `b${toBase64(bytesOf(data))}` : bytesOf(data);
    return TYPES.indexOf(type) + (data ?? "");
  }
  function decodePacket(encoded, binaryType) {
    if (typeof encoded !== "string")
      return { type: "message", data: binaryType === "blob" ? new Blob([encoded]) : encoded };
    if (encoded[0] === "b") {
      try {
        return decodePacket(fromBase64(encoded.slice(1)), binaryType);
      } catch {
        return { type: "error", data: "the server sent base64 that cannot be read" };
      }
    }
    const type = /^[0-6]/.test(encoded) ? TYPES[Number(encoded[0])] : "error";
    if (type === "error")
      return { type, data: `the server sent an unknown packet: ${encoded.slice(0, 40)}` };
    return encoded.length > 1 ? { type, data: encoded.slice(1) } : { type };
  }
  function encodePayload(packets) {
    return packets.map((packet) => encodePacket(packet, true)).join(SEPARATOR);
  }
  function decodePayload(payload, binaryType) {
    return payload.split(SEPARATOR).map((part) => decodePacket(part, binaryType));
  }
  function countThatFits(packets, maxPayload) {
    let size = 1;
    for (let i = 0; i < packets.length; i++) {
      const { data } = packets[i];
      if (data !== void 0)
        size += typeof data === "string" ? utf8Length(data) : Math.ceil((data.byteLength ?? data.size) * 1.33) + 4;
      if (i > 0 && size > maxPayload)
        return i;
      size += 2;
    }
    return packets.length;
  }

  // src/timers.js
  var native = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  function timersFor(options) {
    const now = () => options.useNativeTimers ? native : { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
    return {
      /** @param {() => void} action @param {number} ms @returns {any} */
      set(action, ms) {
        const timer = now().set.call(globalThis, action, ms);
        if (options.autoUnref)
          timer.unref?.();
        return timer;
      },
      /** @param {any} timer */
      clear(timer) {
        now().clear.call(globalThis, timer);
      }
    };
  }

  // src/url.js
  function parseAddress(uri, page = globalThis.location) {
    let source = uri ?? "";
    if (!/^(https?|wss?):\/\//i.test(source)) {
      if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source))
        throw new Error(`"${uri}" is no address for Socket.IO: use http, https, ws or wss`);
      const local = source === "" || /^\/(?!\/)|^\?/.test(source);
      if (!page?.host && local)
        throw new Error('io() needs an address here, such as io("http://localhost:3000"): there is no page to take it from');
      const protocol = page?.protocol ?? "https:";
      source = local ? `${protocol}//${page?.host}${source}` : `${protocol}//${source.replace(/^\/\//, "")}`;
    }
    const [, scheme, authority, path, query] = (
      /** @type {string[]} */
      /^(\w+):\/\/([^/?#]*)([^?#]*)\??([^#]*)/.exec(source)
    );
    const secure = /^(http|ws)s$/i.test(scheme);
    const { hostname, port: explicit } = new URL(`${secure ? "https" : "http"}://${authority}`);
    const port = explicit || (secure ? "443" : "80");
    return {
      id: `${scheme.toLowerCase()}://${hostname}:${port}`,
      source,
      host: hostname,
      port,
      secure,
      path: path || "/",
      query: Object.fromEntries(new URLSearchParams(query))
    };
  }
  function encodeQuery(query) {
    return Object.entries(query).filter(([, value]) => value !== void 0).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  }

  // src/transports/transport.js
  var TransportError = class extends Error {
    type = "TransportError";
    /** @param {string} message @param {any} [description] @param {any} [context] */
    constructor(message, description, context) {
      super(message);
      this.description = description;
      this.context = context;
    }
  };
  var Transport = class extends Emitter {
    /** Whether packets can be taken right now. */
    writable = false;
    /** @type {"" | "opening" | "open" | "pausing" | "paused" | "closed"} */
    readyState = "";
    /** @param {any} options The engine's, completed for this transport. */
    constructor(options) {
      super();
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
      if (this.readyState === "closed" || this.readyState === "")
        return this;
      this.doClose();
      this.onClose();
      return this;
    }
    /** @param {import("../engine-packets.js").EnginePacket[]} packets */
    send(packets) {
      this.writable = false;
      this.write(packets);
    }
    doOpen() {
    }
    doClose() {
    }
    /** @param {import("../engine-packets.js").EnginePacket[]} packets */
    write(packets) {
    }
    /** @param {() => void} paused */
    pause(paused) {
    }
    onOpen() {
      this.readyState = "open";
      this.writable = true;
      this.emitReserved("open");
    }
    /** @param {string} message @param {any} [description] @param {any} [context] */
    onError(message, description, context) {
      if (this.readyState !== "closed")
        this.emitReserved("error", new TransportError(message, description, context));
    }
    /** @param {any} [details] */
    onClose(details) {
      if (this.readyState === "closed")
        return;
      this.readyState = "closed";
      this.writable = false;
      this.emitReserved("close", details);
    }
    /** @param {"http" | "ws" | "https"} scheme an "s" is added where the address is a secure one @param {boolean} stamped whether no cache may know the address */
    uri(scheme, stamped) {
      const { secure, hostname, port, path, timestampParam } = this.opts;
      const query = { ...this.query };
      if (stamped)
        query[timestampParam] = Math.random().toString(36).slice(2, 10).padEnd(8, "0");
      if (!this.supportsBinary)
        query.b64 = 1;
      const standard = secure ? "443" : "80";
      return `${scheme}${secure && scheme !== "https" ? "s" : ""}://${hostname}${port === standard ? "" : `:${port}`}${path}?${encodeQuery(query)}`;
    }
  };

  // src/transports/polling.js
  var Polling = class extends Transport {
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
        if (this.readyState !== "pausing" || this.#polling || !this.writable)
          return;
        this.off("pollComplete", check).off("drain", check);
        this.readyState = "paused";
        paused();
      };
      this.on("pollComplete", check).on("drain", check);
      check();
    }
    /** Polls on after an upgrade that failed half-way. */
    resume() {
      if (this.readyState !== "pausing" && this.readyState !== "paused")
        return;
      this.readyState = "open";
      if (!this.#polling)
        this.#poll();
    }
    async #poll() {
      this.#polling = true;
      const text = await this.#request("poll", "GET");
      this.#polling = false;
      if (text === void 0 || this.readyState === "closed")
        return;
      for (const packet of decodePayload(text, this.opts.binaryType)) {
        if (this.readyState === "opening" && packet.type === "open")
          this.onOpen();
        if (packet.type === "close")
          return this.onClose({ description: "transport closed by the server" });
        this.emitReserved("packet", packet);
        if (
          /** @type {string} */
          this.readyState === "closed"
        )
          return;
      }
      this.emitReserved("pollComplete");
      if (this.readyState === "open")
        this.#poll();
    }
    /** @param {import("../engine-packets.js").EnginePacket[]} packets */
    async write(packets) {
      const text = await this.#request("post", "POST", encodePayload(await withBlobsRead(packets)));
      if (text === void 0 || this.readyState === "closed")
        return;
      this.writable = true;
      this.emitReserved("drain");
    }
    doClose() {
      const abort = () => this.#aborter.abort();
      if (!this.query.sid)
        return abort();
      this.#fetch("POST", "1").then(abort, abort);
    }
    /** @param {"poll" | "post"} what @param {string} method @param {string} [body] @returns {Promise<string | undefined>} */
    async #request(what, method, body) {
      let response, text;
      try {
        response = await this.#fetch(method, body);
        text = await response.text();
      } catch (thrown) {
        const error = (
          /** @type {any} */
          thrown
        );
        const timedOut = error?.name === "TimeoutError";
        const cause = timedOut ? `no answer within ${this.opts.requestTimeout} ms` : `no answer from ${this.opts.hostname}:${this.opts.port}; is the server there, and does it allow this origin? ${error?.cause?.code ?? error?.message ?? ""}`.trimEnd();
        return void this.onError(`xhr ${what} error (${cause})`, 0, error);
      }
      if (response.ok)
        return text;
      this.onError(`xhr ${what} error (${explain(response.status, text)})`, response.status, { status: response.status, responseText: text });
    }
    /** @param {string} method @param {string} [body] */
    #fetch(method, body) {
      const { extraHeaders, withCredentials, requestTimeout, timestampRequests } = this.opts;
      const signals = [this.#aborter.signal];
      if (requestTimeout)
        signals.push(
          /** @type {any} */
          AbortSignal.timeout(requestTimeout)
        );
      return fetch(this.uri("http", timestampRequests !== false), {
        method,
        body,
        headers: { Accept: "*/*", ...body === void 0 ? {} : { "Content-type": "text/plain;charset=UTF-8" }, ...extraHeaders },
        credentials: withCredentials ? "include" : "same-origin",
        cache: "no-store",
        signal: either(signals)
      });
    }
  };
  function either([first, second]) {
    if (!second)
      return first;
    const aborter = new AbortController();
    for (const signal of [first, second])
      signal.addEventListener("abort", () => aborter.abort(signal.reason));
    return aborter.signal;
  }
  function explain(status, text) {
    let message = text.trim().slice(0, 200);
    try {
      message = JSON.parse(text).message ?? message;
    } catch {
    }
    return `HTTP ${status}${message ? `: ${message}` : ""}`;
  }

  // src/transports/websocket.js
  var WebSocketTransport = class extends Transport {
    /** @type {any} */
    ws;
    get name() {
      return "websocket";
    }
    doOpen() {
      try {
        this.ws = this.#create(this.uri("ws", Boolean(this.opts.timestampRequests)));
      } catch (error) {
        const { message } = (
          /** @type {Error} */
          error
        );
        return void Promise.resolve().then(() => this.onError(`websocket error (${message})`, error));
      }
      this.ws.binaryType = "arraybuffer";
      this.ws.onopen = () => this.onOpen();
      this.ws.onmessage = ({ data }) => this.emitReserved("packet", decodePacket(data, this.opts.binaryType));
      this.ws.onclose = (event) => this.onClose({ description: "websocket connection closed", context: event });
      this.ws.onerror = (event) => {
        const why = event?.message || `no WebSocket to ${this.opts.hostname}:${this.opts.port}; browsers do not say why`;
        this.onError(`websocket error (${why})`, event, event);
      };
    }
    /** @param {string} address */
    #create(address) {
      const { protocols, extraHeaders, WebSocket: injected } = this.opts;
      if (!injected)
        return protocols ? new globalThis.WebSocket(address, protocols) : new globalThis.WebSocket(address);
      const { agent, pfx, key, passphrase, cert, ca, ciphers, rejectUnauthorized, perMessageDeflate } = this.opts;
      const given = { agent, pfx, key, passphrase, cert, ca, ciphers, rejectUnauthorized, perMessageDeflate, headers: extraHeaders };
      return new injected(address, protocols ?? [], Object.fromEntries(Object.entries(given).filter(([, value]) => value !== void 0)));
    }
    /** @param {import("../engine-packets.js").EnginePacket[]} packets */
    write(packets) {
      const ready = withBlobsRead(packets);
      if (Array.isArray(ready))
        this.#send(ready);
      else
        ready.then((read) => this.#send(read));
    }
    /** @param {import("../engine-packets.js").EnginePacket[]} packets */
    #send(packets) {
      for (const packet of packets) {
        if (this.readyState !== "open")
          return;
        this.ws.send(encodePacket(packet, !this.supportsBinary));
      }
      queueMicrotask(() => {
        if (this.readyState !== "open")
          return;
        this.writable = true;
        this.emitReserved("drain");
      });
    }
    /** @param {() => void} paused */
    pause(paused) {
      paused();
    }
    doClose() {
      if (!this.ws)
        return;
      this.ws.onerror = this.ws.onclose = this.ws.onmessage = () => {
      };
      this.ws.close();
    }
  };

  // src/transports/webtransport-frames.js
  function frameHeader(length, kind) {
    const size = length < 126 ? 1 : length < 65536 ? 3 : 9;
    const view = new DataView(new ArrayBuffer(size));
    view.setUint8(0, kind | (size === 1 ? length : size === 3 ? 126 : 127));
    if (size === 3)
      view.setUint16(1, length);
    if (size === 9)
      view.setBigUint64(1, BigInt(length));
    return new Uint8Array(view.buffer);
  }
  var FrameReader = class {
    /** @type {Uint8Array[]} */
    #pieces = [];
    #held = 0;
    /** Bytes that must be there before another look is worth it: a large frame in many pieces is put together once. */
    #due = 1;
    /** @param {Uint8Array} piece @returns {(string | ArrayBuffer)[]} The frames that are complete with it. */
    add(piece) {
      this.#pieces.push(piece);
      this.#held += piece.length;
      const frames = [];
      for (let frame; (frame = this.#next()) !== void 0; )
        frames.push(frame);
      return frames;
    }
    #next() {
      if (this.#held < this.#due)
        return;
      const start = this.#joined();
      const first = start[0];
      const size = [3, 9][(first & 127) - 126] ?? 1;
      if (this.#held < size)
        return void (this.#due = size);
      const view = new DataView(start.buffer, start.byteOffset);
      const length = size === 1 ? first & 127 : size === 3 ? view.getUint16(1) : Number(view.getBigUint64(1));
      if (this.#held < size + length)
        return void (this.#due = size + length);
      const bytes = start.slice(size, size + length);
      this.#pieces = [start.subarray(size + length)];
      this.#held -= size + length;
      this.#due = 1;
      return first & 128 ? bytes.buffer : new TextDecoder().decode(bytes);
    }
    #joined() {
      if (this.#pieces.length === 1)
        return this.#pieces[0];
      const all = new Uint8Array(this.#held);
      let at = 0;
      for (const piece of this.#pieces) {
        all.set(piece, at);
        at += piece.length;
      }
      this.#pieces = [all];
      return all;
    }
  };

  // src/transports/webtransport.js
  var WebTransportTransport = class extends Transport {
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
      const Session = (
        /** @type {any} */
        globalThis.WebTransport
      );
      this.session = new Session(this.uri("https", Boolean(this.opts.timestampRequests)), this.opts.transportOptions.webtransport);
      const ended = (why) => this.onClose({ description: "webtransport connection closed", context: why });
      await this.session.ready;
      this.session.closed.then(ended, ended);
      const stream = await this.session.createBidirectionalStream();
      this.#writer = stream.writable.getWriter();
      const { sid } = this.query;
      await this.#send({ type: "open", data: sid ? JSON.stringify({ sid }) : void 0 });
      this.onOpen();
      await this.#receive(stream.readable.getReader());
    }
    /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
    async #receive(reader) {
      const frames = new FrameReader();
      for (; ; ) {
        const { value, done } = await reader.read();
        if (done || this.readyState === "closed")
          return;
        for (const frame of frames.add(value))
          this.emitReserved("packet", decodePacket(frame, this.opts.binaryType));
      }
    }
    /** @param {import("../engine-packets.js").EnginePacket[]} packets */
    async write(packets) {
      try {
        for (const packet of await withBlobsRead(packets))
          await this.#send(packet);
      } catch (error) {
        return this.onError("webtransport error (writing failed)", error, error);
      }
      if (this.readyState !== "open")
        return;
      this.writable = true;
      this.emitReserved("drain");
    }
    /** @param {import("../engine-packets.js").EnginePacket} packet */
    async #send(packet) {
      const encoded = encodePacket(packet, false);
      const bytes = typeof encoded === "string" ? new TextEncoder().encode(encoded) : encoded;
      await this.#writer.write(frameHeader(bytes.length, encoded !== bytes ? 0 : 128));
      await this.#writer.write(bytes);
    }
    /** @param {() => void} paused */
    pause(paused) {
      paused();
    }
    doClose() {
      this.session?.ready.then(() => this.session.close(), () => {
      });
    }
  };

  // src/transports/available.js
  function available(options) {
    const known = /* @__PURE__ */ new Map([["polling", Polling]]);
    if (options.WebSocket ?? globalThis.WebSocket)
      known.set("websocket", WebSocketTransport);
    if ("WebTransport" in globalThis)
      known.set("webtransport", WebTransportTransport);
    const kinds = /* @__PURE__ */ new Map();
    for (const wanted2 of options.transports) {
      if (typeof wanted2 === "function")
        kinds.set(wanted2.prototype.name, wanted2);
      else if (known.has(wanted2))
        kinds.set(wanted2, known.get(wanted2));
    }
    return kinds;
  }

  // src/engine.js
  var DEFAULTS = {
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
    transportOptions: {}
  };
  var webSocketWorked = false;
  var HEAD_START = 200;
  var Engine = class extends Emitter {
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
    #probes = /* @__PURE__ */ new Set();
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
      if (typeof this.opts.query === "string")
        this.opts.query = Object.fromEntries(new URLSearchParams(this.opts.query));
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
      const query = { ...this.opts.query, EIO: 4, transport: name, ...this.id ? { sid: this.id } : {} };
      const Kind = this.kinds.get(name);
      const options = { ...this.opts, query, hostname: this.hostname, secure: this.secure, port: this.port, binaryType: this.binaryType };
      return new Kind({ ...options, ...this.opts.transportOptions[name] });
    }
    /** @param {Transport} transport */
    #use(transport) {
      this.transport?.off();
      this.transport = transport;
      transport.on("drain", () => this.#onDrain()).on("packet", (packet) => this.#onPacket(packet)).on("error", (error) => this.#onError(error)).on("close", (details) => this.#onClose("transport close", details));
    }
    // -- receiving ----------------------------------------------------------------------------------------------------
    /** @param {EnginePacket} packet */
    #onPacket(packet) {
      if (!["opening", "open", "closing"].includes(this.readyState))
        return;
      tell("engine.io-client", "received", packet.type, packet.data);
      this.emitReserved("packet", packet);
      this.emitReserved("heartbeat");
      if (packet.type === "open")
        this.#onHandshake(packet.data);
      else if (packet.type === "ping") {
        this.#write("pong");
        this.emitReserved("ping");
        this.emitReserved("pong");
        this.#watchHeartbeat();
      } else if (packet.type === "message") {
        const data = packet.data ?? "";
        this.emitReserved("data", data);
        this.emitReserved("message", data);
      } else if (packet.type === "error")
        this.#onClose("parse error", new Error(packet.data));
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
      this.#upgrades = (handshake.upgrades ?? []).filter((name) => this.transports.includes(name));
      this.pingInterval = handshake.pingInterval;
      this.pingTimeout = handshake.pingTimeout;
      this.maxPayload = handshake.maxPayload;
      this.emitReserved("handshake", handshake);
      if (this.readyState === "closed")
        return;
      this.readyState = "open";
      webSocketWorked = this.transport.name === "websocket";
      this.emitReserved("open");
      this.flush();
      this.#watchHeartbeat();
      if (
        /** @type {string} */
        this.readyState === "open" && this.opts.upgrade
      )
        this.#probeAll();
    }
    #watchHeartbeat() {
      this.timers.clear(this.#heartbeat);
      const patience = this.pingInterval + this.pingTimeout;
      if (!(patience > 0))
        return;
      this.#deadline = Date.now() + patience;
      this.#heartbeat = this.timers.set(() => this.#onClose("ping timeout"), patience);
    }
    /** After a machine's sleep timers come late; the clock tells. The connection is then ended, on the next turn. */
    hasPingExpired() {
      if (Date.now() <= this.#deadline)
        return false;
      this.#deadline = Infinity;
      this.timers.set(() => this.#onClose("ping timeout"), 0);
      return true;
    }
    // -- sending ------------------------------------------------------------------------------------------------------
    /** @param {any} data @param {WriteOptions | (() => void)} [options] @param {() => void} [written] */
    write(data, options, written) {
      if (typeof options === "function")
        this.#write("message", data, {}, options);
      else
        this.#write("message", data, options, written);
      return this;
    }
    /** @param {any} data @param {WriteOptions | (() => void)} [options] @param {() => void} [written] */
    send(data, options, written) {
      return this.write(data, options, written);
    }
    /** @param {import("./engine-packets.js").EngineType} type @param {any} [data] @param {WriteOptions} [options] @param {() => void} [written] */
    #write(type, data, options, written) {
      if (this.readyState === "closing" || this.readyState === "closed")
        return;
      tell("engine.io-client", "sends", type, data);
      const packet = { type, data, options: { ...options, compress: options?.compress !== false } };
      this.emitReserved("packetCreate", packet);
      this.writeBuffer.push(packet);
      if (written)
        this.once("flush", written);
      this.flush();
    }
    flush() {
      if (this.readyState === "closed" || this.readyState === "opening" || !this.transport.writable || this.upgrading || !this.writeBuffer.length)
        return;
      const limited = this.maxPayload && this.transport.name === "polling";
      this.#underWay = limited ? countThatFits(this.writeBuffer, this.maxPayload) : this.writeBuffer.length;
      this.transport.send(this.writeBuffer.slice(0, this.#underWay));
      this.emitReserved("flush");
    }
    #onDrain() {
      this.writeBuffer.splice(0, this.#underWay);
      this.#underWay = 0;
      if (this.writeBuffer.length === 0)
        this.emitReserved("drain");
      else
        this.flush();
    }
    // -- upgrading ----------------------------------------------------------------------------------------------------
    #probeAll() {
      const better = this.#upgrades.includes("webtransport");
      for (const name of this.#upgrades) {
        if (!better || name !== "websocket")
          this.#probe(name);
        else
          this.#headStart = this.timers.set(() => this.transport.name === "polling" && this.#probe(name), HEAD_START);
      }
    }
    /** @param {string} name */
    #probe(name) {
      const probe = this.#create(name);
      const give = (error) => {
        if (!this.#probes.delete(probe))
          return;
        tell("engine.io-client", "stays on", this.transport.name, error.message);
        probe.off();
        probe.close();
        this.upgrading = false;
        this.transport.resume?.();
        this.emitReserved("upgradeError", Object.assign(error, { transport: name }));
        this.flush();
      };
      const fail = (why, description) => give(Object.assign(new Error(`probe error: ${why}`), { description }));
      this.#probes.add(probe);
      probe.on("open", () => probe.send([{ type: "ping", data: "probe" }]));
      probe.on("error", (error) => fail(error.message, error.description));
      probe.on("close", () => fail("transport closed"));
      probe.on("packet", (packet) => {
        if (packet.type !== "pong" || packet.data !== "probe")
          return fail(`the server answered ${packet.type}`);
        if (this.upgrading || this.readyState !== "open" || this.transport.name !== "polling")
          return fail("not needed any more");
        this.upgrading = true;
        this.emitReserved("upgrading", probe);
        this.transport.pause(() => {
          if (this.readyState === "closed" || !this.#probes.delete(probe))
            return;
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
      if (this.readyState !== "opening" && this.readyState !== "open")
        return this;
      const open = this.readyState === "open";
      this.readyState = "closing";
      const end = () => {
        if (this.upgrading)
          this.once("upgrade", end).once("upgradeError", end);
        else if (open && this.writeBuffer.length)
          this.once("drain", end);
        else
          this.#onClose("forced close");
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
      if (!["opening", "open", "closing"].includes(this.readyState))
        return;
      tell("engine.io-client", "closed", reason, details);
      this.timers.clear(this.#heartbeat);
      this.timers.clear(this.#headStart);
      for (const transport of [this.transport, ...this.#probes])
        transport.off().close();
      this.#probes.clear();
      this.upgrading = false;
      for (const end of this.#ended)
        end();
      this.readyState = "closed";
      this.id = null;
      this.emitReserved("close", reason, details);
      this.writeBuffer = [];
      this.#underWay = 0;
    }
    #watchPage() {
      if (typeof addEventListener !== "function")
        return;
      const watch = (event, action) => {
        addEventListener(event, action, false);
        this.#ended.push(() => removeEventListener(event, action, false));
      };
      if (this.opts.closeOnBeforeunload)
        watch("beforeunload", () => this.transport?.off().close());
      if (this.hostname !== "localhost")
        watch("offline", () => this.#onClose("transport close", { description: "network connection lost" }));
    }
  };

  // src/catch-all.js
  var Watched = class extends Emitter {
    /** @type {Listener[]} */
    #incoming = [];
    /** @type {Listener[]} */
    #outgoing = [];
    /** @param {Listener} listener */
    onAny(listener) {
      this.#incoming.push(listener);
      return this;
    }
    /** @param {Listener} listener */
    prependAny(listener) {
      this.#incoming.unshift(listener);
      return this;
    }
    /** @param {Listener} [listener] */
    offAny(listener) {
      remove(this.#incoming, listener);
      return this;
    }
    listenersAny() {
      return this.#incoming;
    }
    /** @param {Listener} listener */
    onAnyOutgoing(listener) {
      this.#outgoing.push(listener);
      return this;
    }
    /** @param {Listener} listener */
    prependAnyOutgoing(listener) {
      this.#outgoing.unshift(listener);
      return this;
    }
    /** @param {Listener} [listener] */
    offAnyOutgoing(listener) {
      remove(this.#outgoing, listener);
      return this;
    }
    listenersAnyOutgoing() {
      return this.#outgoing;
    }
    /** @param {any[]} args */
    _tellIncoming(args) {
      for (const listener of this.#incoming.slice())
        listener.apply(this, args);
    }
    /** @param {any[]} args */
    _tellOutgoing(args) {
      for (const listener of this.#outgoing.slice())
        listener.apply(this, args);
    }
  };
  function remove(listeners, listener) {
    const index = listener ? listeners.indexOf(listener) : 0;
    if (index >= 0)
      listeners.splice(index, listener ? 1 : listeners.length);
  }

  // src/packet-types.js
  var PacketType = { CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4, BINARY_EVENT: 5, BINARY_ACK: 6 };
  var RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
  function isValid({ type, data }) {
    switch (type) {
      case PacketType.CONNECT:
        return data === void 0 || isObject(data);
      case PacketType.DISCONNECT:
        return data === void 0;
      case PacketType.CONNECT_ERROR:
        return typeof data === "string" || isObject(data);
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        return Array.isArray(data);
      default:
        return Array.isArray(data) && (typeof data[0] === "number" || typeof data[0] === "string" && !RESERVED.includes(data[0]));
    }
  }
  function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  // src/queue.js
  var OutgoingQueue = class {
    /** @type {Entry[]} */
    #entries = [];
    /** @param {any} socket @param {number} retries */
    constructor(socket, retries) {
      this.socket = socket;
      this.retries = retries;
    }
    /** @param {any[]} args The event's name and arguments, perhaps with an ack. @param {object} flags */
    add(args, flags) {
      const ack = typeof args.at(-1) === "function" ? args.pop() : void 0;
      const entry = { args, flags: { ...flags, fromQueue: true }, tries: 0, pending: false };
      const settle = (error, ...values) => {
        if (entry !== this.#entries[0])
          return;
        entry.pending = false;
        if (!error || entry.tries > this.retries) {
          this.#entries.shift();
          if (error)
            ack?.(error);
          else
            ack?.(null, ...values);
        }
        this.drain();
      };
      settle.withError = true;
      args.push(settle);
      this.#entries.push(entry);
      this.drain();
    }
    /** @param {boolean} [again] Whether the entry under way is to be sent once more: the connection that it went out on is gone. */
    drain(again = false) {
      const entry = this.#entries[0];
      if (!this.socket.connected || !entry || entry.pending && !again)
        return;
      entry.pending = true;
      entry.tries++;
      this.socket.flags = entry.flags;
      this.socket.emit(...entry.args);
    }
  };

  // src/socket.js
  var OLD_SERVER = "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible: allow Engine.IO 3 there, or use a client of version 2";
  var Socket = class extends Watched {
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
    acks = /* @__PURE__ */ new Map();
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
      if (manager._autoConnect)
        this.open();
    }
    get disconnected() {
      return !this.connected;
    }
    /** Whether it belongs to its manager, and so will connect again. */
    get active() {
      return this.#subscriptions !== void 0;
    }
    connect() {
      if (this.connected)
        return this;
      this.#subscriptions ??= [
        listen(this.io, "open", () => this.#onOpen()),
        listen(this.io, "packet", (packet) => this.#onPacket(packet)),
        listen(this.io, "error", (error) => this.connected || this.emitReserved("connect_error", error)),
        listen(this.io, "close", (reason, details) => this.#onClose(reason, details))
      ];
      if (!this.io._reconnecting)
        this.io.open();
      if (this.io._readyState === "open")
        this.#onOpen();
      return this;
    }
    open() {
      return this.connect();
    }
    disconnect() {
      const { connected } = this;
      if (connected)
        this.#packet({ type: PacketType.DISCONNECT });
      this.#destroy();
      if (connected)
        this.#onClose("io client disconnect");
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
      if (RESERVED.includes(event))
        throw new Error(`"${event}" is a reserved event name`);
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
      if (waits && !(flags.volatile && !writable))
        this.#checkRoom(event);
      const ack = typeof args.at(-1) === "function" ? args.pop() : void 0;
      if (flags.volatile && !writable)
        return this.#drop(ack, flags);
      const packet = { type: PacketType.EVENT, data: args, options: { compress: flags.compress !== false } };
      if (ack)
        this.#registerAck(packet.id = this.#ids++, ack, flags.timeout ?? this._opts.ackTimeout);
      if (waits)
        this.sendBuffer.push({ ...packet, nsp: this.nsp });
      else
        this.#sendEvent(packet);
      return this;
    }
    /**
     * @param {string} event
     * @param {...any} args
     * @returns {Promise<any>} What the server acknowledges.
     */
    emitWithAck(event, ...args) {
      return new Promise((resolve, reject) => {
        const settle = (error, value) => error ? reject(error) : resolve(value);
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
      if (this.sendBuffer.length < (sendBufferLimit ?? Infinity))
        return;
      throw new Error(`"${event}" was not sent: ${sendBufferLimit} events wait for the connection already (sendBufferLimit)`);
    }
    /**
     * A volatile event that cannot go now. Who waits for its ack is told, soon.
     * @param {Ack | undefined} ack
     * @param {Flags} flags
     */
    #drop(ack, flags) {
      if (ack?.withError || ack && flags.timeout !== void 0) {
        Promise.resolve().then(() => ack.call(this, new Error("the event was volatile and could not be sent at once")));
      }
      return this;
    }
    /** @param {number} id @param {Ack} ack @param {number | undefined} timeout */
    #registerAck(id, ack, timeout) {
      if (timeout === void 0)
        return void this.acks.set(id, ack);
      const timer = this.io.timers.set(() => {
        this.acks.delete(id);
        this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
        ack.call(this, new Error("operation has timed out"));
      }, timeout);
      const settle = (...args) => {
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
      const send = (auth) => {
        const session = this.#pid ? { pid: this.#pid, offset: this.#lastOffset } : void 0;
        this.#packet({ type: PacketType.CONNECT, data: session ? { ...session, ...auth } : auth });
      };
      if (typeof this.auth === "function")
        this.auth(send);
      else
        send(this.auth);
    }
    /** @param {SocketPacket} packet */
    #onPacket({ type, nsp, data, id }) {
      if (nsp !== this.nsp)
        return;
      switch (type) {
        case PacketType.CONNECT:
          if (data?.sid)
            return this.#onConnect(data.sid, data.pid);
          return this.emitReserved("connect_error", new Error(OLD_SERVER));
        case PacketType.CONNECT_ERROR: {
          this.#destroy();
          const error = new Error(typeof data === "string" ? data : data.message);
          tell("socket.io-client", this.nsp, "refused:", error.message);
          return this.emitReserved("connect_error", Object.assign(error, { data: data.data }));
        }
        case PacketType.EVENT:
        case PacketType.BINARY_EVENT: {
          const args = id === void 0 ? data : [...data, this.#answer(id)];
          return this.connected ? this.#deliver(args) : void this.receiveBuffer.push(args);
        }
        case PacketType.ACK:
        case PacketType.BINARY_ACK: {
          const ack = this.acks.get(
            /** @type {number} */
            id
          );
          this.acks.delete(
            /** @type {number} */
            id
          );
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
      for (const args of this.receiveBuffer.splice(0))
        this.#deliver(args);
      for (const packet of this.sendBuffer.splice(0))
        this.#sendEvent(packet);
      this._queue.drain(true);
      this.emitReserved("connect");
    }
    /** @param {any[]} args */
    #deliver(args) {
      const last = args.at(-1);
      if (this.#pid && typeof last === "string")
        this.#lastOffset = last;
      this._tellIncoming(args);
      this.emitReserved(.../** @type {[string, ...any]} */
      args);
    }
    /**
     * What a listener calls to acknowledge; the first call counts.
     * @param {number} id
     */
    #answer(id) {
      let answered = false;
      return (...data) => {
        if (answered)
          return;
        answered = true;
        this.#packet({ type: PacketType.ACK, id, data });
      };
    }
    // -- ending -------------------------------------------------------------------------------------------------------
    #destroy() {
      for (const end of this.#subscriptions ?? [])
        end();
      this.#subscriptions = void 0;
      this.io._destroy();
    }
    /** @param {string} reason @param {any} [details] */
    #onClose(reason, details) {
      tell("socket.io-client", this.nsp, "disconnected:", reason);
      this.connected = false;
      this.id = void 0;
      this.emitReserved("disconnect", reason, details);
      for (const [id, ack] of [...this.acks]) {
        if (this.sendBuffer.some((packet) => packet.id === id))
          continue;
        this.acks.delete(id);
        if (ack.withError)
          ack.call(this, new Error("socket has been disconnected"));
      }
    }
  };

  // src/manager.js
  var Manager = class extends Emitter {
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
      if (typeof uri === "object")
        [uri, options] = [void 0, uri];
      this.uri = uri;
      this.opts = { ...options, path: options?.path || "/socket.io" };
      const { opts } = this;
      this.timers = timersFor(opts);
      this.backoff = new Backoff({ min: opts.reconnectionDelay ?? 1e3, max: opts.reconnectionDelayMax ?? 5e3, jitter: opts.randomizationFactor ?? 0.5 });
      this.reconnection(opts.reconnection !== false);
      this.reconnectionAttempts(opts.reconnectionAttempts || Infinity);
      this.timeout(opts.timeout ?? 2e4);
      this._autoConnect = opts.autoConnect !== false;
      const { Encoder: Encoder2, Decoder: Decoder2 } = opts.parser ?? Manager.parser;
      this.encoder = new Encoder2();
      this.decoder = new Decoder2();
      if (this._autoConnect)
        this.open();
    }
    // Each of these gives its value, or takes a new one and gives the manager.
    /** @param {boolean} [value] @returns {any} */
    reconnection(value) {
      if (value === void 0)
        return this._reconnection;
      this._reconnection = Boolean(value);
      if (!value)
        this.#skipReconnect = true;
      return this;
    }
    /** @param {number} [value] @returns {any} */
    reconnectionAttempts(value) {
      if (value === void 0)
        return this._reconnectionAttempts;
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
      if (value === void 0)
        return this.backoff[name];
      this.backoff[name] = value;
      return this;
    }
    /** @param {number | false} [value] @returns {any} */
    timeout(value) {
      if (value === void 0)
        return this._timeout;
      this._timeout = value;
      return this;
    }
    /** @param {(error?: Error) => void} [done] Called once; with it, a failure is the caller's to act on. */
    open(done) {
      if (this._readyState !== "closed")
        return this;
      const engine = this.engine = new Engine(this.uri, this.opts);
      this._readyState = "opening";
      this.#skipReconnect = false;
      const fail = (error) => {
        this.#cleanUp();
        this._readyState = "closed";
        this.emitReserved("error", error);
        if (done)
          done(error);
        else if (!this._reconnecting && this._reconnection && this.backoff.attempts === 0)
          this.#reconnect();
      };
      this.#subscriptions.push(
        listen(engine, "open", () => {
          this.#onOpen();
          done?.();
        }),
        listen(engine, "error", fail),
        // Without an error before it: the page went offline, or the server said goodbye during the handshake.
        listen(engine, "close", (reason, details) => fail(Object.assign(new Error(details?.description ?? reason), { description: details })))
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
      const engine = (
        /** @type {Engine} */
        this.engine
      );
      this.#subscriptions.push(
        listen(engine, "ping", () => this.emitReserved("ping")),
        listen(engine, "error", (error) => this.emitReserved("error", error)),
        listen(engine, "close", (reason, details) => this.#onClose(reason, details)),
        listen(engine, "data", (data) => this.#onData(data)),
        listen(this.decoder, "decoded", (packet) => this.#dispatch(packet))
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
      if (!socket)
        socket = this.nsps[nsp] = new Socket(this, nsp, options);
      else if (this._autoConnect && !socket.active)
        socket.connect();
      return socket;
    }
    /** A socket has left; with the last one the connection ends. */
    _destroy() {
      if (!Object.values(this.nsps).some((socket) => socket.active))
        this._close();
    }
    /** @param {SocketPacket} packet */
    _packet(packet) {
      for (const part of this.encoder.encode(packet))
        this.engine?.write(part, packet.options);
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
      for (const end of this.#subscriptions)
        end();
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
      if (this._reconnection && !this.#skipReconnect)
        this.#reconnect();
    }
    #reconnect() {
      if (this._reconnecting || this.#skipReconnect)
        return;
      if (this.backoff.attempts >= (this._reconnectionAttempts ?? Infinity)) {
        this.backoff.reset();
        this.emitReserved("reconnect_failed");
        return;
      }
      this._reconnecting = true;
      const attempt = () => {
        stopWaiting();
        if (this.#skipReconnect)
          return;
        tell("socket.io-client", "connects again, attempt", this.backoff.attempts);
        this.emitReserved("reconnect_attempt", this.backoff.attempts);
        if (this.#skipReconnect)
          return;
        this.open((error) => {
          if (!error)
            return this.#onReconnect();
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
      globalThis.addEventListener?.("online", attempt);
      this.#subscriptions.push(stopWaiting);
    }
    #onReconnect() {
      const attempt = this.backoff.attempts;
      this._reconnecting = false;
      this.backoff.reset();
      this.emitReserved("reconnect", attempt);
    }
  };
  Manager.parser = void 0;

  // src/io.js
  var managers = /* @__PURE__ */ new Map();
  function io(where, options) {
    const [uri, given] = typeof where === "object" ? [void 0, where] : [where, options];
    const opts = { ...given };
    const address = parseAddress(uri);
    const key = address.id + (opts.path || "/socket.io");
    const alone = opts.forceNew || opts["force new connection"] || opts.multiplex === false || address.path in (managers.get(key)?.nsps ?? {});
    if (!opts.query && Object.keys(address.query).length)
      opts.query = address.query;
    let manager = alone ? void 0 : managers.get(key);
    if (!manager) {
      manager = new Manager(address.source, opts);
      if (!alone)
        managers.set(key, manager);
    }
    return manager.socket(address.path, opts);
  }
  io.Manager = Manager;
  io.Socket = Socket;
  io.io = io;
  io.connect = io;
  io.debug = debug;

  // src/text-packets.js
  var text_packets_exports = {};
  __export(text_packets_exports, {
    Decoder: () => Decoder,
    Encoder: () => Encoder
  });
  var Encoder = class {
    /** @param {SocketPacket} packet @returns {any[]} The text, then the attachments. */
    encode({ type, nsp, data, id }) {
      const attachments = [];
      const json = data === void 0 ? "" : stringify(data, attachments);
      if (attachments.length)
        type += 3;
      const text = type + (attachments.length ? `${attachments.length}-` : "") + (nsp && nsp !== "/" ? `${nsp},` : "") + (id ?? "") + json;
      return [text, ...attachments];
    }
  };
  function stringify(data, attachments) {
    if (!hasBinary(data))
      return JSON.stringify(data);
    return JSON.stringify(
      data,
      /** @this {any} @param {string} key @param {any} value */
      function(key, value) {
        const original = this[key];
        return isBinary(original) ? { _placeholder: true, num: attachments.push(original) - 1 } : value;
      }
    );
  }
  function hasBinary(value) {
    if (typeof value !== "object" || value === null)
      return false;
    if (isBinary(value))
      return true;
    if (Array.isArray(value))
      return value.some(hasBinary);
    if (typeof value.toJSON === "function")
      return hasBinary(value.toJSON());
    for (const key in value)
      if (hasBinary(value[key]))
        return true;
    return false;
  }
  var Decoder = class extends Emitter {
    /** @type {SocketPacket | undefined} */
    #pending;
    /** @type {any[]} */
    #buffers = [];
    /** @param {any} message */
    add(message) {
      if (typeof message === "string") {
        if (this.#pending)
          throw new Error("the server sent text where attachments were due");
        const packet = parse(message);
        if (!packet.attachments)
          return void this.emitReserved("decoded", packet);
        this.#pending = packet;
      } else {
        const packet = this.#pending;
        if (!packet)
          throw new Error("the server sent an attachment that no packet announced");
        this.#buffers.push(message);
        if (this.#buffers.length < /** @type {number} */
        packet.attachments)
          return;
        packet.data = fillIn(packet.data, this.#buffers);
        delete packet.attachments;
        this.destroy();
        this.emitReserved("decoded", packet);
      }
    }
    destroy() {
      this.#pending = void 0;
      this.#buffers = [];
    }
  };
  function parse(text) {
    const match = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d+)?([^]*)$/.exec(text);
    const wrong = () => new Error(`the server sent no Socket.IO packet: ${text.slice(0, 40)}`);
    if (!match)
      throw wrong();
    const type = Number(match[1]);
    const binary = type === PacketType.BINARY_EVENT || type === PacketType.BINARY_ACK;
    if (binary !== (match[2] !== void 0))
      throw wrong();
    const packet = { type, nsp: match[3] ?? "/" };
    if (binary)
      packet.attachments = Number(match[2]);
    if (match[4] !== void 0)
      packet.id = Number(match[4]);
    if (match[5]) {
      try {
        packet.data = JSON.parse(match[5]);
      } catch {
        throw wrong();
      }
    }
    if (!isValid(packet))
      throw wrong();
    return packet;
  }
  function fillIn(value, buffers) {
    if (typeof value !== "object" || value === null)
      return value;
    if (value._placeholder === true) {
      if (!Number.isInteger(value.num) || !(value.num in buffers))
        throw new Error("the server sent a placeholder without its attachment");
      return buffers[value.num];
    }
    for (const key of Object.keys(value))
      value[key] = fillIn(value[key], buffers);
    return value;
  }

  // src/index.js
  Manager.parser = text_packets_exports;

  // src/umd.js
  var umd_default = io;
  return __toCommonJS(umd_exports);
})();
return tapedeckClient.default});
//# sourceMappingURL=socket.io.js.map
