// A test stand: starts a server, puts a proxy with faults before it, and takes orders over HTTP, so that tests in Node and in a browser can
// have the network fail on them.
//
//     node stand.mjs COMMAND [ARGUMENT…]      ("{port}" in an argument stands for the server's port)
//
// Prints `Listening on URL` (the proxy) and `Control at URL`; ends with its standard input. Orders are POSTs:
//     cut         drop every connection                      stall / resume   let no byte through, drop nothing
//     refuse / accept   no new connections                   slow             each byte comes 50 ms late, until `resume`
//     block       WebSockets are answered 403, until `resume`
//     kill / start      the server itself, by SIGKILL        clear            forget the requests seen
// and GET /requests tells what was asked for: method, address and headers of each request.

import { spawn } from "node:child_process";
import http from "node:http";
import net from "node:net";

const LATE = 50;
const [command, ...args] = process.argv.slice(2);

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const serverPort = await freePort();
let child;
const start = () =>
  new Promise((done, fail) => {
    child = spawn(command, args.map((arg) => arg.replaceAll("{port}", serverPort)), { stdio: ["ignore", "pipe", process.env.STAND_LOG ? "inherit" : "ignore"] });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
      if (/^Listening on /m.test(output)) done();
    });
    child.once("error", fail);
    child.once("exit", () => fail(new Error(`${command} ended before it listened`)));
  });
const kill = () =>
  new Promise((done) => {
    child.once("exit", done);
    child.kill("SIGKILL");
  });

// -- the proxy ------------------------------------------------------------------------------------------------------------

let mode = "open"; // open, stall, slow, block
let requests = [];
const pairs = new Set();

function note(chunk) {
  const head = /^(GET|POST|OPTIONS|HEAD) (\S+) HTTP\/1\.1\r\n([^]*?)\r\n\r\n/.exec(chunk.toString("latin1"));
  if (!head) return;
  const headers = Object.fromEntries(head[3].split("\r\n").map((line) => /^([^:]+):\s*(.*)$/.exec(line)?.slice(1) ?? [line, ""]));
  requests.push({ method: head[1], url: head[2], headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v])) });
  return requests.at(-1);
}

const proxy = net.createServer((client) => {
  const server = net.connect(serverPort, "127.0.0.1");
  const pair = { client, server, held: [] };
  pairs.add(pair);
  const end = () => {
    pairs.delete(pair);
    client.destroy();
    server.destroy();
  };
  const pass = (to, chunk) => {
    if (mode === "stall") pair.held.push([to, chunk]);
    else if (mode === "slow") setTimeout(() => to.write(chunk), LATE);
    else to.write(chunk);
  };
  client.on("data", (chunk) => {
    const request = note(chunk);
    if (mode === "block" && request?.headers.upgrade) return client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    pass(server, chunk);
  });
  server.on("data", (chunk) => pass(client, chunk));
  for (const side of [client, server]) {
    side.setNoDelay(true);
    side.on("error", end).on("close", () => mode !== "stall" && end());
  }
});
const listen = (port) => new Promise((done) => proxy.listen(port, "127.0.0.1", done));
await start();
await listen(0);
const proxyPort = proxy.address().port;

const orders = {
  cut() {
    for (const { client, server } of pairs) client.destroy(), server.destroy();
  },
  stall: () => void (mode = "stall"),
  slow: () => void (mode = "slow"),
  block: () => void (mode = "block"),
  resume() {
    mode = "open";
    for (const { held } of pairs) for (const [to, chunk] of held.splice(0)) to.write(chunk);
  },
  refuse: () => void (proxy.listening && proxy.close()),
  accept: () => (proxy.listening ? undefined : listen(proxyPort)),
  kill,
  start,
  clear: () => void (requests = []),
};

const control = http.createServer(async (request, response) => {
  const name = request.url.slice(1);
  response.setHeader("Access-Control-Allow-Origin", "*");
  if (name === "requests") return response.end(JSON.stringify(requests));
  try {
    await orders[name]();
    response.end();
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
await new Promise((done) => control.listen(0, "127.0.0.1", done));
console.log(`Listening on http://127.0.0.1:${proxyPort}\nControl at http://127.0.0.1:${control.address().port}`);

const leave = () => {
  child.removeAllListeners("exit");
  child.kill("SIGKILL");
  process.exit();
};
process.stdin.on("end", leave).on("error", leave).resume();
process.on("SIGTERM", leave);
