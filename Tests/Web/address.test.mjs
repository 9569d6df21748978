import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../web/client/src/backoff.js";
import { Emitter } from "../../web/client/src/emitter.js";
import { encodeQuery, parseAddress } from "../../web/client/src/url.js";

const page = { protocol: "https:", host: "example.org:8443" };

test("an address names server, namespace and query", () => {
  for (const [given, id, path] of [
    ["http://localhost", "http://localhost:80", "/"],
    ["http://localhost/", "http://localhost:80", "/"],
    ["https://h/chat?a=1", "https://h:443", "/chat"],
    ["wss://h:1/x/y", "wss://h:1", "/x/y"],
    ["http://[::1]:3000/é", "http://[::1]:3000", "/é"],
    [undefined, "https://example.org:8443", "/"],
    ["/admin", "https://example.org:8443", "/admin"],
    ["//other:9/n", "https://other:9", "/n"],
    ["other:9", "https://other:9", "/"],
  ]) {
    const address = parseAddress(given, page);
    assert.deepEqual([address.id, address.path], [id, path], String(given));
  }
  assert.deepEqual(parseAddress("http://h/?a=1&b=%20").query, { a: "1", b: " " });
});

test("an address that cannot work is refused with what to do", () => {
  assert.throws(() => parseAddress("ftp://h", page), /use http, https, ws or wss/);
  assert.throws(() => parseAddress(undefined, undefined), /needs an address/);
});

test("a query is escaped and leaves out what is undefined", () => {
  assert.equal(encodeQuery({ "a b": "c&d", n: 1, gone: undefined }), "a%20b=c%26d&n=1");
});

test("the delay doubles up to its limit", () => {
  const backoff = new Backoff({ min: 100, max: 1000, jitter: 0 });
  assert.deepEqual(Array.from({ length: 6 }, () => backoff.duration()), [100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  assert.equal(backoff.duration(), 100);
});

test("the delay varies by its jitter, both ways", () => {
  const delays = Array.from({ length: 500 }, () => new Backoff({ min: 100, max: 1000, jitter: 0.5 }).duration());
  assert.ok(delays.every((delay) => delay >= 50 && delay <= 150));
  assert.ok(delays.some((delay) => delay < 100) && delays.some((delay) => delay > 100));
});

test("listeners come and go, also while they are called", () => {
  const emitter = new Emitter();
  const heard = [];
  emitter.once("e", (value) => heard.push(`once ${value}`));
  emitter.on("e", (value) => heard.push(`on ${value}`));
  emitter.emit("e", 1).emit("e", 2);
  assert.deepEqual(heard, ["once 1", "on 1", "on 2"]);
  const listener = () => {};
  emitter.once("f", listener).off("f", listener);
  assert.equal(emitter.hasListeners("f"), false);
  assert.equal(emitter.off("e").listeners("e").length, 0);
});
