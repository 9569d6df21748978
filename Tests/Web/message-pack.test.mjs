import assert from "node:assert/strict";
import { test } from "node:test";
import { Decoder, Encoder } from "../../web/client/src/message-pack-packets.js";
import { pack, unpack } from "../../web/client/src/message-pack.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

test("values have the bytes that the format gives them", () => {
  const table = [
    [0, "00"], [127, "7f"], [128, "cc80"], [256, "cd0100"], [65536, "ce00010000"], [2 ** 32, "cf0000000100000000"],
    [-1, "ff"], [-32, "e0"], [-33, "d0df"], [-129, "d1ff7f"], [-32769, "d2ffff7fff"], [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
    [1.5, "cb3ff8000000000000"], [-0, "cb8000000000000000"], [null, "c0"], [true, "c3"], [false, "c2"], ["a", "a161"], ["ä", "a2c3a4"],
    [[], "90"], [[1, [2]], "920191" + "02"], [{}, "80"], [{ a: 1 }, "81a16101"], [new Uint8Array([1, 2]), "c4020102"], [undefined, "d40000"],
    ["x".repeat(32), "d920" + "78".repeat(32)], [10n, "cf000000000000000a"],
  ];
  for (const [value, expected] of table) assert.equal(hex(pack(value)), expected, String(value));
});

test("what is written is read back, at every size where the format changes", () => {
  const sizes = [0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536];
  for (const size of sizes) {
    const text = "x".repeat(size);
    const list = Array.from({ length: size }, (_, n) => n % 100);
    const map = Object.fromEntries(list.slice(0, 70_000).map((_, n) => [`k${n}`, n]));
    for (const value of [text, list, map]) assert.deepEqual(unpack(pack(value)), value);
    assert.equal(unpack(pack(new Uint8Array(size))).byteLength, size);
  }
  for (const number of [2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, 1e300, -1e-300, Infinity, NaN]) assert.deepEqual(unpack(pack(number)), number);
  const date = new Date("2026-11-23T10:00:00.123Z");
  assert.deepEqual(unpack(pack({ date, early: new Date(-1) })), { date, early: new Date(-1) });
  assert.deepEqual(unpack(pack([undefined, { toJSON: () => "mine" }, { left: undefined, out() {} }])), [undefined, "mine", {}]);
});

test("a Blob inside is a part of a Blob, not read", async () => {
  const packed = pack(["a", new Blob(["blob"]), 1]);
  assert.ok(packed instanceof Blob);
  const [a, blob, one] = unpack(await packed.arrayBuffer());
  assert.deepEqual([a, Buffer.from(blob).toString(), one], ["a", "blob", 1]);
});

test("dates and other extensions of other writers are read", () => {
  assert.deepEqual(unpack(bytes("d6ff00000001")), new Date(1000));
  assert.deepEqual(unpack(bytes("d70000000000000003e8")), new Date(1000));
  assert.deepEqual(unpack(bytes("d7ff" + "1dcd650000000001")), new Date(1125));
  assert.deepEqual(unpack(bytes("ca3fc00000")), 1.5);
  assert.equal(hex(unpack(bytes("d50701ff"))), "01ff");
});

test("a key __proto__ is a key like any other", () => {
  const value = unpack(bytes("81a95f5f70726f746f5f5f81a16101"));
  assert.deepEqual(Object.keys(value), ["__proto__"]);
  assert.equal(value.a, undefined);
});

test("damaged bytes are an error, never a hang or a lie", () => {
  for (const text of ["", "c1", "a3ff", "92", "9201", "c403ff", "dfffffffff", "ddffffffff00", "81", "cb00", "0000", "c7"]) {
    assert.throws(() => unpack(bytes(text)), undefined, text);
  }
});

test("packets go through the parser and back; what is no packet is refused", () => {
  const decoder = new Decoder();
  const got = [];
  decoder.on("decoded", (packet) => got.push(packet));
  const packets = [
    { type: 0, nsp: "/", data: { token: "a" } }, { type: 1, nsp: "/x" }, { type: 2, nsp: "/", data: ["e", new Uint8Array([1])], id: 7 },
    { type: 3, nsp: "/", data: [], id: 7 }, { type: 4, nsp: "/", data: { message: "no" } },
  ];
  for (const packet of packets) for (const part of new Encoder().encode(packet)) decoder.add(part);
  assert.deepEqual(got.map(({ type, nsp, id }) => [type, nsp, id]), packets.map(({ type, nsp, id }) => [type, nsp, id]));
  decoder.add(pack({ type: 1, nsp: "/", data: null, id: null }));
  assert.deepEqual(got.at(-1), { type: 1, nsp: "/" });
  for (const wrong of [{ type: 9, nsp: "/" }, { type: 2, nsp: "/" }, { type: 2, nsp: 1, data: ["e"] }, { type: 2, nsp: "/", data: ["connect"] }, [], null, 3]) {
    assert.throws(() => decoder.add(pack(wrong)), /no Socket\.IO packet/, JSON.stringify(wrong));
  }
  assert.throws(() => decoder.add("2[]"), /same parser/);
});
