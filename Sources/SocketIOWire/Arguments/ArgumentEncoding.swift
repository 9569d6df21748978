internal import NIOCore

/// Where `Encodable` values write to: straight into the text, container by container.
///
/// A value is normally finished before the one that holds it goes on, so brackets close in the order of a stack. Only
/// `nestedContainer` and `superEncoder` allow to go back to an outer container in between: what is written through them goes to a sink of
/// its own, and is put in its place at the end.
final class ArgumentSink {
    var text: ByteBuffer
    /// of the outermost sink only
    private var attachments: [ByteBuffer]
    private let root: ArgumentSink?
    private var levels: [Level] = []
    private var nextSerial = 0
    private var inserts: [(at: Int, sink: ArgumentSink)] = []

    /// Deeper than any receiver of ours accepts; a cycle of references ends here instead of at the end of the stack.
    private static let maxDepth = 512

    struct Level {
        enum Shape { case open, value, object, array }
        var shape = Shape.open
        var count = 0
        let serial: Int
    }

    /// Names a level; containers keep it, and can tell whether it is still the innermost one.
    struct Position {
        let depth: Int
        let serial: Int
    }

    init(text: ByteBuffer, attachments: [ByteBuffer]) {
        self.text = text
        self.attachments = attachments
        root = nil
    }

    /// For a value that is put in at the end. Its one level stays open until then.
    private init(root: ArgumentSink) {
        text = ByteBuffer()
        attachments = []
        self.root = root
    }

    // MARK: Values

    func encode<T: Encodable>(_ value: T) throws {
        let owner = root ?? self
        if FastArgument.write(value, into: &text, attachments: &owner.attachments) { return }
        guard levels.count < Self.maxDepth else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: [], debugDescription: "nested deeper than \(Self.maxDepth) levels; is there a cycle?"))
        }
        let position = push()
        defer { levels.removeLast(levels.count - position.depth) }
        try value.encode(to: ValueEncoder(sink: self, position: position))
        close()
    }

    func push() -> Position {
        let position = Position(depth: levels.count, serial: nextSerial)
        levels.append(Level(serial: nextSerial))
        nextSerial += 1
        return position
    }

    /// Writes the end of the innermost level.
    private func close() {
        switch levels.last?.shape {
        case .object: text.writeInteger(UInt8(ascii: "}"))
        case .array: text.writeInteger(UInt8(ascii: "]"))
        // a value that encodes nothing, like an empty struct
        case .open: text.writeStaticString("{}")
        case .value, nil: break
        }
    }

    func isInnermost(_ position: Position) -> Bool {
        levels.count == position.depth + 1 && levels[position.depth].serial == position.serial
    }

    // MARK: Containers

    /// Begins an object or array, unless the level is one already: a subclass and its superclass may share it.
    func begin(_ shape: Level.Shape, at position: Position) {
        guard isInnermost(position), levels[position.depth].shape == .open else { return }
        levels[position.depth].shape = shape
        switch shape {
        case .object: text.writeInteger(UInt8(ascii: "{"))
        case .array: text.writeInteger(UInt8(ascii: "["))
        case .open, .value: break
        }
    }

    /// The comma and, in an object, the key before the next element.
    func beginElement(_ shape: Level.Shape, key: String?, at position: Position) throws {
        guard isInnermost(position), levels[position.depth].shape == shape else {
            throw EncodingError.invalidValue(
                key ?? "", .init(codingPath: [], debugDescription: "a container was used after another one had taken its place"))
        }
        if levels[position.depth].count > 0 { text.writeInteger(UInt8(ascii: ",")) }
        levels[position.depth].count += 1
        if let key {
            JSONText.write(key, into: &text)
            text.writeInteger(UInt8(ascii: ":"))
        }
    }

    func beginValue(at position: Position) throws {
        guard isInnermost(position), levels[position.depth].shape == .open else {
            throw EncodingError.invalidValue(
                "", .init(codingPath: [], debugDescription: "a value was encoded where there is one already"))
        }
        levels[position.depth].shape = .value
    }

    func count(at position: Position) -> Int {
        isInnermost(position) ? levels[position.depth].count : 0
    }

    /// A place in the text that is filled at the end.
    func insert() -> ValueEncoder {
        let sink = ArgumentSink(root: root ?? self)
        inserts.append((text.writerIndex, sink))
        return ValueEncoder(sink: sink, position: sink.push())
    }

    // MARK: The end

    func finish() -> (text: ByteBuffer, attachments: [ByteBuffer]) {
        (assembled(), attachments)
    }

    private func assembled() -> ByteBuffer {
        if root != nil { close() }
        guard !inserts.isEmpty else { return text }
        var whole = ByteBuffer()
        var done = text.readerIndex
        for insert in inserts {
            whole.writeImmutableBuffer(text.getSlice(at: done, length: insert.at - done) ?? ByteBuffer())
            whole.writeImmutableBuffer(insert.sink.assembled())
            done = insert.at
        }
        whole.writeImmutableBuffer(text.getSlice(at: done, length: text.writerIndex - done) ?? ByteBuffer())
        return whole
    }
}

/// Encodes one value. Coding paths are not kept: nothing that can be encoded fails for its place.
struct ValueEncoder: Encoder, SingleValueEncodingContainer {
    let sink: ArgumentSink
    let position: ArgumentSink.Position
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        sink.begin(.object, at: position)
        return KeyedEncodingContainer(ObjectEncoding<Key>(sink: sink, position: position))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        sink.begin(.array, at: position)
        return ArrayEncoding(sink: sink, position: position)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() throws {
        try sink.beginValue(at: position)
        sink.text.writeStaticString("null")
    }

    func encode<T: Encodable>(_ value: T) throws {
        try sink.beginValue(at: position)
        try sink.encode(value)
    }
}

struct ObjectEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: ArgumentSink
    let position: ArgumentSink.Position
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws {
        try sink.beginElement(.object, key: key.stringValue, at: position)
        sink.text.writeStaticString("null")
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try sink.beginElement(.object, key: key.stringValue, at: position)
        try sink.encode(value)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        member(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        member(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { member("super") }
    func superEncoder(forKey key: Key) -> any Encoder { member(key.stringValue) }

    private func member(_ key: String) -> ValueEncoder {
        do {
            try sink.beginElement(.object, key: key, at: position)
            return sink.insert()
        } catch {
            return ValueEncoder.misplaced
        }
    }
}

struct ArrayEncoding: UnkeyedEncodingContainer {
    let sink: ArgumentSink
    let position: ArgumentSink.Position
    var codingPath: [any CodingKey] { [] }
    var count: Int { sink.count(at: position) }

    func encodeNil() throws {
        try sink.beginElement(.array, key: nil, at: position)
        sink.text.writeStaticString("null")
    }

    func encode<T: Encodable>(_ value: T) throws {
        try sink.beginElement(.array, key: nil, at: position)
        try sink.encode(value)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        element().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { element().unkeyedContainer() }
    func superEncoder() -> any Encoder { element() }

    private func element() -> ValueEncoder {
        do {
            try sink.beginElement(.array, key: nil, at: position)
            return sink.insert()
        } catch {
            return ValueEncoder.misplaced
        }
    }
}

extension ValueEncoder {
    /// For a container that was asked of one that has ended: the protocol lets it not fail here, so it fails at the first value.
    fileprivate static var misplaced: ValueEncoder {
        ValueEncoder(sink: ArgumentSink(text: ByteBuffer(), attachments: []), position: .init(depth: 0, serial: -1))
    }
}
