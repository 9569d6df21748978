public import NIOCore

/// The arguments of an event or an acknowledgement, still as the bytes of the wire.
///
/// They are decoded when somebody asks for them; passing them on unseen costs nothing.
///
/// ```swift
/// socket.onRaw("echo") { arguments, ack in ack?(arguments) }
/// ```
public struct JSONArguments: Sendable {
    /// The JSON texts of the arguments with commas between them: what stands in an array between its brackets.
    /// Always valid JSON; that was checked when the packet came in, or it was written by ``ArgumentWriter``.
    public let json: ByteBuffer
    /// The binary data that placeholders in ``json`` refer to.
    public let attachments: [ByteBuffer]

    package init(uncheckedJSON json: ByteBuffer, attachments: [ByteBuffer] = []) {
        self.json = json
        self.attachments = attachments
    }

    /// No arguments.
    public init() {
        self.init(uncheckedJSON: ByteBuffer())
    }

    public init(_ values: [JSONValue]) {
        var text = ByteBuffer()
        var attachments: [ByteBuffer] = []
        for (index, value) in values.enumerated() {
            if index > 0 { text.writeInteger(UInt8(ascii: ",")) }
            value.write(into: &text, attachments: &attachments)
        }
        self.init(uncheckedJSON: text, attachments: attachments)
    }

    /// True if there are none.
    /// The same arguments with one more string behind them.
    package func appending(_ text: String) -> JSONArguments {
        var json = ByteBuffer()
        json.reserveCapacity(self.json.readableBytes + text.utf8.count + 3)
        json.writeImmutableBuffer(self.json)
        if !isEmpty { json.writeInteger(UInt8(ascii: ",")) }
        JSONText.write(text, into: &json)
        return JSONArguments(uncheckedJSON: json, attachments: attachments)
    }

    public var isEmpty: Bool {
        json.withUnsafeReadableBytes { bytes in
            var cursor = JSONCursor(bytes)
            return cursor.kind() == .none
        }
    }

    /// How many there are. Counts them anew at each call.
    public var count: Int {
        json.withUnsafeReadableBytes { bytes in
            var cursor = JSONCursor(bytes)
            var count = 0
            while cursor.kind() != .none {
                cursor.skipValue()
                count += 1
                guard cursor.take(UInt8(ascii: ",")) else { break }
            }
            return count
        }
    }

    /// The argument at a position, `.null` if there are fewer, as JavaScript has `undefined` there.
    public subscript(index: Int) -> JSONValue {
        json.withUnsafeReadableBytes { bytes in
            var cursor = JSONCursor(bytes)
            cursor.skipArguments(index)
            return cursor.kind() == .none ? .null : cursor.readValue(attachments: attachments)
        }
    }

    /// All of them.
    public func values() -> [JSONValue] {
        json.withUnsafeReadableBytes { bytes in
            var cursor = JSONCursor(bytes)
            var values: [JSONValue] = []
            while cursor.kind() != .none {
                values.append(cursor.readValue(attachments: attachments))
                guard cursor.take(UInt8(ascii: ",")) else { break }
            }
            return values
        }
    }

    /// These arguments without the first few. A slice, unless there are attachments, which must be numbered anew.
    public func dropFirst(_ count: Int = 1) -> JSONArguments {
        guard attachments.isEmpty else { return JSONArguments(Array(values().dropFirst(count))) }
        let start = json.withUnsafeReadableBytes { bytes in
            var cursor = JSONCursor(bytes)
            cursor.skipArguments(count)
            return cursor.index
        }
        var rest = json
        rest.moveReaderIndex(forwardBy: start)
        return JSONArguments(uncheckedJSON: rest)
    }
}

extension JSONCursor {
    /// Passes this many values with the commas behind them.
    fileprivate mutating func skipArguments(_ count: Int) {
        for _ in 0..<max(0, count) where kind() != .none {
            skipValue()
            _ = take(UInt8(ascii: ","))
        }
    }
}

extension JSONArguments: CustomStringConvertible {
    /// The arguments as a JSON array.
    public var description: String { "[" + String(buffer: json) + "]" }
}
