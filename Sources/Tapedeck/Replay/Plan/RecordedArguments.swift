import NIOCore
package import SocketIOWire

/// Is shown the strings and the integers of JSON text.
protocol TokenVisitor {
    /// A string or a member's name, unescaped. The bytes are valid within the call only.
    mutating func string(_ utf8: UnsafeRawBufferPointer, isKey: Bool)
    mutating func integer(_ value: Int64)
}

/// The arguments of a recorded packet: still as bytes, decoded when somebody asks for them.
package struct RecordedArguments: Sendable {
    private enum Storage: Sendable {
        case values([JSONValue])
        /// JSON texts with commas between them; behind them the attachments, each with its length before it.
        case stored(PayloadStore, PayloadStore.Place, textLength: Int32)
    }

    /// Where stored arguments are.
    package struct Place: BitwiseCopyable, Sendable, Hashable {
        let bytes: PayloadStore.Place
        let textLength: Int32

        /// There are none.
        static let empty = Place(bytes: PayloadStore.Place(offset: 0, length: 0), textLength: -1)
    }

    private let storage: Storage

    init(at place: Place, in store: PayloadStore) { storage = .stored(store, place.bytes, textLength: place.textLength) }

    /// `nil` while they are values.
    var stored: (store: PayloadStore, place: Place)? {
        guard case .stored(let store, let place, let textLength) = storage else { return nil }
        return (store, Place(bytes: place, textLength: textLength))
    }

    package init(_ values: [JSONValue]) { storage = .values(values) }

    /// - Parameter text: the JSON texts of the arguments with commas between them, as a scanner has passed it.
    init(storing text: UnsafeRawBufferPointer, attachments: [ByteBuffer] = [], in store: PayloadStore) {
        guard !text.isEmpty else {
            storage = .values([])
            return
        }
        guard !attachments.isEmpty else {
            storage = .stored(store, store.append(text), textLength: Int32(clamping: text.count))
            return
        }
        var packed = ByteBuffer(bytes: text)
        for attachment in attachments {
            packed.writeInteger(UInt32(attachment.readableBytes))
            packed.writeImmutableBuffer(attachment)
        }
        storage = .stored(store, packed.withUnsafeReadableBytes { store.append($0) }, textLength: Int32(clamping: text.count))
    }

    /// The same, kept as bytes.
    func stored(in store: PayloadStore) -> RecordedArguments {
        guard case .values(let values) = storage, !values.isEmpty else { return self }
        let arguments = JSONArguments(values)
        return arguments.json.withUnsafeReadableBytes { RecordedArguments(storing: $0, attachments: arguments.attachments, in: store) }
    }

    /// The store and all that is wanted of it stay as they are; what is decoded is built anew at each call.
    package var values: [JSONValue] {
        switch storage {
        case .values(let values): return values
        case .stored(let store, let place, let textLength):
            var rest = store.slice(place)
            guard let text = rest.readSlice(length: Int(textLength)) else { return [] }
            var attachments: [ByteBuffer] = []
            while let length = rest.readInteger(as: UInt32.self), let slice = rest.readSlice(length: Int(length)) {
                attachments.append(ByteBuffer(bytes: slice.readableBytesView))
            }
            return JSONArguments(uncheckedJSON: text, attachments: attachments).values()
        }
    }

    /// Shows the strings and numbers in them.
    func visit<Visitor: TokenVisitor>(_ visitor: inout Visitor) {
        withText { text in
            var walk = JSONTokens.Walk(text)
            while let token = walk.next() {
                switch token {
                case .string(let bytes, let isKey): visitor.string(bytes, isKey: isKey)
                case .escaped(var value, let isKey): value.withUTF8 { visitor.string(UnsafeRawBufferPointer($0), isKey: isKey) }
                case .integer(let value): visitor.integer(value)
                }
            }
        }
    }

    /// Their JSON texts, with commas between them.
    func withText<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        switch storage {
        case .values(let values):
            return try JSONArguments(values).json.withUnsafeReadableBytes(body)
        case .stored(let store, let place, let textLength):
            return try store.slice(place).withUnsafeReadableBytes { try body(UnsafeRawBufferPointer(rebasing: $0.prefix(Int(textLength)))) }
        }
    }

    var holdsAttachments: Bool {
        switch storage {
        case .values: true
        case .stored(_, let place, let textLength): place.length != textLength
        }
    }

    package var isEmpty: Bool {
        switch storage {
        case .values(let values): values.isEmpty
        case .stored: false
        }
    }
}
