import NIOCore

/// Writes JSON values as MessagePack, each in the shortest form.
enum MessagePackWriter {
    static func write(_ value: JSONValue, into buffer: inout ByteBuffer) {
        switch value {
        case .null: buffer.writeInteger(0xc0 as UInt8)
        case .bool(let value): buffer.writeInteger((value ? 0xc3 : 0xc2) as UInt8)
        case .integer(let value): write(value, into: &buffer)
        case .number(let value):
            if let integer = Int64(exactly: value) { return write(integer, into: &buffer) }
            buffer.writeInteger(0xcb as UInt8)
            buffer.writeInteger(value.bitPattern)
        case .string(let value): write(value, into: &buffer)
        case .binary(let bytes):
            writeLength(bytes.readableBytes, [0xc4, 0xc5, 0xc6], into: &buffer)
            buffer.writeImmutableBuffer(bytes)
        case .array(let values):
            writeCount(values.count, short: 0x90, long: [0xdc, 0xdd], into: &buffer)
            for value in values { write(value, into: &buffer) }
        case .object(let object):
            writeCount(object.count, short: 0x80, long: [0xde, 0xdf], into: &buffer)
            for (key, value) in object {
                write(key, into: &buffer)
                write(value, into: &buffer)
            }
        }
    }

    private static func write(_ value: String, into buffer: inout ByteBuffer) {
        let length = value.utf8.count
        if length < 32 {
            buffer.writeInteger(0xa0 | UInt8(length))
        } else {
            writeLength(length, [0xd9, 0xda, 0xdb], into: &buffer)
        }
        buffer.writeString(value)
    }

    private static func write(_ value: Int64, into buffer: inout ByteBuffer) {
        switch value {
        case -32..<128: buffer.writeInteger(Int8(value))
        case 0..<0x100: buffer.writeMultipleIntegers(0xcc as UInt8, UInt8(value))
        case 0..<0x1_0000: buffer.writeMultipleIntegers(0xcd as UInt8, UInt16(value))
        case 0..<0x1_0000_0000: buffer.writeMultipleIntegers(0xce as UInt8, UInt32(value))
        case 0...: buffer.writeMultipleIntegers(0xcf as UInt8, UInt64(value))
        case -0x80..<0: buffer.writeMultipleIntegers(0xd0 as UInt8, Int8(value))
        case -0x8000..<0: buffer.writeMultipleIntegers(0xd1 as UInt8, Int16(value))
        case -0x8000_0000..<0: buffer.writeMultipleIntegers(0xd2 as UInt8, Int32(value))
        default: buffer.writeMultipleIntegers(0xd3 as UInt8, value)
        }
    }

    /// `types` for lengths of one, two and four bytes.
    private static func writeLength(_ length: Int, _ types: [UInt8], into buffer: inout ByteBuffer) {
        switch length {
        case ..<0x100: buffer.writeMultipleIntegers(types[0], UInt8(length))
        case ..<0x1_0000: buffer.writeMultipleIntegers(types[1], UInt16(length))
        default: buffer.writeMultipleIntegers(types[2], UInt32(truncatingIfNeeded: length))
        }
    }

    private static func writeCount(_ count: Int, short: UInt8, long types: [UInt8], into buffer: inout ByteBuffer) {
        switch count {
        case ..<16: buffer.writeInteger(short | UInt8(count))
        case ..<0x1_0000: buffer.writeMultipleIntegers(types[0], UInt16(count))
        default: buffer.writeMultipleIntegers(types[1], UInt32(truncatingIfNeeded: count))
        }
    }
}
