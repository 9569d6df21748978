// The types of the browser client, for TypeScript and for `tsc --checkJs`. Events may be typed as with the official client:
//
//     interface FromServer { news: (text: string) => void }
//     interface ToServer { vote: (id: number, done: (total: number) => void) => void }
//     const socket: Socket<FromServer, ToServer> = io();

/** Events by name; each is described by the function that listens to it. */
export interface EventsMap {
  [event: string]: any;
}

export interface DefaultEventsMap {
  [event: string]: (...args: any[]) => void;
}

type Name<Events extends EventsMap> = keyof Events & (string | symbol);
type Arguments<Events extends EventsMap, Event extends Name<Events>> = Parameters<Events[Event]>;
type WithoutLast<List extends any[]> = List extends [...infer Rest, infer _Last] ? Rest : any[];
type Last<List extends any[]> = List extends [...infer _Rest, infer Item] ? Item : any;
type AckValue<List extends any[]> = Last<List> extends (...args: infer Values) => any
  ? Values extends [infer Only] ? Only : Values extends [] ? void : Values[0]
  : any;
/** The arguments of an event whose ack is told of a failure first. */
type WithError<List extends any[]> = List extends [...infer Rest, (...args: infer Values) => infer Result]
  ? [...Rest, (error: Error | null, ...values: Values) => Result]
  : List;

export class Emitter<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen, Reserved extends EventsMap = {}> {
  on<Event extends Name<Listen & Reserved>>(event: Event, listener: (Reserved & Listen)[Event]): this;
  addEventListener<Event extends Name<Listen & Reserved>>(event: Event, listener: (Reserved & Listen)[Event]): this;
  once<Event extends Name<Listen & Reserved>>(event: Event, listener: (Reserved & Listen)[Event]): this;
  /** Removes one listener, all of an event, or all. */
  off<Event extends Name<Listen & Reserved>>(event?: Event, listener?: (Reserved & Listen)[Event]): this;
  removeListener<Event extends Name<Listen & Reserved>>(event?: Event, listener?: (Reserved & Listen)[Event]): this;
  removeEventListener<Event extends Name<Listen & Reserved>>(event?: Event, listener?: (Reserved & Listen)[Event]): this;
  removeAllListeners<Event extends Name<Listen & Reserved>>(event?: Event): this;
  emit<Event extends Name<Emit>>(event: Event, ...args: Arguments<Emit, Event>): this;
  listeners<Event extends Name<Listen & Reserved>>(event: Event): (Reserved & Listen)[Event][];
  hasListeners<Event extends Name<Listen & Reserved>>(event: Event): boolean;
}

/** `polling`, `websocket` and `webtransport`, tried in the given order; a constructor stands for itself. */
export type TransportName = "polling" | "websocket" | "webtransport" | (string & {});

export interface EngineOptions {
  /** Filled in from the address. */
  hostname?: string;
  /** Default: `/socket.io`. */
  path?: string;
  /** Whether the path ends with a slash on the wire. Default: true. */
  addTrailingSlash?: boolean;
  /** Goes with each request. */
  query?: Record<string, any> | string;
  /** Headers of polling requests; in Node of a WebSocket too. */
  extraHeaders?: Record<string, string>;
  /** Whether requests to other sites carry cookies. Default: false. */
  withCredentials?: boolean;
  /** Default: polling, websocket, webtransport. */
  transports?: (TransportName | (new (options: any) => any))[];
  /** Whether polling is exchanged for a better transport. Default: true. */
  upgrade?: boolean;
  /** Begin with WebSocket where the last connection got that far. Default: false. */
  rememberUpgrade?: boolean;
  /** When the first transport does not open, try the next. Default: false. */
  tryAllTransports?: boolean;
  /** Binary as base64. Default: false. */
  forceBase64?: boolean;
  /** Whether each address is made unique: polling always unless false, WebSocket only if true. */
  timestampRequests?: boolean;
  /** Default: `t`. */
  timestampParam?: string;
  /** Milliseconds that a polling request may take; 0 for no limit. Default: 0. */
  requestTimeout?: number;
  /** Subprotocols of the WebSocket. */
  protocols?: string | string[];
  /** Options for one transport, by its name. */
  transportOptions?: Record<string, any>;
  /** End the connection without a word when the page is left. Default: false. */
  closeOnBeforeunload?: boolean;
  /** What binary arrives as. Default: `arraybuffer`. */
  binaryType?: "arraybuffer" | "blob";
  /** Use the timers of before a test replaced them. Default: false. */
  useNativeTimers?: boolean;
  /** Node: whether timers leave the process alone. Default: false. */
  autoUnref?: boolean;
  /** A constructor of WebSockets, for Node before version 22: that of the package `ws`. */
  WebSocket?: any;
  /** Node, for the constructor above. */
  agent?: any;
  pfx?: any;
  key?: any;
  passphrase?: string;
  cert?: any;
  ca?: any;
  ciphers?: string;
  rejectUnauthorized?: boolean;
  perMessageDeflate?: any;
}

export interface ManagerOptions extends EngineOptions {
  /** Never share a connection. Default: false. */
  forceNew?: boolean;
  /** false means the same as `forceNew`. Default: true. */
  multiplex?: boolean;
  /** Default: true. */
  reconnection?: boolean;
  /** Default: without end. */
  reconnectionAttempts?: number;
  /** Milliseconds before the first attempt; each further one waits twice as long. Default: 1000. */
  reconnectionDelay?: number;
  /** Milliseconds that it waits at most. Default: 5000. */
  reconnectionDelayMax?: number;
  /** How far chance may move a delay, 0 to 1. Default: 0.5. */
  randomizationFactor?: number;
  /** Milliseconds that connecting may take; false for no limit. Default: 20000. */
  timeout?: number | false;
  /** Default: true. */
  autoConnect?: boolean;
  /** How packets are written. Default: JSON, or MessagePack in the file `socket.io.msgpack.min.js`. */
  parser?: Parser;
}

export interface SocketOptions {
  /** Sent when joining the namespace; a function is asked each time. */
  auth?: Record<string, any> | ((give: (auth: Record<string, any>) => void) => void);
  /** How often an unacknowledged event is sent again; turns on sending one by one. */
  retries?: number;
  /** Milliseconds to wait for an ack where `timeout()` does not say. */
  ackTimeout?: number;
  /** How many events may wait for the connection; `emit` throws beyond. Default: no limit. */
  sendBufferLimit?: number;
}

export type Options = ManagerOptions & SocketOptions;

export interface Packet {
  type: number;
  nsp: string;
  data?: any;
  id?: number;
  options?: { compress?: boolean };
}

export interface Parser {
  Encoder: new () => { encode(packet: Packet): any[] };
  Decoder: new () => { add(message: any): void; destroy(): void; on(event: "decoded", listener: (packet: Packet) => void): any; off(event: "decoded", listener: Function): any };
}

/** Why a transport failed, with what the server answered. */
export interface TransportError extends Error {
  type: "TransportError";
  /** The status of an HTTP answer, or what is known else. */
  description: any;
  /** The answer, or the event that told of the failure. */
  context: any;
}

export interface Transport extends Emitter<any> {
  readonly name: string;
  query: Record<string, any>;
  writable: boolean;
}

export type CloseReason = "ping timeout" | "transport close" | "transport error" | "parse error" | "forced close" | (string & {});

/** One Engine.IO connection, as `socket.io.engine`. */
export interface Engine
  extends Emitter<{
    open: () => void;
    handshake: (handshake: { sid: string; upgrades: string[]; pingInterval: number; pingTimeout: number; maxPayload: number }) => void;
    packet: (packet: { type: string; data?: any }) => void;
    packetCreate: (packet: { type: string; data?: any }) => void;
    data: (data: any) => void;
    message: (data: any) => void;
    drain: () => void;
    flush: () => void;
    heartbeat: () => void;
    ping: () => void;
    pong: () => void;
    upgrading: (transport: Transport) => void;
    upgrade: (transport: Transport) => void;
    upgradeError: (error: Error) => void;
    error: (error: Error) => void;
    close: (reason: CloseReason, details?: any) => void;
  }> {
  id: string | null;
  transport: Transport;
  readyState: "" | "opening" | "open" | "closing" | "closed";
  binaryType: string;
  writeBuffer: any[];
  write(data: any, options?: { compress?: boolean }, written?: () => void): this;
  send(data: any, options?: { compress?: boolean }, written?: () => void): this;
  /** Ends the connection once everything written has gone out. */
  close(): this;
}

interface ManagerEvents {
  open: () => void;
  error: (error: Error) => void;
  ping: () => void;
  packet: (packet: Packet) => void;
  close: (reason: CloseReason, details?: any) => void;
  reconnect_attempt: (attempt: number) => void;
  reconnect_error: (error: Error) => void;
  reconnect_failed: () => void;
  reconnect: (attempt: number) => void;
}

/** One connection and the namespaces on it; connects again when it is lost. */
export class Manager<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen> extends Emitter<{}, {}, ManagerEvents> {
  constructor(uri?: string, options?: Options);
  constructor(options?: Options);
  readonly opts: Options;
  readonly engine: Engine;
  socket(namespace: string, options?: SocketOptions): Socket<Listen, Emit>;
  /** Connects; `done` is called once, with the error if it failed. */
  open(done?: (error?: Error) => void): this;
  connect(done?: (error?: Error) => void): this;
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  timeout(): number | false;
  timeout(value: number | false): this;
}

interface SocketEvents {
  connect: () => void;
  /** `data` where the server refused; `description`, `context` and `type` where the transport failed. */
  connect_error: (error: Error & { data?: any } & Partial<TransportError>) => void;
  disconnect: (reason: SocketDisconnectReason, details?: any) => void;
}

export type SocketDisconnectReason = "io server disconnect" | "io client disconnect" | CloseReason;

/** One namespace on a connection: what a user talks to. */
export class Socket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen> extends Emitter<Listen, Emit, SocketEvents> {
  readonly io: Manager<Listen, Emit>;
  readonly nsp: string;
  /** Given by the server; undefined while not connected. */
  id: string | undefined;
  connected: boolean;
  readonly disconnected: boolean;
  /** Whether it connects again by itself. */
  readonly active: boolean;
  /** Whether the server gave back session, rooms and missed events. */
  recovered: boolean;
  auth: SocketOptions["auth"];
  receiveBuffer: any[];
  sendBuffer: any[];
  connect(): this;
  open(): this;
  disconnect(): this;
  close(): this;
  send(...args: any[]): this;
  emitWithAck<Event extends Name<Emit>>(event: Event, ...args: WithoutLast<Arguments<Emit, Event>>): Promise<AckValue<Arguments<Emit, Event>>>;
  /** For the next `emit`: the ack is called with an error first, at the latest after so many milliseconds. */
  timeout(ms: number): Socket<Listen, { [Event in keyof Emit]: (...args: WithError<Parameters<Emit[Event]>>) => void }>;
  compress(compress: boolean): this;
  /** The next `emit` is dropped when it cannot be sent right now. */
  readonly volatile: this;
  onAny(listener: (...args: any[]) => void): this;
  prependAny(listener: (...args: any[]) => void): this;
  offAny(listener?: (...args: any[]) => void): this;
  listenersAny(): ((...args: any[]) => void)[];
  onAnyOutgoing(listener: (...args: any[]) => void): this;
  prependAnyOutgoing(listener: (...args: any[]) => void): this;
  offAnyOutgoing(listener?: (...args: any[]) => void): this;
  listenersAnyOutgoing(): ((...args: any[]) => void)[];
}

export interface IO {
  /** A socket for a namespace; sockets for other namespaces of the same server share its connection. */
  (uri?: string, options?: Options): Socket;
  (options?: Options): Socket;
  connect: IO;
  io: IO;
  Manager: typeof Manager;
  Socket: typeof Socket;
  /** Tells on the console what happens: all of it, names that match such as `engine.io-client`, or nothing. */
  debug(what: boolean | string): void;
}

export const io: IO;
export { io as connect, io as default };
/** The revision of the Socket.IO protocol. */
export const protocol: 5;

export const Fetch: new (options: any) => Transport;
export const XHR: new (options: any) => Transport;
export const NodeXHR: new (options: any) => Transport;
export const WebSocket: new (options: any) => Transport;
export const NodeWebSocket: new (options: any) => Transport;
export const WebTransport: new (options: any) => Transport;

export as namespace io;
