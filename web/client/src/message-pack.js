import { bytesOf, isBinary, isBlob } from "./binary.js";

/* MessagePack of JavaScript's values: binary as it is, `undefined` as extension 0 and dates as the standard's timestamp, as official clients do. */

/** @param {any} value @returns {Uint8Array | Blob} A Blob where a Blob is inside: its bytes are not read here. */
export function pack(value) {
  const writer = new Writer();
  writer.value(value);
  return writer.finished();
}

/** @param {ArrayBuffer | ArrayBufferView} bytes @returns {any} @throws {Error} on what is not one value */
export function unpack(bytes) {
  const reader = new Reader(bytesOf(bytes));
  const value = reader.value();
  if (reader.at !== reader.bytes.length) throw new Error("the server sent bytes behind the end of a MessagePack value");
  return value;
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** @type {(Uint8Array | Blob)[]} */
  #parts = [];

  finished() {
    const last = this.#bytes.subarray(0, this.#length);
    return this.#parts.length ? new Blob([...this.#parts, last]) : last;
  }

  /** @param {any} value */
  value(value) {
    if (typeof value?.toJSON === "function" && !(value instanceof Date) && !isBinary(value)) value = value.toJSON();
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? this.#integer(value) : this.#number(0xcb, 8, "setFloat64", value);
      case "boolean":
        return this.#byte(value ? 0xc3 : 0xc2);
      case "bigint":
        return value < 0n ? this.#number(0xd3, 8, "setBigInt64", value) : this.#number(0xcf, 8, "setBigUint64", value);
      case "object":
        return value === null ? this.#byte(0xc0) : this.#object(value);
      default: // undefined, and what JSON drops as well: functions and symbols
        this.#byte(0xd4);
        this.#byte(0);
        return this.#byte(0);
    }
  }

  /** @param {any} value */
  #object(value) {
    if (isBinary(value)) return this.#binary(value);
    if (value instanceof Date) return this.#date(value.getTime());
    if (Array.isArray(value)) {
      this.#size(value.length, 0x90, 16, [0xdc, 0xdd]);
      for (const each of value) this.value(each);
      return;
    }
    const entries = Object.entries(value).filter(([, each]) => each !== undefined && typeof each !== "function");
    this.#size(entries.length, 0x80, 16, [0xde, 0xdf]);
    for (const [key, each] of entries) {
      this.#string(key);
      this.value(each);
    }
  }

  /** @param {string} text */
  #string(text) {
    const bytes = new TextEncoder().encode(text);
    this.#size(bytes.length, 0xa0, 32, [0xda, 0xdb], 0xd9);
    this.#append(bytes);
  }

  /** @param {any} value */
  #binary(value) {
    const size = isBlob(value) ? value.size : value.byteLength;
    this.#size(size, 0, 0, [0xc5, 0xc6], 0xc4);
    if (!isBlob(value)) return this.#append(bytesOf(value));
    this.#parts.push(this.#bytes.slice(0, this.#length), value);
    this.#length = 0;
  }

  /** @param {number} milliseconds */
  #date(milliseconds) {
    if (Number.isNaN(milliseconds)) return this.#byte(0xc0); // as in JSON
    const seconds = Math.floor(milliseconds / 1000);
    this.#byte(0xc7);
    this.#byte(12);
    this.#byte(0xff);
    this.#number(undefined, 4, "setUint32", (milliseconds - seconds * 1000) * 1e6);
    this.#number(undefined, 8, "setBigInt64", BigInt(seconds));
  }

  /** @param {number} value */
  #integer(value) {
    if (value >= -32 && value < 128) return this.#byte(value & 0xff);
    if (value >= 0) {
      if (value < 0x100) return this.#number(0xcc, 1, "setUint8", value);
      if (value < 0x10000) return this.#number(0xcd, 2, "setUint16", value);
      if (value < 0x100000000) return this.#number(0xce, 4, "setUint32", value);
      return this.#number(0xcf, 8, "setBigUint64", BigInt(value));
    }
    if (value >= -0x80) return this.#number(0xd0, 1, "setInt8", value);
    if (value >= -0x8000) return this.#number(0xd1, 2, "setInt16", value);
    if (value >= -0x80000000) return this.#number(0xd2, 4, "setInt32", value);
    return this.#number(0xd3, 8, "setBigInt64", BigInt(value));
  }

  /**
   * A length with its type: inside the type's byte below `few`, else in 1, 2 or 4 bytes behind it.
   * @param {number} size @param {number} short @param {number} few @param {[number, number]} long @param {number} [medium]
   */
  #size(size, short, few, long, medium) {
    if (size < few) this.#byte(short | size);
    else if (medium !== undefined && size < 0x100) this.#number(medium, 1, "setUint8", size);
    else if (size < 0x10000) this.#number(long[0], 2, "setUint16", size);
    else this.#number(long[1], 4, "setUint32", size);
  }

  /** @param {number | undefined} type @param {number} size @param {string} method @param {number | bigint} value */
  #number(type, size, method, value) {
    if (type !== undefined) this.#byte(type);
    this.#reserve(size);
    /** @type {any} */ (this.#view)[method](this.#length, value);
    this.#length += size;
  }

  /** @param {number} byte */
  #byte(byte) {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** @param {Uint8Array} bytes */
  #append(bytes) {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param {number} more */
  #reserve(more) {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

class Reader {
  at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @returns {any} */
  value() {
    const type = this.#number(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 15);
    if (type < 0xa0) return this.#array(type & 15);
    if (type < 0xc0) return this.#string(type & 31);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return type === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#number(1 << (type - 0xc4))).slice().buffer;
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#number(1 << (type - 0xc7)));
      case 0xca:
        return this.#read(4, "getFloat32");
      case 0xcb:
        return this.#read(8, "getFloat64");
      case 0xcf:
        return Number(this.#read(8, "getBigUint64"));
      case 0xd0:
        return this.#read(1, "getInt8");
      case 0xd1:
        return this.#read(2, "getInt16");
      case 0xd2:
        return this.#read(4, "getInt32");
      case 0xd3:
        return Number(this.#read(8, "getBigInt64"));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#number(1 << (type - 0xcc));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (type - 0xd4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#number(1 << (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#number(2 << (type - 0xdc)));
      case 0xde:
      case 0xdf:
        return this.#map(this.#number(2 << (type - 0xde)));
      default:
        throw new Error(`the server sent a value of unknown type 0x${type.toString(16)}`);
    }
  }

  /** @param {number} count */
  #array(count) {
    const values = [];
    while (count-- > 0) values.push(this.value());
    return values;
  }

  /** @param {number} count */
  #map(count) {
    /** @type {Record<string, any>} */
    const object = {};
    while (count-- > 0) {
      const key = String(this.value());
      // Not an assignment: "__proto__" is a key like any other.
      Object.defineProperty(object, key, { value: this.value(), enumerable: true, configurable: true, writable: true });
    }
    return object;
  }

  /** @param {number} length */
  #string(length) {
    return new TextDecoder().decode(this.#take(length));
  }

  /** @param {number} length */
  #extension(length) {
    const type = this.#read(1, "getInt8");
    const date = (/** @type {number} */ seconds, /** @type {number} */ nanoseconds) => new Date(seconds * 1000 + nanoseconds / 1e6);
    switch (`${type} ${length}`) {
      case "0 1":
        return void this.at++;
      case "0 8":
        return new Date(Number(this.#read(8, "getBigInt64")));
      case "-1 4":
        return date(this.#number(4), 0);
      case "-1 8": {
        const both = this.#read(8, "getBigUint64");
        return date(Number(both & 0x3ffffffffn), Number(both >> 34n));
      }
      case "-1 12": {
        const nanoseconds = this.#number(4);
        return date(Number(this.#read(8, "getBigInt64")), nanoseconds);
      }
      default:
        return this.#take(length).slice().buffer;
    }
  }

  /** @param {number} size An unsigned integer of 1, 2 or 4 bytes. @returns {number} */
  #number(size) {
    return this.#read(size, size === 1 ? "getUint8" : size === 2 ? "getUint16" : "getUint32");
  }

  /** @param {number} size @param {string} method @returns {any} */
  #read(size, method) {
    this.#need(size);
    const value = /** @type {any} */ (this.view)[method](this.at);
    this.at += size;
    return value;
  }

  /** @param {number} length */
  #take(length) {
    this.#need(length);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** @param {number} length */
  #need(length) {
    if (this.at + length > this.bytes.length) throw new Error("the server sent MessagePack that ends too early");
  }
}
