// The files that are served and shipped: what each gives to its kind of user (section 4.1 of the behaviour notes).

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { WebSocket, connected, skip, url } from "./playground.mjs";

const client = new URL("../../web/client/", import.meta.url);
const scripts = ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js"];
const source = (name) => readFile(new URL(`dist/${name}`, client), "utf8");

for (const name of scripts) {
  test(`${name} is the global io in a page`, async () => {
    const page = { location: { protocol: "http:", host: "page.example" }, URL, URLSearchParams, setTimeout, clearTimeout };
    vm.runInNewContext(await source(name), page);
    assert.deepEqual(["Manager", "Socket", "connect", "debug", "io"].filter((key) => typeof page.io[key] !== "function"), []);
    assert.equal(page.io.connect, page.io);
    assert.equal(page.io.protocol, undefined);
  });

  test(`${name} is what require gives`, () => {
    const io = createRequire(import.meta.url)(new URL(`dist/${name}`, client).pathname);
    assert.equal(typeof io, "function");
    assert.equal(io.io, io);
  });

  test(`${name} is an AMD module`, async () => {
    let defined;
    const define = Object.assign((factory) => (defined = factory()), { amd: {} });
    vm.runInNewContext(await source(name), { define, URL, URLSearchParams, setTimeout, clearTimeout });
    assert.equal(typeof defined.Manager, "function");
  });
}

test("the ES module exports what the official one does", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(new URL("dist/socket.io.esm.min.js", client), join(folder, "client.mjs"));
  const module = await import(pathToFileURL(join(folder, "client.mjs")));
  const expected = ["Fetch", "Manager", "NodeWebSocket", "NodeXHR", "Socket", "WebSocket", "WebTransport", "XHR", "connect", "default", "io", "protocol"];
  assert.deepEqual(Object.keys(module).sort(), expected);
  assert.equal(module.protocol, 5);
  assert.deepEqual([module.default, module.connect], [module.io, module.io]);
});

test("the package gives the same to import and to require", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "package-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(client, join(folder, "node_modules/tapedeck-client"), { recursive: true });
  const require = createRequire(join(folder, "app.js"));
  assert.equal(typeof require("tapedeck-client").io, "function");
  const module = await import(pathToFileURL(join(folder, "node_modules/tapedeck-client/src/esm.js")));
  assert.equal(typeof module.io, "function");
});

test("each file names its source map, which holds the sources", async () => {
  for (const name of [...scripts, "socket.io.esm.min.js"]) {
    assert.match(await source(name), new RegExp(`//# sourceMappingURL=${name.replaceAll(".", "\\.")}\\.map\\s*$`));
    const map = JSON.parse(await source(`${name}.map`));
    assert.ok(map.sources.some((path) => path.endsWith("src/engine.js")) && map.sourcesContent.length === map.sources.length, name);
  }
});

test("the minified file is at most two thirds of the official one", async () => {
  const { size } = await import("node:fs").then(({ statSync }) => statSync(new URL("dist/socket.io.min.js", client)));
  assert.ok(size <= (46_822 * 2) / 3, `${size} bytes`);
});

test("the served files work as they are", { skip }, async (t) => {
  for (const name of ["socket.io.js", "socket.io.min.js"]) {
    const page = { location: new URL(url), URL, URLSearchParams, setTimeout, clearTimeout, fetch, AbortController, TextEncoder, TextDecoder, Blob, WebSocket, console, queueMicrotask };
    vm.runInNewContext(await (await fetch(`${url}/socket.io/${name}?v=4.8.3`)).text(), page);
    const socket = page.io({ forceNew: true });
    t.after(() => socket.disconnect());
    await connected(socket);
    assert.equal(await socket.emitWithAck("echo", name), name);
  }
});
