/** Engine.IO over WebTransport: one byte with the kind (bit 7: binary) and the length; 126 and 127 say that it follows in 2 or 8 bytes. */

/** @param {number} length @param {0 | 0x80} kind */
export function frameHeader(length, kind) {
  const size = length < 126 ? 1 : length < 0x10000 ? 3 : 9;
  const view = new DataView(new ArrayBuffer(size));
  view.setUint8(0, kind | (size === 1 ? length : size === 3 ? 126 : 127));
  if (size === 3) view.setUint16(1, length);
  if (size === 9) view.setBigUint64(1, BigInt(length));
  return new Uint8Array(view.buffer);
}

/** Puts frames together from pieces as they come. */
export class FrameReader {
  /** @type {Uint8Array[]} */
  #pieces = [];
  #held = 0;
  /** Bytes that must be there before another look is worth it: a large frame in many pieces is put together once. */
  #due = 1;

  /** @param {Uint8Array} piece @returns {(string | ArrayBuffer)[]} The frames that are complete with it. */
  add(piece) {
    this.#pieces.push(piece);
    this.#held += piece.length;
    const frames = [];
    for (let frame; (frame = this.#next()) !== undefined; ) frames.push(frame);
    return frames;
  }

  #next() {
    if (this.#held < this.#due) return;
    const start = this.#joined();
    const first = start[0];
    const size = [3, 9][(first & 0x7f) - 126] ?? 1;
    if (this.#held < size) return void (this.#due = size);
    const view = new DataView(start.buffer, start.byteOffset);
    const length = size === 1 ? first & 0x7f : size === 3 ? view.getUint16(1) : Number(view.getBigUint64(1));
    if (this.#held < size + length) return void (this.#due = size + length);
    const bytes = start.slice(size, size + length);
    this.#pieces = [start.subarray(size + length)];
    this.#held -= size + length;
    this.#due = 1;
    return first & 0x80 ? bytes.buffer : new TextDecoder().decode(bytes);
  }

  #joined() {
    if (this.#pieces.length === 1) return this.#pieces[0];
    const all = new Uint8Array(this.#held);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [all];
    return all;
  }
}
