internal import NIOCore

struct ArrayDecoding: UnkeyedDecodingContainer {
    private let source: ArgumentSource
    private var cursor: JSONCursor
    private(set) var currentIndex = 0
    private(set) var isAtEnd: Bool
    private let start: Int
    var codingPath: [any CodingKey] { [] }

    init(_ source: ArgumentSource, at index: Int) throws {
        self.source = source
        cursor = source.cursor(at: index)
        guard cursor.take(UInt8(ascii: "[")) else {
            throw DecodingError.mismatch(ArgumentMismatch(expected: "an array", at: &cursor), [JSONValue].self)
        }
        start = cursor.index
        let first = cursor.peek()
        isAtEnd = first == UInt8(ascii: "]") || first == 0
    }

    var count: Int? {
        var cursor = source.cursor(at: start)
        var count = 0
        while cursor.peek() != UInt8(ascii: "]"), cursor.peek() != 0 {
            cursor.skipValue()
            count += 1
            guard cursor.take(UInt8(ascii: ",")) else { break }
        }
        return count
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw ended(JSONValue.self) }
        guard cursor.kind() == .null else { return false }
        cursor.skipValue()
        advance()
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard !isAtEnd else { throw ended(type) }
        do {
            let (value, end) = try source.read(type, at: cursor.index)
            cursor.index = end
            advance()
            return value
        } catch let error as DecodingError {
            throw error.within(PathKey(currentIndex))
        }
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        do {
            return try nextDecoder().container(keyedBy: type)
        } catch let error as DecodingError {
            throw error.within(PathKey(currentIndex - 1))
        }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        do {
            return try nextDecoder().unkeyedContainer()
        } catch let error as DecodingError {
            throw error.within(PathKey(currentIndex - 1))
        }
    }

    mutating func superDecoder() throws -> any Decoder { try nextDecoder() }

    private mutating func nextDecoder() throws -> ValueDecoder {
        guard !isAtEnd else { throw ended(JSONValue.self) }
        let decoder = ValueDecoder(source: source, index: cursor.index)
        cursor.skipValue()
        advance()
        return decoder
    }

    private mutating func advance() {
        currentIndex += 1
        isAtEnd = !cursor.take(UInt8(ascii: ","))
    }

    private func ended(_ type: any Any.Type) -> DecodingError {
        .valueNotFound(type, .init(codingPath: [PathKey(currentIndex)], debugDescription: "the array has only \(currentIndex) elements"))
    }
}
