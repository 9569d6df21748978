import NIOCore

/// Reads MessagePack into JSON values; bytes become ``JSONValue/binary(_:)``.
///
/// Every length is held against the bytes that are there before anything is reserved, and nesting is bounded, so that no input costs more than
/// its own size.
struct MessagePackReader {
    private var bytes: ByteBuffer
    private let maxDepth: Int

    /// Reads a whole buffer as one value.
    static func value(of bytes: ByteBuffer, maxDepth: Int) throws(MessagePackError) -> JSONValue {
        var reader = MessagePackReader(bytes: bytes, maxDepth: maxDepth)
        let value = try reader.readValue(depth: 0)
        guard reader.bytes.readableBytes == 0 else { throw .trailingBytes }
        return value
    }

    private init(bytes: ByteBuffer, maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    private mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(MessagePackError) -> Integer {
        guard let value = bytes.readInteger(as: type) else { throw .truncated }
        return value
    }

    private mutating func slice(_ length: Int) throws(MessagePackError) -> ByteBuffer {
        guard let slice = bytes.readSlice(length: length) else { throw .truncated }
        return slice
    }

    private mutating func readValue(depth: Int) throws(MessagePackError) -> JSONValue {
        guard depth <= maxDepth else { throw .tooDeep(limit: maxDepth) }
        let first = try integer(UInt8.self)
        switch first {
        case 0x00...0x7f: return .integer(Int64(first))
        case 0x80...0x8f: return try readMap(count: Int(first & 0x0f), depth: depth)
        case 0x90...0x9f: return try readArray(count: Int(first & 0x0f), depth: depth)
        case 0xa0...0xbf: return try readString(length: Int(first & 0x1f))
        case 0xc0: return .null
        case 0xc2: return .bool(false)
        case 0xc3: return .bool(true)
        case 0xc4: return .binary(try slice(Int(try integer(UInt8.self))))
        case 0xc5: return .binary(try slice(Int(try integer(UInt16.self))))
        case 0xc6: return .binary(try slice(Int(try integer(UInt32.self))))
        case 0xc7: return try readExtension(length: Int(try integer(UInt8.self)))
        case 0xc8: return try readExtension(length: Int(try integer(UInt16.self)))
        case 0xc9: return try readExtension(length: Int(try integer(UInt32.self)))
        case 0xca: return .number(Double(Float(bitPattern: try integer(UInt32.self))))
        case 0xcb: return .number(Double(bitPattern: try integer(UInt64.self)))
        case 0xcc: return .integer(Int64(try integer(UInt8.self)))
        case 0xcd: return .integer(Int64(try integer(UInt16.self)))
        case 0xce: return .integer(Int64(try integer(UInt32.self)))
        case 0xcf:
            let value = try integer(UInt64.self)
            return Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
        case 0xd0: return .integer(Int64(try integer(Int8.self)))
        case 0xd1: return .integer(Int64(try integer(Int16.self)))
        case 0xd2: return .integer(Int64(try integer(Int32.self)))
        case 0xd3: return .integer(try integer(Int64.self))
        case 0xd4...0xd8: return try readExtension(length: 1 << Int(first - 0xd4))
        case 0xd9: return try readString(length: Int(try integer(UInt8.self)))
        case 0xda: return try readString(length: Int(try integer(UInt16.self)))
        case 0xdb: return try readString(length: Int(try integer(UInt32.self)))
        case 0xdc: return try readArray(count: Int(try integer(UInt16.self)), depth: depth)
        case 0xdd: return try readArray(count: Int(try integer(UInt32.self)), depth: depth)
        case 0xde: return try readMap(count: Int(try integer(UInt16.self)), depth: depth)
        case 0xdf: return try readMap(count: Int(try integer(UInt32.self)), depth: depth)
        case 0xe0...0xff: return .integer(Int64(Int8(bitPattern: first)))
        default: throw .unknownType(first)
        }
    }

    private mutating func readString(length: Int) throws(MessagePackError) -> JSONValue {
        .string(try string(length: length))
    }

    private mutating func string(length: Int) throws(MessagePackError) -> String {
        let slice = try slice(length)
        guard UTF8Validation.isValid(slice) else { throw .invalidUTF8 }
        return String(buffer: slice)
    }

    private mutating func readArray(count: Int, depth: Int) throws(MessagePackError) -> JSONValue {
        // Each element is a byte at least.
        guard count <= bytes.readableBytes else { throw .truncated }
        var values: [JSONValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readValue(depth: depth + 1)) }
        return .array(values)
    }

    private mutating func readMap(count: Int, depth: Int) throws(MessagePackError) -> JSONValue {
        guard 2 * count <= bytes.readableBytes else { throw .truncated }
        var object = JSONObject()
        for _ in 0..<count {
            guard case .string(let key) = try readValue(depth: depth + 1) else { throw .keyIsNoString }
            object[key] = try readValue(depth: depth + 1)
        }
        return .object(object)
    }

    /// What JavaScript's packers use extensions for: type 0 with one byte is `undefined`, with eight a date in milliseconds; type -1 is the
    /// standard's timestamp. A date is given as JSON gives it. Other extensions are handed over as their bytes.
    private mutating func readExtension(length: Int) throws(MessagePackError) -> JSONValue {
        let type = try integer(Int8.self)
        var content = try slice(length)
        switch (type, length) {
        case (0, 1): return .null
        case (0, 8): return date(milliseconds: Double(content.readInteger(as: Int64.self) ?? 0))
        case (-1, 4): return date(milliseconds: Double(content.readInteger(as: UInt32.self) ?? 0) * 1000)
        case (-1, 8):
            let both = content.readInteger(as: UInt64.self) ?? 0
            return date(milliseconds: Double(both & 0x3_FFFF_FFFF) * 1000 + Double(both >> 34) / 1e6)
        case (-1, 12):
            let nanoseconds = content.readInteger(as: UInt32.self) ?? 0
            return date(milliseconds: Double(content.readInteger(as: Int64.self) ?? 0) * 1000 + Double(nanoseconds) / 1e6)
        default: return .binary(content)
        }
    }

    /// A date that JSON cannot name is `null`, as in JavaScript.
    private func date(milliseconds: Double) -> JSONValue {
        ISO8601.text(ofMilliseconds: milliseconds).map { .string($0) } ?? .null
    }
}

/// Why bytes are no MessagePack of a Socket.IO packet.
public enum MessagePackError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated
    case trailingBytes
    case unknownType(UInt8)
    case invalidUTF8
    case keyIsNoString
    case tooDeep(limit: Int)
    /// It is MessagePack, but no packet: what is missing or of the wrong type.
    case noPacket(String)

    public var description: String {
        switch self {
        case .truncated: "MessagePack that ends too early"
        case .trailingBytes: "bytes behind the end of a MessagePack value"
        case .unknownType(let byte): "0x\(String(byte, radix: 16)) is no type of MessagePack"
        case .invalidUTF8: "a MessagePack string that is not UTF-8"
        case .keyIsNoString: "a MessagePack map whose key is no string"
        case .tooDeep(let limit): "MessagePack nested more than \(limit) levels deep"
        case .noPacket(let problem): "a MessagePack value that is no Socket.IO packet: \(problem)"
        }
    }
}
