import assert from "node:assert/strict";
import { test } from "node:test";
import { countThatFits, decodePayload, encodePayload } from "../../web/client/src/engine-packets.js";
import { Decoder, Encoder } from "../../web/client/src/text-packets.js";

const encode = (packet) => new Encoder().encode(packet);

function decode(...messages) {
  const decoder = new Decoder();
  const packets = [];
  decoder.on("decoded", (packet) => packets.push(packet));
  for (const message of messages) decoder.add(message);
  return packets;
}

test("packets have the text of the protocol", () => {
  assert.deepEqual(encode({ type: 0, nsp: "/" }), ["0"]);
  assert.deepEqual(encode({ type: 0, nsp: "/chat", data: { token: "x" } }), ['0/chat,{"token":"x"}']);
  assert.deepEqual(encode({ type: 1, nsp: "/chat" }), ["1/chat,"]);
  assert.deepEqual(encode({ type: 2, nsp: "/", id: 0, data: ["e", 1] }), ['20["e",1]']);
  assert.deepEqual(encode({ type: 3, nsp: "/a", id: 12, data: [] }), ["3/a,12[]"]);
});

test("binary becomes attachments, wherever it stands, in depth-first order", () => {
  const [a, b, c] = [new ArrayBuffer(1), new Uint8Array([2]), Buffer.from([3])];
  const [text, ...attachments] = encode({ type: 2, nsp: "/", data: ["e", { x: [a, { y: b }] }, c] });
  assert.equal(text, '53-["e",{"x":[{"_placeholder":true,"num":0},{"y":{"_placeholder":true,"num":1}}]},{"_placeholder":true,"num":2}]');
  assert.deepEqual(attachments, [a, b, c]);
  assert.equal(encode({ type: 3, nsp: "/", id: 1, data: [a] })[0], '61-1[{"_placeholder":true,"num":0}]');
});

test("toJSON, dates and values without JSON are written as JSON.stringify does", () => {
  const at = new Date(0);
  assert.equal(encode({ type: 2, nsp: "/", data: ["e", at, undefined, NaN, { toJSON: () => ({ n: 1 }) }] })[0], '2["e","1970-01-01T00:00:00.000Z",null,null,{"n":1}]');
});

test("what is written is read back", () => {
  for (const packet of [
    { type: 0, nsp: "/", data: { sid: "x" } },
    { type: 2, nsp: "/chat", id: 3, data: ["e", "42[", { a: [null] }] },
    { type: 2, nsp: "/", data: [7, "number as a name"] },
    { type: 4, nsp: "/nope", data: { message: "Invalid namespace" } },
  ]) {
    assert.deepEqual(decode(...encode(packet)), [packet]);
  }
  const bytes = new Uint8Array([1, 2]).buffer;
  assert.deepEqual(decode(...encode({ type: 2, nsp: "/", data: ["e", [bytes]] })), [{ type: 5, nsp: "/", data: ["e", [bytes]] }]);
});

test("what is no packet is refused", () => {
  for (const text of ["", " ", "7", "x", "2", '2{"a":1}', '2["connect"]', "2[true]", "1[]", "0[]", '0"x"', "3", "5[\"e\"]", '21-["e"]', "2[1", '5x-["e"]'])
    assert.throws(() => decode(text), /no Socket\.IO packet/, text);
  assert.throws(() => decode('51-["e",{"_placeholder":true,"num":0}]', '2["f"]'), /attachments were due/);
  assert.throws(() => decode(new ArrayBuffer(1)), /no packet announced/);
  assert.throws(() => decode('51-["e",{"_placeholder":true,"num":1}]', new ArrayBuffer(1)), /placeholder without/);
  assert.throws(() => decode('51-["e",{"_placeholder":true,"num":"length"}]', new ArrayBuffer(1)), /placeholder without/);
});

test("a payload holds packets of text and binary", () => {
  const packets = [{ type: "message", data: "zażółć 👩‍👧" }, { type: "pong" }, { type: "message", data: new Uint8Array([0, 255]) }];
  const payload = encodePayload(packets);
  assert.equal(payload, "4zażółć 👩‍👧\x1e3\x1ebAP8=");
  const [text, pong, binary] = decodePayload(payload, "arraybuffer");
  assert.deepEqual([text, pong], packets.slice(0, 2));
  assert.deepEqual(new Uint8Array(binary.data), packets[2].data);
  assert.equal(decodePayload("9x", "arraybuffer")[0].type, "error");
  assert.equal(decodePayload("b*", "arraybuffer")[0].type, "error");
});

test("a POST stays below the server's limit, and a packet above it goes alone", () => {
  const message = (data) => ({ type: "message", data });
  for (const limit of [5, 20, 100]) {
    let rest = ["é", "日本語", "👩", "x".repeat(30), "", new Uint8Array(9), new Uint8Array(1)].map(message);
    while (rest.length) {
      const count = countThatFits(rest, limit);
      const part = rest.slice(0, count);
      rest = rest.slice(count);
      assert.ok(count === 1 || Buffer.byteLength(encodePayload(part)) <= limit);
    }
  }
});
