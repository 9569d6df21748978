// The inspector's pure parts: the filter line, JSON as it was written, snippets, alignment of two recordings.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const module = (/** @type {string} */ name) => import(new URL(`../../web/inspector/${name}.js`, import.meta.url).href);
const { parse, quote, withTerm, wordAt } = await module("core/filter");
const { read, write, placeholder } = await module("core/json");
const { asJavaScript, asRule, asSwift, wire } = await module("parts/snippets");
const { aligned, folded } = await module("parts/alignment");
const { bytes, count, duration, iso, microseconds } = await module("core/format");
const { questions } = await module("core/questions");
const { acksAmong } = await module("core/packets");
const { timelineModel } = await module("parts/timeline-model");
const { parsed } = await module("core/live");

test("a filter line becomes a question to the API", () => {
  assert.deepEqual(parse('event:"chat message" dir:in ns:/custom room:r1 ack:>100ms text:hello').query, {
    event: "chat message", direction: "in", namespace: "/custom", room: "r1", min_ack_ms: "100", q: "hello",
  });
  assert.deepEqual(parse("ack:>2s").query, { min_ack_ms: "2000" });
  assert.deepEqual(parse("ack:lost beats:on").query, { ack_status: "lost", heartbeats: "true" });
  assert.deepEqual(parse('"who is" there').query, { q: "who is there" });
  assert.deepEqual(parse("http://example.com:80 a").query, { q: "http://example.com:80 a" });
  assert.deepEqual(parse('event:"a \\"b\\" \\\\c"').query, { event: 'a "b" \\c' });
  assert.deepEqual(parse("").query, {});
});

test("what is wrong with a filter line is said", () => {
  for (const [line, word] of [["dir:up", "in, out"], ["session:ann", "whole number"], ["event:", "waits"], ["since:soon", "time"], ["ack:slow", ">100ms"], ["event:a event:b", "twice"]]) {
    assert.match(parse(line).problems[0], new RegExp(word), line);
  }
});

test("a term is set, replaced and taken out", () => {
  assert.equal(withTerm('dir:in event:"a b" x', "event", "c d"), 'dir:in x event:"c d"');
  assert.equal(withTerm("dir:in x", "dir", null), "x");
  assert.equal(quote('say "hi"'), '"say \\"hi\\""');
  assert.deepEqual(parse(`event:${quote('say "hi" \\')}`).query, { event: 'say "hi" \\' });
});

test("the word under the caret is found", () => {
  assert.deepEqual(wordAt("dir:in ev", 9), { key: null, typed: "ev", from: 7, to: 9 });
  assert.deepEqual(wordAt('event:"chat me', 14), { key: "event", typed: "chat me", from: 0, to: 14 });
  assert.deepEqual(wordAt("dir:in ", 7), { key: null, typed: "", from: 7, to: 7 });
});

test("JSON keeps its digits and its order", () => {
  for (const text of ['{"b":1.0,"a":[1234567890123456789,-0.10e-7,"\\u0000é"],"c":{},"d":[],"e":null}', "[]", '"x"', "12"]) {
    assert.equal(write(read(text)).replace(/\n\s*/g, "").replaceAll('": ', '":'), text.replace("\\u0000é", "\\u0000é"));
  }
  for (const text of ["", "[1", "{a:1}", "[1]x", "01"]) assert.equal(read(text), null, text);
  assert.equal(read("[".repeat(100_000)), null);
  assert.equal(placeholder(read('{"_placeholder":true,"num":3}')), 3);
});

const packet = { id: 7, at: "2026-01-31T12:00:00.000001Z", at_us: 1, direction: "in", layer: "socket", type: "event", namespace: "/custom", event: "buy", data: ["buy"], attachments: 0, bytes: 9, run_id: 1, connection_id: 1, session_id: 1, ack_id: 12, broadcast_id: null };

test("a packet is written as it was on the wire", () => {
  assert.equal(wire(packet, '["buy",1.0]'), '42/custom,12["buy",1.0]');
  assert.equal(wire({ ...packet, namespace: "/", ack_id: null, type: "binary_event", attachments: 2 }, '["buy"]'), '452-["buy"]');
  assert.equal(wire({ ...packet, layer: "engine", type: "ping", data: "probe" }, '"probe"'), "2probe");
});

test("a packet becomes a test in two languages", () => {
  const raw = '["buy",{"sku":"A \\"1\\"","n":1.50},null,[]]';
  assert.equal(asJavaScript(packet, raw), 'const socket = io(url + "/custom");\nconst answer = await socket.timeout(5000).emitWithAck("buy", { sku: "A \\"1\\"", n: 1.50 }, null, []);');
  assert.equal(asSwift(packet, raw), 'let client = try await server.connect("/custom")\nlet answer: JSONValue = try await client.emitWithAck("buy", ["sku": "A \\"1\\"", "n": 1.50] as JSONValue, JSONValue.null, [] as JSONValue, to: "/custom")');
  const sent = { ...packet, direction: "out", namespace: "/", ack_id: null };
  assert.equal(asSwift(sent, '["buy",1,"x\\n"]'), 'let client = try await server.connect()\nlet args = try await client.next("buy", as: JSONValue.self, JSONValue.self)\n#expect(args.0 == 1)\n#expect(args.1 == "x\\u{a}")');
  assert.match(asJavaScript(sent, '["buy",1]'), /assert\.deepEqual\(args, \[1\]\)/);
});

test("the Swift tests are those that Swift's own tests compile and run", () => {
  const lines = readFileSync(new URL("../SocketIOTests/TestKit/GeneratedTests.swift", import.meta.url), "utf8").replace(/\n\s*/g, "\n");
  const out = { ...packet, direction: "out", namespace: "/", ack_id: null };
  for (const [one, raw] of [
    [packet, '["buy",{"sku":"A \\"1\\""},[]]'],
    [{ ...out, event: "sold" }, '["sold",1,"x\\n"]'],
    [{ ...out, event: "note" }, '["note",{"a":[1,null]}]'],
    [{ ...out, event: "ready" }, '["ready"]'],
    [{ ...out, direction: "in", event: "ping" }, '["ping",1,"a",true]'],
  ]) for (const line of asSwift(one, raw).split("\n")) assert.ok(lines.includes(`\n${line}\n`), line);
});

test("a chosen value becomes a rule", () => {
  assert.equal(asRule(packet, null, null), 'ignore:\n  - "buy"');
  assert.equal(asRule(packet, "$[0].at", read('"2026-01-31T12:00:00Z"')), 'match:\n  "buy:$[0].at": iso8601');
  assert.equal(asRule(packet, "$[0].id", read('"6fa459ea-ee8a-4ca4-894e-db77e160355e"')), 'match:\n  "buy:$[0].id": uuid');
  assert.equal(asRule(packet, "$[0].n", read("1")), 'ignore:\n  - "buy:$[0].n"');
});

test("two recordings are laid side by side", () => {
  const list = (/** @type {[string, unknown][]} */ ...all) => all.map(([event, data], index) => ({ ...packet, id: index + 1, event, data: [event, data] }));
  const then = list(["a", "id-1"], ["b", 1], ["c", 1], ["d", 1]);
  const now = list(["a", "id-2"], ["b", 2], ["d", 1], ["e", 1]);
  assert.deepEqual(aligned(then, now, new Map([["id-1", "id-2"]])).map((/** @type {any} */ pair) => pair.kind), ["same", "changed", "missing", "same", "extra"]);
  const long = aligned(list(...Array.from({ length: 50 }, () => /** @type {[string, number]} */ (["x", 1])), ["y", 1]), list(...Array.from({ length: 50 }, () => /** @type {[string, number]} */ (["x", 1])), ["y", 2]), new Map());
  assert.deepEqual(folded(long).map((/** @type {any} */ row) => row.kind), ["skip", "same", "same", "same", "changed"]);
});

test("questions and answers are tied", () => {
  const asked = { ...packet, id: 1, at_us: 1000 };
  const answer = { ...packet, id: 2, at_us: 4500, direction: "out", type: "ack", event: null };
  assert.equal(acksAmong([asked, answer]).get(1).latency, 3.5);
  assert.equal(acksAmong([asked, { ...answer, session_id: 2 }]).size, 0);
  const { ties, lanes, moments } = timelineModel([asked, answer], [], new Map(), { mode: "order", rowHeight: 20, perPixel: 1 });
  assert.deepEqual([ties.length, lanes.length, moments.length], [1, 1, 2]);
  assert.equal(ties[0].latency, 3.5);
});

test("a broadcast is one moment with many lanes, and a silence is said", () => {
  const out = { ...packet, direction: "out", ack_id: null, broadcast_id: 3 };
  const model = timelineModel([{ ...out, id: 1, session_id: 1 }, { ...out, id: 2, session_id: 2, connection_id: 2 }, { ...packet, id: 3, at_us: 5_000_000 }], [], new Map(), { mode: "order", rowHeight: 20, perPixel: 1 });
  assert.deepEqual(model.moments.map((/** @type {any} */ moment) => moment.kind), ["cast", "pause", "packet"]);
  assert.deepEqual(model.moments[0].lanes, [0, 1]);
});

test("numbers and times are legible", () => {
  assert.deepEqual([duration(0.0684), duration(48.79), duration(1500), duration(125_000)], ["68 µs", "48.8 ms", "1.50 s", "2 min 5 s"].map((text) => text.replaceAll(" ", "\u202f").replace("min\u202f", "min ")));
  assert.equal(count(1234567), "1\u202f234\u202f567");
  assert.equal(bytes(999), "999\u202fB");
  const time = "2026-11-23T10:20:07.731042Z";
  assert.equal(iso(microseconds(time)), time);
});

test("events of the live stream are read, comments are not", () => {
  assert.deepEqual(parsed('id: 4\nevent: packet\ndata: {"id":4}'), { id: "4", kind: "packet", data: { id: 4 } });
  assert.equal(parsed(": still here"), null);
  assert.equal(parsed("retry: 1000"), null);
});

test("the worked questions are those of the documentation", () => {
  const text = readFileSync(new URL("../../docs/questions.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^### \d+\. (.+)\n[^]*?```sql\n([^]*?)\n```/gm)].map(([, title, sql]) => ({ title, sql }));
  assert.deepEqual(questions.map((/** @type {any} */ { title, sql }) => ({ title, sql })), documented);
});
