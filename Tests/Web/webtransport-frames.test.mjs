import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReader, frameHeader } from "../../web/client/src/transports/webtransport-frames.js";

const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

test("a frame's header has one, three or nine bytes", () => {
  assert.deepEqual([...frameHeader(125, 0)], [125]);
  assert.deepEqual([...frameHeader(126, 0x80)], [0xfe, 0, 126]);
  assert.deepEqual([...frameHeader(65535, 0)], [126, 255, 255]);
  assert.deepEqual([...frameHeader(65536, 0)], [127, 0, 0, 0, 0, 0, 1, 0, 0]);
});

test("frames are put together from pieces of any size", () => {
  const sizes = [0, 1, 125, 126, 65535, 65536];
  const stream = join(...sizes.flatMap((size) => [frameHeader(size, size % 2 ? 0x80 : 0), new Uint8Array(size).fill(97)]));
  for (const piece of [1, 3, 1000, 60_000, stream.length]) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < stream.length; at += piece) frames.push(...reader.add(stream.subarray(at, at + piece)));
    assert.deepEqual(frames.map((frame) => (typeof frame === "string" ? frame.length : frame.byteLength)), sizes);
    assert.deepEqual(frames.map((frame) => typeof frame === "string"), sizes.map((size) => size % 2 === 0));
  }
});
