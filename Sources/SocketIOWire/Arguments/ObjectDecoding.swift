internal import NIOCore

/// Where the members of an object stand.
final class ObjectMembers {
    private struct Member {
        let key: Range<Int>
        let isEscaped: Bool
        let value: Int
    }

    let source: ArgumentSource
    private var members: [Member] = []
    /// made only for objects so large that a search would be slow
    private var byName: [String: Int]?

    init(_ source: ArgumentSource, at index: Int) throws {
        self.source = source
        var cursor = source.cursor(at: index)
        guard cursor.take(UInt8(ascii: "{")) else {
            throw DecodingError.mismatch(ArgumentMismatch(expected: "an object", at: &cursor), [String: JSONValue].self)
        }
        while cursor.peek() == UInt8(ascii: "\"") {
            let start = cursor.index + 1
            let key = cursor.skipString()
            _ = cursor.take(UInt8(ascii: ":"))
            members.append(Member(key: start..<(start + key.bytes.count), isEscaped: key.isEscaped, value: cursor.index))
            cursor.skipValue()
            guard cursor.take(UInt8(ascii: ",")) else { break }
        }
        if members.count > 32 {
            byName = Dictionary(members.indices.map { (name(members[$0]), $0) }, uniquingKeysWith: { _, last in last })
        }
    }

    /// Where the value of a member begins; of a key that comes twice the last one.
    func value(of name: String) -> Int? {
        if let byName { return byName[name].map { members[$0].value } }
        var name = name
        return name.withUTF8 { wanted in
            for member in members.reversed() {
                if member.isEscaped {
                    if self.name(member).utf8.elementsEqual(wanted) { return member.value }
                } else if member.key.count == wanted.count, source.bytes[member.key].elementsEqual(wanted) {
                    return member.value
                }
            }
            return nil
        }
    }

    /// Each name once, in the order of the text.
    var names: [String] {
        var seen: Set<String> = []
        return members.map(name).filter { seen.insert($0).inserted }
    }

    private func name(_ member: Member) -> String {
        let text = UnsafeRawBufferPointer(rebasing: source.bytes[member.key])
        return member.isEscaped ? JSONCursor.unescape(text) : String(decoding: text, as: UTF8.self)
    }
}

struct ObjectDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: ObjectMembers
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members.value(of: key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        var cursor = members.source.cursor(at: try index(of: key))
        return cursor.kind() == .null
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let index = try index(of: key)
        do {
            return try members.source.read(type, at: index).value
        } catch let error as DecodingError {
            throw error.within(key)
        }
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        do {
            return try ValueDecoder(source: members.source, index: try index(of: key)).container(keyedBy: type)
        } catch let error as DecodingError {
            throw error.within(key)
        }
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        do {
            return try ValueDecoder(source: members.source, index: try index(of: key)).unkeyedContainer()
        } catch let error as DecodingError {
            throw error.within(key)
        }
    }

    func superDecoder() throws -> any Decoder { try decoder(of: PathKey("super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(of: key) }

    private func decoder(of key: any CodingKey) throws -> any Decoder { ValueDecoder(source: members.source, index: try index(of: key)) }

    private func index(of key: any CodingKey) throws -> Int {
        guard let index = members.value(of: key.stringValue) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "\"\(key.stringValue)\" is missing"))
        }
        return index
    }
}
