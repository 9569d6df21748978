internal import NIOCore

/// The bytes that a `Decodable` type reads from. The storage is held for as long as any decoder or container of it lives, even if a type
/// keeps one beyond its `init(from:)`.
final class ArgumentSource {
    private let storage: AnyObject
    let bytes: UnsafeRawBufferPointer
    let attachments: [ByteBuffer]

    init(_ json: ByteBuffer, attachments: [ByteBuffer]) {
        // the documented way to keep the pointer: the storage is retained, and whoever changes the buffer gets another one
        (storage, bytes) = json.withUnsafeReadableBytesWithStorageManagement { bytes, storage in (storage.takeUnretainedValue(), bytes) }
        self.attachments = attachments
    }

    func cursor(at index: Int) -> JSONCursor { JSONCursor(bytes, at: index) }

    /// The value that begins at an index, and the index behind it.
    func read<T: Decodable>(_ type: T.Type, at index: Int) throws -> (value: T, end: Int) {
        var cursor = cursor(at: index)
        do throws(ArgumentMismatch) {
            if let value = try FastArgument.read(type, at: &cursor, attachments: attachments) { return (value, cursor.index) }
        } catch {
            throw DecodingError.mismatch(error, type)
        }
        let value = try T(from: ValueDecoder(source: self, index: index))
        cursor.skipValue()
        return (value, cursor.index)
    }
}

/// Decodes one value. Coding paths are relative to it: they are put together only when an error goes up.
struct ValueDecoder: Decoder {
    let source: ArgumentSource
    let index: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(ObjectDecoding<Key>(members: try ObjectMembers(source, at: index)))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try ArrayDecoding(source, at: index)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool {
        var cursor = source.cursor(at: index)
        return cursor.kind() == .null
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try source.read(type, at: index).value
    }
}

/// A key for the positions of an array, and for the parts of a path.
struct PathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(_ index: Int) {
        stringValue = String(index)
        intValue = index
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}

extension DecodingError {
    static func mismatch(_ mismatch: ArgumentMismatch, _ type: any Any.Type) -> DecodingError {
        .typeMismatch(
            type,
            Context(codingPath: [], debugDescription: "\(mismatch.expected) expected, \(mismatch.found) found", underlyingError: mismatch))
    }

    /// The same error, seen from one level further out.
    func within(_ key: any CodingKey) -> DecodingError {
        func outer(_ context: Context) -> Context {
            Context(
                codingPath: [key] + context.codingPath, debugDescription: context.debugDescription, underlyingError: context.underlyingError
            )
        }
        return switch self {
        case .typeMismatch(let type, let context): .typeMismatch(type, outer(context))
        case .valueNotFound(let type, let context): .valueNotFound(type, outer(context))
        case .keyNotFound(let missing, let context): .keyNotFound(missing, outer(context))
        case .dataCorrupted(let context): .dataCorrupted(outer(context))
        @unknown default: self
        }
    }
}
