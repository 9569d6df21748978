// The same contract on Node's socket.io, for comparison: `npm install socket.io` somewhere and name its node_modules in NODE_PATH.
const { Server } = require("socket.io");
const http = require("node:http").createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.emit("auth", socket.handshake.auth);
  socket.on("echo", (value, ack) => ack(value));
  socket.on("join", (room) => socket.join(room));
  socket.on("cast", (room, ...rest) => io.to(room).emit("cast", room, ...rest));
});
http.listen(0, "127.0.0.1", () => console.log(`Listening on http://127.0.0.1:${http.address().port}`));
process.on("SIGTERM", () => process.exit(0));
