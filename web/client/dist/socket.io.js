/*! Socket.IO client of Tapedeck, MIT licence */
(function(g,f){typeof exports==="object"&&typeof module!=="undefined"?module.exports=f():typeof define==="function"&&define.amd?define(f):(typeof globalThis!=="undefined"?globalThis:g||self).io=f()})(this,function(){
var tapedeckClient = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __defNormalProp = (obj, key, value) => key in obj ? __defProp(obj, key, { enumerable: true, configurable: true, writable: true, value }) : obj[key] = value;
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
  var __publicField = (obj, key, value) => {
    __defNormalProp(obj, typeof key !== "symbol" ? key + "" : key, value);
    return value;
  };
  var __accessCheck = (obj, member, msg) => {
    if (!member.has(obj))
      throw TypeError("Cannot " + msg);
  };
  var __privateGet = (obj, member, getter) => {
    __accessCheck(obj, member, "read from private field");
    return getter ? getter.call(obj) : member.get(obj);
  };
  var __privateAdd = (obj, member, value) => {
    if (member.has(obj))
      throw TypeError("Cannot add the same private member more than once");
    member instanceof WeakSet ? member.add(obj) : member.set(obj, value);
  };
  var __privateSet = (obj, member, value, setter) => {
    __accessCheck(obj, member, "write to private field");
    setter ? setter.call(obj, value) : member.set(obj, value);
    return value;
  };
  var __privateMethod = (obj, member, method) => {
    __accessCheck(obj, member, "access private method");
    return method;
  };

  // src/umd.js
  var umd_exports = {};
  __export(umd_exports, {
    default: () => umd_default
  });

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
    /** @type {Map<string, Function[]>} */
    #listeners = /* @__PURE__ */ new Map();
    /** @param {string} event @param {Function} listener */
    on(event, listener) {
      const list = this.#listeners.get(event);
      if (list)
        list.push(listener);
      else
        this.#listeners.set(event, [listener]);
      return this;
    }
    /** @param {string} event @param {Function} listener */
    once(event, listener) {
      const wrapper = (...args) => {
        this.off(event, wrapper);
        listener.apply(this, args);
      };
      wrapper.listener = listener;
      return this.on(event, wrapper);
    }
    /** Removes one listener, all of an event, or all. @param {string} [event] @param {Function} [listener] */
    off(event, listener) {
      if (event === void 0)
        this.#listeners.clear();
      else if (listener === void 0)
        this.#listeners.delete(event);
      else {
        const list = this.#listeners.get(event) ?? [];
        const index = list.findIndex((each) => each === listener || /** @type {any} */
        each.listener === listener);
        if (index >= 0)
          list.splice(index, 1);
        if (list.length === 0)
          this.#listeners.delete(event);
      }
      return this;
    }
    /** Calls the listeners here; a Socket's own `emit` sends to the server instead. @param {string} event @param {...any} args */
    emitReserved(event, ...args) {
      for (const listener of this.listeners(event).slice())
        listener.apply(this, args);
      return this;
    }
    /** @param {string} event @param {...any} args @returns {any} */
    emit(event, ...args) {
      return this.emitReserved(event, ...args);
    }
    /** @param {string} event @returns {Function[]} */
    listeners(event) {
      return this.#listeners.get(event) ?? [];
    }
    /** @param {string} event */
    hasListeners(event) {
      return this.listeners(event).length > 0;
    }
    addEventListener(event, listener) {
      return this.on(event, listener);
    }
    removeListener(event, listener) {
      return this.off(event, listener);
    }
    removeEventListener(event, listener) {
      return this.off(event, listener);
    }
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
    const secure = /s$/i.test(scheme);
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
    /** @param {string} scheme without the "s" of a secure one @param {boolean} stamped whether no cache may know the address */
    uri(scheme, stamped) {
      const { secure, hostname, port, path, timestampParam } = this.opts;
      const query = { ...this.query };
      if (stamped)
        query[timestampParam] = Math.random().toString(36).slice(2, 10).padEnd(8, "0");
      if (!this.supportsBinary)
        query.b64 = 1;
      const standard = secure ? "443" : "80";
      return `${scheme}${secure ? "s" : ""}://${hostname}${port === standard ? "" : `:${port}`}${path}?${encodeQuery(query)}`;
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
    /** Waits for the GET and the POST under way: what they carry is neither lost nor sent twice. @param {() => void} paused */
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
      } catch (error) {
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
        signals.push(AbortSignal.timeout(requestTimeout));
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
        if (this.readyState !== "open")
          return;
        this.ws.send(encodePacket(packet, !this.supportsBinary));
      }
      await null;
      if (this.readyState !== "open")
        return;
      this.writable = true;
      this.emitReserved("drain");
    }
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
  var _underWay, _upgrades, _probes, _deadline, _heartbeat, _ended, _open, open_fn, _create, create_fn, _use, use_fn, _onPacket, onPacket_fn, _onHandshake, onHandshake_fn, _watchHeartbeat, watchHeartbeat_fn, _write, write_fn, _onDrain, onDrain_fn, _probe, probe_fn, _onError, onError_fn, _onClose, onClose_fn, _watchPage, watchPage_fn;
  var _Engine = class extends Emitter {
    /** @param {string} uri @param {any} options */
    constructor(uri, options) {
      super();
      __privateAdd(this, _open);
      /** @param {string} name */
      __privateAdd(this, _create);
      __privateAdd(this, _use);
      // -- receiving ----------------------------------------------------------------------------------------------------
      __privateAdd(this, _onPacket);
      __privateAdd(this, _onHandshake);
      __privateAdd(this, _watchHeartbeat);
      __privateAdd(this, _write);
      __privateAdd(this, _onDrain);
      // -- upgrading ----------------------------------------------------------------------------------------------------
      __privateAdd(this, _probe);
      __privateAdd(this, _onError);
      __privateAdd(this, _onClose);
      __privateAdd(this, _watchPage);
      /** @type {"" | "opening" | "open" | "closing" | "closed"} */
      __publicField(this, "readyState", "");
      /** @type {string | null} */
      __publicField(this, "id", null);
      /** @type {any} */
      __publicField(this, "transport");
      /** @type {any[]} */
      __publicField(this, "writeBuffer", []);
      __publicField(this, "upgrading", false);
      __publicField(this, "binaryType", "arraybuffer");
      __privateAdd(this, _underWay, 0);
      __privateAdd(this, _upgrades, []);
      __privateAdd(this, _probes, /* @__PURE__ */ new Set());
      __privateAdd(this, _deadline, Infinity);
      __privateAdd(this, _heartbeat, void 0);
      __privateAdd(this, _ended, []);
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
      __privateMethod(this, _watchPage, watchPage_fn).call(this);
      __privateMethod(this, _open, open_fn).call(this);
    }
    /** After a machine's sleep timers come late; the clock tells. The connection is then ended, on the next turn. */
    hasPingExpired() {
      if (Date.now() <= __privateGet(this, _deadline))
        return false;
      __privateSet(this, _deadline, Infinity);
      this.timers.set(() => __privateMethod(this, _onClose, onClose_fn).call(this, "ping timeout"), 0);
      return true;
    }
    // -- sending ------------------------------------------------------------------------------------------------------
    /** @param {any} data @param {any} [options] @param {() => void} [written] */
    write(data, options, written) {
      __privateMethod(this, _write, write_fn).call(this, "message", data, typeof options === "function" ? {} : options, typeof options === "function" ? options : written);
      return this;
    }
    send(data, options, written) {
      return this.write(data, options, written);
    }
    flush() {
      if (this.readyState === "closed" || this.readyState === "opening" || !this.transport.writable || this.upgrading || !this.writeBuffer.length)
        return;
      const limited = this.maxPayload && this.transport.name === "polling";
      __privateSet(this, _underWay, limited ? countThatFits(this.writeBuffer, this.maxPayload) : this.writeBuffer.length);
      this.transport.send(this.writeBuffer.slice(0, __privateGet(this, _underWay)));
      this.emitReserved("flush");
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
          __privateMethod(this, _onClose, onClose_fn).call(this, "forced close");
      };
      end();
      return this;
    }
  };
  var Engine = _Engine;
  _underWay = new WeakMap();
  _upgrades = new WeakMap();
  _probes = new WeakMap();
  _deadline = new WeakMap();
  _heartbeat = new WeakMap();
  _ended = new WeakMap();
  _open = new WeakSet();
  open_fn = function() {
    if (this.transports.length === 0) {
      this.readyState = "closed";
      return void this.timers.set(() => this.emitReserved("error", new Error("No transports available")), 0);
    }
    const remembered = this.opts.rememberUpgrade && _Engine.priorWebsocketSuccess && this.transports.includes("websocket");
    this.readyState = "opening";
    __privateMethod(this, _use, use_fn).call(this, __privateMethod(this, _create, create_fn).call(this, remembered ? "websocket" : this.transports[0]));
    this.transport.open();
  };
  _create = new WeakSet();
  create_fn = function(name) {
    const query = { ...this.opts.query, EIO: 4, transport: name, ...this.id ? { sid: this.id } : {} };
    const Kind = this.kinds.get(name);
    const options = { ...this.opts, query, hostname: this.hostname, secure: this.secure, port: this.port, binaryType: this.binaryType };
    return new Kind({ ...options, ...this.opts.transportOptions[name] });
  };
  _use = new WeakSet();
  use_fn = function(transport) {
    this.transport?.off();
    this.transport = transport;
    transport.on("drain", () => __privateMethod(this, _onDrain, onDrain_fn).call(this)).on("packet", (packet) => __privateMethod(this, _onPacket, onPacket_fn).call(this, packet)).on("error", (error) => __privateMethod(this, _onError, onError_fn).call(this, error)).on("close", (details) => __privateMethod(this, _onClose, onClose_fn).call(this, "transport close", details));
  };
  _onPacket = new WeakSet();
  onPacket_fn = function(packet) {
    if (!["opening", "open", "closing"].includes(this.readyState))
      return;
    this.emitReserved("packet", packet);
    this.emitReserved("heartbeat");
    if (packet.type === "open")
      __privateMethod(this, _onHandshake, onHandshake_fn).call(this, packet.data);
    else if (packet.type === "ping") {
      __privateMethod(this, _write, write_fn).call(this, "pong");
      this.emitReserved("ping");
      this.emitReserved("pong");
      __privateMethod(this, _watchHeartbeat, watchHeartbeat_fn).call(this);
    } else if (packet.type === "message") {
      const data = packet.data ?? "";
      this.emitReserved("data", data);
      this.emitReserved("message", data);
    } else if (packet.type === "error")
      __privateMethod(this, _onClose, onClose_fn).call(this, "parse error", new Error(packet.data));
  };
  _onHandshake = new WeakSet();
  onHandshake_fn = function(text) {
    let handshake;
    try {
      handshake = JSON.parse(text);
    } catch (error) {
      return __privateMethod(this, _onError, onError_fn).call(this, error);
    }
    this.id = handshake.sid;
    this.transport.query.sid = handshake.sid;
    __privateSet(this, _upgrades, (handshake.upgrades ?? []).filter((name) => this.transports.includes(name)));
    this.pingInterval = handshake.pingInterval;
    this.pingTimeout = handshake.pingTimeout;
    this.maxPayload = handshake.maxPayload;
    this.emitReserved("handshake", handshake);
    if (this.readyState === "closed")
      return;
    this.readyState = "open";
    _Engine.priorWebsocketSuccess = this.transport.name === "websocket";
    this.emitReserved("open");
    this.flush();
    __privateMethod(this, _watchHeartbeat, watchHeartbeat_fn).call(this);
    if (
      /** @type {string} */
      this.readyState === "open" && this.opts.upgrade
    )
      for (const name of __privateGet(this, _upgrades))
        __privateMethod(this, _probe, probe_fn).call(this, name);
  };
  _watchHeartbeat = new WeakSet();
  watchHeartbeat_fn = function() {
    this.timers.clear(__privateGet(this, _heartbeat));
    const patience = this.pingInterval + this.pingTimeout;
    if (!(patience > 0))
      return;
    __privateSet(this, _deadline, Date.now() + patience);
    __privateSet(this, _heartbeat, this.timers.set(() => __privateMethod(this, _onClose, onClose_fn).call(this, "ping timeout"), patience));
  };
  _write = new WeakSet();
  write_fn = function(type, data, options = {}, written) {
    if (this.readyState === "closing" || this.readyState === "closed")
      return;
    const packet = { type, data, options: { ...options, compress: options.compress !== false } };
    this.emitReserved("packetCreate", packet);
    this.writeBuffer.push(packet);
    if (written)
      this.once("flush", written);
    this.flush();
  };
  _onDrain = new WeakSet();
  onDrain_fn = function() {
    this.writeBuffer.splice(0, __privateGet(this, _underWay));
    __privateSet(this, _underWay, 0);
    if (this.writeBuffer.length === 0)
      this.emitReserved("drain");
    else
      this.flush();
  };
  _probe = new WeakSet();
  probe_fn = function(name) {
    const probe = __privateMethod(this, _create, create_fn).call(this, name);
    const give = (error) => {
      if (!__privateGet(this, _probes).delete(probe))
        return;
      probe.off();
      probe.close();
      this.upgrading = false;
      this.transport.resume?.();
      this.emitReserved("upgradeError", Object.assign(error, { transport: name }));
      this.flush();
    };
    const fail = (why, description) => give(Object.assign(new Error(`probe error: ${why}`), { description }));
    __privateGet(this, _probes).add(probe);
    probe.on("open", () => probe.send([{ type: "ping", data: "probe" }]));
    probe.on("error", (error) => fail(error.message, error.description));
    probe.on("close", () => fail("transport closed"));
    probe.on("packet", (packet) => {
      if (packet.type !== "pong" || packet.data !== "probe")
        return fail(`the server answered ${packet.type}`);
      if (this.upgrading || this.readyState !== "open")
        return fail("not needed any more");
      this.upgrading = true;
      this.emitReserved("upgrading", probe);
      this.transport.pause(() => {
        if (this.readyState === "closed" || !__privateGet(this, _probes).delete(probe))
          return;
        probe.off();
        __privateMethod(this, _use, use_fn).call(this, probe);
        _Engine.priorWebsocketSuccess = name === "websocket";
        probe.send([{ type: "upgrade" }]);
        this.upgrading = false;
        this.emitReserved("upgrade", probe);
        this.flush();
      });
    });
    probe.open();
  };
  _onError = new WeakSet();
  onError_fn = function(error) {
    _Engine.priorWebsocketSuccess = false;
    if (this.opts.tryAllTransports && this.transports.length > 1 && this.readyState === "opening") {
      this.transport.off();
      this.transport.close();
      this.transports.shift();
      return __privateMethod(this, _open, open_fn).call(this);
    }
    this.emitReserved("error", error);
    __privateMethod(this, _onClose, onClose_fn).call(this, "transport error", error);
  };
  _onClose = new WeakSet();
  onClose_fn = function(reason, details) {
    if (!["opening", "open", "closing"].includes(this.readyState))
      return;
    this.timers.clear(__privateGet(this, _heartbeat));
    for (const transport of [this.transport, ...__privateGet(this, _probes)])
      transport.off().close();
    __privateGet(this, _probes).clear();
    this.upgrading = false;
    for (const end of __privateGet(this, _ended))
      end();
    this.readyState = "closed";
    this.id = null;
    this.emitReserved("close", reason, details);
    this.writeBuffer = [];
    __privateSet(this, _underWay, 0);
  };
  _watchPage = new WeakSet();
  watchPage_fn = function() {
    if (typeof addEventListener !== "function")
      return;
    const watch = (event, action) => {
      addEventListener(event, action, false);
      __privateGet(this, _ended).push(() => removeEventListener(event, action, false));
    };
    if (this.opts.closeOnBeforeunload)
      watch("beforeunload", () => this.transport?.off().close());
    if (this.hostname !== "localhost")
      watch("offline", () => __privateMethod(this, _onClose, onClose_fn).call(this, "transport close", { description: "network connection lost" }));
  };
  __publicField(Engine, "priorWebsocketSuccess", false);
  function available(options) {
    const known = /* @__PURE__ */ new Map([["polling", Polling]]);
    if (options.WebSocket ?? globalThis.WebSocket)
      known.set(
        "websocket",
        /** @type {any} */
        WebSocketTransport
      );
    const kinds = /* @__PURE__ */ new Map();
    for (const wanted of options.transports) {
      if (typeof wanted === "function")
        kinds.set(wanted.prototype.name, wanted);
      else if (known.has(wanted))
        kinds.set(wanted, known.get(wanted));
    }
    return kinds;
  }

  // src/socket-packets.js
  var socket_packets_exports = {};
  __export(socket_packets_exports, {
    Decoder: () => Decoder,
    Encoder: () => Encoder,
    PacketType: () => PacketType,
    RESERVED: () => RESERVED
  });
  var PacketType = { CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4, BINARY_EVENT: 5, BINARY_ACK: 6 };
  var RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
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
    if (Array.isArray(data) && data.every((value) => typeof value !== "object"))
      return JSON.stringify(data);
    return JSON.stringify(data, function(key, value) {
      const original = this[key];
      return isBinary(original) ? { _placeholder: true, num: attachments.push(original) - 1 } : value;
    });
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

  // src/queue.js
  var OutgoingQueue = class {
    /** @type {{args: any[], flags: object, tries: number, pending: boolean}[]} */
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

  // src/catch-all.js
  var Watched = class extends Emitter {
    /** @type {Function[]} */
    #incoming = [];
    /** @type {Function[]} */
    #outgoing = [];
    onAny(listener) {
      this.#incoming.push(listener);
      return this;
    }
    prependAny(listener) {
      this.#incoming.unshift(listener);
      return this;
    }
    offAny(listener) {
      remove(this.#incoming, listener);
      return this;
    }
    listenersAny() {
      return this.#incoming;
    }
    onAnyOutgoing(listener) {
      this.#outgoing.push(listener);
      return this;
    }
    prependAnyOutgoing(listener) {
      this.#outgoing.unshift(listener);
      return this;
    }
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
    /** @type {any[]} Events emitted while not connected. */
    sendBuffer = [];
    acks = /* @__PURE__ */ new Map();
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
    /** Sends an event; a function as last argument is called with what the server acknowledges. @param {string} event @param {...any} args */
    emit(event, ...args) {
      if (RESERVED.includes(event))
        throw new Error(`"${event}" is a reserved event name`);
      args.unshift(event);
      const flags = this.flags;
      if (this._opts.retries && !flags.fromQueue && !flags.volatile) {
        this._queue.add(args, flags);
        this.flags = {};
        return this;
      }
      const packet = { type: PacketType.EVENT, data: args, options: { compress: flags.compress !== false } };
      if (typeof args.at(-1) === "function") {
        packet.id = this.#ids++;
        this.#registerAck(packet.id, args.pop(), flags.timeout ?? this._opts.ackTimeout);
      }
      this.flags = {};
      const { engine } = this.io;
      if (flags.volatile && !engine?.transport?.writable)
        return this;
      if (this.connected && !engine?.hasPingExpired())
        this.#sendEvent(packet);
      else
        this.sendBuffer.push(packet);
      return this;
    }
    /** @param {string} event @param {...any} args @returns {Promise<any>} What the server acknowledges. */
    emitWithAck(event, ...args) {
      return new Promise((resolve, reject) => {
        const settle = (error, value) => error ? reject(error) : resolve(value);
        settle.withError = true;
        this.emit(event, ...args, settle);
      });
    }
    /** For the next `emit`: how long to wait for its acknowledgement. @param {number} ms */
    timeout(ms) {
      this.flags.timeout = ms;
      return this;
    }
    /** For the next `emit`. @param {boolean} compress */
    compress(compress) {
      this.flags.compress = compress;
      return this;
    }
    /** The next `emit` is dropped when the transport cannot take it right now. */
    get volatile() {
      this.flags.volatile = true;
      return this;
    }
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
    #sendEvent(packet) {
      this._tellOutgoing(packet.data);
      this.#packet(packet);
    }
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
          return this.emitReserved("connect_error", Object.assign(error, { data: data.data }));
        }
        case PacketType.EVENT:
        case PacketType.BINARY_EVENT: {
          const args = id === void 0 ? data : [...data, this.#answer(id)];
          return this.connected ? this.#deliver(args) : void this.receiveBuffer.push(args);
        }
        case PacketType.ACK:
        case PacketType.BINARY_ACK: {
          const ack = this.acks.get(id);
          this.acks.delete(id);
          return ack?.apply(this, ack.withError ? [null, ...data] : data);
        }
        case PacketType.DISCONNECT:
          this.#destroy();
          return this.#onClose("io server disconnect");
      }
    }
    #onConnect(sid, pid) {
      this.id = sid;
      this.recovered = Boolean(pid) && this.#pid === pid;
      this.#pid = pid;
      this.connected = true;
      for (const args of this.receiveBuffer.splice(0))
        this.#deliver(args);
      for (const packet of this.sendBuffer.splice(0))
        this.#sendEvent(packet);
      this._queue.drain(true);
      this.emitReserved("connect");
    }
    #deliver(args) {
      this._tellIncoming(args);
      this.emitReserved(.../** @type {[string, ...any]} */
      args);
      const last = args.at(-1);
      if (this.#pid && typeof last === "string")
        this.#lastOffset = last;
    }
    /** What a listener calls to acknowledge; the first call counts. @param {number} id */
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
    #onClose(reason, details) {
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
    /** @param {string | object} [uri] @param {any} [options] */
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
      const { Encoder: Encoder2, Decoder: Decoder2 } = opts.parser ?? socket_packets_exports;
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
      if (this._timeout !== false) {
        const timer = this.timers.set(() => {
          fail(new Error("timeout"));
          engine.close();
        }, this._timeout);
        this.#subscriptions.push(() => this.timers.clear(timer));
      }
      return this;
    }
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
    #onData(data) {
      try {
        this.decoder.add(data);
      } catch (error) {
        this.#onClose("parse error", error);
      }
    }
    /** In arrival order, at once: an event right before the end of a connection is delivered. A listener's failure stops nothing. */
    #dispatch(packet) {
      try {
        this.emitReserved("packet", packet);
      } catch (error) {
        setTimeout(() => {
          throw error;
        });
      }
    }
    /** The socket of a namespace. @param {string} nsp @param {any} [options] @returns {Socket} */
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
      if (this.backoff.attempts >= this._reconnectionAttempts) {
        this.backoff.reset();
        this.emitReserved("reconnect_failed");
        return;
      }
      this._reconnecting = true;
      const attempt = () => {
        stopWaiting();
        if (this.#skipReconnect)
          return;
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

  // src/index.js
  var managers = /* @__PURE__ */ new Map();
  function io(uri, options) {
    if (typeof uri === "object")
      [uri, options] = [void 0, uri];
    const opts = { ...options };
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

  // src/umd.js
  var umd_default = io;
  return __toCommonJS(umd_exports);
})();
return tapedeckClient.default});
//# sourceMappingURL=socket.io.js.map
