// The playground's page: a small chat that uses most of what `tapedeck serve` answers, and shows what goes over the wire.
// Whatever another person wrote is put into the page as text, never as HTML.
"use strict";

const KEPT = 500; // lines, of the chat and of the log
const byId = (id) => document.getElementById(id);
const socket = io();

// -- small helpers ------------------------------------------------------------------------------------------------------

/** An element with a class and, as text, what it says. */
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function clock(at, precise) {
  const parts = { hour: "2-digit", minute: "2-digit" };
  if (precise) Object.assign(parts, { second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" });
  const made = element("time", "", at.toLocaleTimeString([], parts));
  made.dateTime = at.toISOString();
  return made;
}

/** Adds a line, keeps the last ones, and stays at the end if the reader was there. */
function addLine(list, line) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(line);
  while (list.children.length > KEPT) list.firstChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function showProblem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = !text;
}

// -- chat ---------------------------------------------------------------------------------------------------------------

let nickname = readNickname();

function readNickname() {
  try {
    return sessionStorage.getItem("nickname") ?? "";
  } catch {
    return ""; // storage is forbidden here; the name lasts as long as the page
  }
}

function keepNickname(name) {
  nickname = name;
  try {
    sessionStorage.setItem("nickname", name);
  } catch {
    // as above
  }
}

function say({ from, text, at, where, mine }) {
  const line = element("li", mine ? "mine" : "");
  line.append(element("span", "from", from));
  if (where) line.append(" ", element("span", "room", where));
  line.append(clock(at), element("span", "text", text));
  addLine(byId("messages"), line);
}

function note(text) {
  addLine(byId("messages"), element("li", "note", text));
}

/** Any server may be at the other end: what is no text is shown as JSON. */
function asText(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

socket.on("chat message", (message) => {
  const { from, text, at } = message ?? {};
  const when = new Date(at);
  say({ from: asText(from), text: asText(text), at: Number.isNaN(when.getTime()) ? new Date() : when, mine: from === nickname || from === socket.id });
});

// What is cast names no sender, so we put ours into it; others may cast anything.
socket.on("cast", (room, message) => {
  const from = typeof message?.from === "string" ? message.from : "someone";
  say({ from, text: asText(message?.text ?? message), at: new Date(), where: `in ${asText(room)}`, mine: from === (nickname || socket.id) });
});

socket.on("shout", (...args) => note(`Someone shouts: ${args.map(asText).join(" ")}`));
socket.on("dm", (from, ...args) => say({ from: asText(from), text: args.map(asText).join(" "), at: new Date(), where: "to you alone" }));
socket.on("problem", (problem) => showProblem(asText(problem?.error ?? problem)));

byId("message-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("message").value.trim();
  if (!text) return;
  const room = byId("to").value;
  if (room) cast(room, text);
  else socket.emit("chat message", text);
  byId("message").value = "";
  byId("message").focus();
  showProblem("");
});

function sendNickname() {
  if (!nickname) return;
  socket.timeout(5000).emit("set nickname", nickname, (error, done) => {
    if (error || done !== true) showProblem(error ? "The nickname was not confirmed." : asText(done?.error ?? done));
  });
}

byId("nickname").value = nickname;
byId("nickname-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("nickname").value.trim();
  if (!name) return showProblem("A nickname has at least one letter.");
  keepNickname(name);
  if (socket.connected) sendNickname();
  note(`You are ${name} now.`);
  showProblem("");
  byId("message").focus();
});

// -- rooms --------------------------------------------------------------------------------------------------------------

let rooms = [];
let current = "";

function showRooms(joined) {
  if (!Array.isArray(joined)) return showProblem(asText(joined?.error ?? joined));
  rooms = joined;
  if (!rooms.includes(current)) current = rooms.at(-1) ?? "";
  byId("rooms").replaceChildren(...rooms.map(roomItem));
  const to = byId("to").value;
  const choices = rooms.map((room) => new Option(`to ${room}`, room));
  byId("to").replaceChildren(new Option("to everyone", ""), ...choices);
  byId("to").value = rooms.includes(to) ? to : "";
  byId("cast-text").disabled = byId("cast").disabled = !current;
  byId("cast-text").placeholder = current ? `Message to ${current}` : "Join a room to cast to it";
}

function roomItem(room) {
  const item = element("li");
  const choose = element("button", "", room);
  choose.type = "button";
  choose.title = `Cast to ${room}`;
  choose.setAttribute("aria-pressed", String(room === current));
  choose.addEventListener("click", () => {
    current = room;
    showRooms(rooms);
    byId("cast-text").focus();
  });
  const leave = element("button", "leave", "×");
  leave.type = "button";
  leave.setAttribute("aria-label", `Leave ${room}`);
  leave.addEventListener("click", () => {
    socket.emit("leave", room, showRooms);
    byId("room").focus();
  });
  item.append(choose, leave);
  return item;
}

function cast(room, text) {
  socket.emit("cast", room, { from: nickname || socket.id, text });
}

byId("room-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const room = byId("room").value.trim();
  if (!room) return;
  current = room;
  socket.emit("join", room, showRooms);
  byId("room").value = "";
});

byId("cast-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("cast-text").value.trim();
  if (!text || !current) return;
  cast(current, text);
  byId("cast-text").value = "";
});

// -- connection ---------------------------------------------------------------------------------------------------------

function showState(state, text) {
  byId("status").dataset.state = state;
  byId("state").textContent = text;
  byId("socket-id").textContent = socket.id ?? "–";
  byId("transport").textContent = socket.connected ? socket.io.engine.transport.name : "–";
  byId("toggle").textContent = socket.active ? "Disconnect" : "Connect";
}

async function ping() {
  const start = performance.now();
  try {
    const { at } = await socket.timeout(5000).emitWithAck("time");
    byId("latency").textContent = `${(performance.now() - start).toFixed(1)} ms`;
    byId("server-time").textContent = new Date(at).toLocaleTimeString();
  } catch (error) {
    byId("latency").textContent = error.message;
  }
}

socket.on("connect", () => {
  showState("connected", "Connected");
  if (nickname) sendNickname();
  for (const room of rooms) socket.emit("join", room, showRooms); // a new session is in no room
  ping();
});

socket.on("disconnect", (reason) => showState(socket.active ? "connecting" : "disconnected", `${socket.active ? "Connecting again" : "Disconnected"}: ${reason}`));
socket.on("connect_error", (error) => showState(socket.active ? "connecting" : "disconnected", `No connection: ${error.message}`));

byId("ping").addEventListener("click", ping);
byId("whoami").addEventListener("click", async () => {
  try {
    note(`The server says: ${JSON.stringify(await socket.timeout(5000).emitWithAck("whoami"))}`);
  } catch (error) {
    showProblem(`No answer to “Who am I?”: ${error.message}`);
  }
});
byId("toggle").addEventListener("click", () => {
  if (socket.active) {
    socket.disconnect();
    showState("disconnected", "Disconnected by you");
  } else {
    socket.connect();
    showState("connecting", "Connecting…");
  }
});
byId("replay-command").textContent = `tapedeck replay tapedeck.tape ${location.origin}`;

// -- the wire -----------------------------------------------------------------------------------------------------------

function log(way, { type, data }) {
  if ((type === "ping" || type === "pong") && !byId("heartbeats").checked) return;
  const line = element("li", way);
  const bytes = typeof data === "object" && data !== null ? `${data.byteLength ?? data.size} bytes` : data ?? "";
  const arrow = element("span", "way", way === "in" ? "←" : "→");
  arrow.setAttribute("aria-label", way === "in" ? "from the server" : "to the server");
  arrow.setAttribute("role", "img");
  line.append(clock(new Date(), true), arrow, element("span", "kind", type), element("span", "data", bytes.length > 2000 ? `${bytes.slice(0, 2000)}…` : bytes));
  addLine(byId("log"), line);
}

/** Each connection has an engine of its own. */
function watch(engine) {
  if (!engine || engine.watched) return;
  engine.watched = true;
  engine.on("packet", (packet) => log("in", packet));
  engine.on("packetCreate", (packet) => log("out", packet));
  engine.on("upgrade", () => showState("connected", "Connected"));
}

watch(socket.io.engine);
// The manager opens its next engine right after this event.
socket.io.on("reconnect_attempt", () => queueMicrotask(() => watch(socket.io.engine)));
socket.io.on("open", () => watch(socket.io.engine));
byId("clear").addEventListener("click", () => byId("log").replaceChildren());
