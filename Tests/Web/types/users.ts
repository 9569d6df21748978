// What an app in TypeScript writes. Compiled, never run: each line either must compile, or must not (@ts-expect-error).
import connect, { io, Manager, Socket, protocol, WebSocket } from "socket.io-client";
import type { Options, TransportError } from "socket.io-client";

interface FromServer {
  news: (text: string, at: number) => void;
  question: (text: string, answer: (reply: string) => void) => void;
}
interface ToServer {
  vote: (id: number, done: (total: number) => void) => void;
  hello: () => void;
}

// Untyped, as in most apps.
const plain = io("http://localhost:3000", { transports: ["websocket", WebSocket], auth: { token: "x" }, retries: 3, ackTimeout: 100 });
plain.on("anything", (a, b) => plain.emit("other", a, b));
plain.send("text").timeout(5).volatile.compress(false).emit("x", new Uint8Array(1));
io();
io({ autoConnect: false });
connect("/chat");
io.connect("http://localhost").disconnect();
io.debug("engine.io-client");

// Typed.
const socket: Socket<FromServer, ToServer> = io("/typed") as Socket<FromServer, ToServer>;
socket.on("news", (text, at) => text.toUpperCase() + at.toFixed());
socket.on("question", (text, answer) => answer(text));
socket.on("connect", () => {});
socket.on("connect_error", (error) => [error.message, error.data, error.description]);
socket.on("disconnect", (reason, details) => reason === "ping timeout" && details);
socket.emit("vote", 1, (total) => total.toFixed());
socket.emit("hello");
socket.timeout(100).emit("vote", 1, (error, total) => (error ? error.message : total.toFixed()));
const total: Promise<number> = socket.emitWithAck("vote", 1);
const id: string | undefined = socket.id;
socket.onAny((event, ...args) => [event, args]);
// @ts-expect-error: no such event
socket.emit("unknown");
// @ts-expect-error: an id is a number
socket.emit("vote", "1", () => {});
// @ts-expect-error: news has a text first
socket.on("news", (text: number) => text);
// @ts-expect-error: an option that does not exist
io({ reconection: false });

const manager = new Manager("http://localhost", { reconnectionDelay: 10, auth: (give) => give({ a: 1 }) });
manager.on("reconnect_attempt", (attempt) => attempt.toFixed());
manager.reconnectionDelay(5).timeout(false).open((error) => error?.message);
const delay: number = manager.reconnectionDelay();
manager.engine.on("upgradeError", (error) => error.message);
manager.socket("/admin", { auth: { token: "y" } }).io === manager;
const name: string = manager.engine.transport.name;
const revision: 5 = protocol;
const options: Options = { path: "/x", transportOptions: { polling: { extraHeaders: { a: "b" } } } };
const failed = (error: TransportError) => [error.description, error.context];
export { delay, failed, id, name, options, revision, total };
