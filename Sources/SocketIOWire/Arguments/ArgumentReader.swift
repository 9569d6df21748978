internal import NIOCore

/// Takes the arguments of an event one after the other, each as the type that a handler names.
///
/// ```swift
/// var reader = ArgumentReader(arguments)
/// let room = try reader.next(String.self)
/// let limit = try reader.next(Int?.self)      // nil if there is no second argument
/// ```
///
/// `Data`, `ByteBuffer` and `[UInt8]` are read from attachments, `Date` from ISO 8601 or milliseconds since 1970, `UUID` and `URL` from
/// strings, everything else as its `Decodable` says.
public struct ArgumentReader {
    private let arguments: JSONArguments
    private var offset = 0
    private var index = 0
    private var source: ArgumentSource?

    public init(_ arguments: JSONArguments) {
        self.arguments = arguments
    }

    /// True when all arguments are taken.
    public var isAtEnd: Bool {
        arguments.json.withUnsafeReadableBytes { bytes in
            var cursor = JSONCursor(bytes, at: offset)
            return cursor.kind() == .none
        }
    }

    /// The next argument. An optional type is `nil` when there is none left, a ``JSONValue`` then is null.
    ///
    /// - Throws: ``ArgumentError``, which says what was expected, what was found, and where. The argument is then still the next one.
    public mutating func next<T: Decodable>(_ type: T.Type) throws(ArgumentError) -> T {
        // The commonest types go by functions that are not generic: the compiler cannot specialise this one for a caller in another
        // module. The equality of the metatypes proves that the bits are those of a `T`.
        if type == String.self, let value = try plain(FastArgument.string) { return unsafeBitCast(value, to: T.self) }
        if type == Int.self, let value = try plain(ArgumentReader.int) { return unsafeBitCast(value, to: T.self) }
        if type == Double.self, let value = try plain(FastArgument.double) { return unsafeBitCast(value, to: T.self) }
        if type == Bool.self, let value = try plain(FastArgument.bool) { return unsafeBitCast(value, to: T.self) }
        return try any(type)
    }

    private static func int(_ cursor: inout JSONCursor) throws(ArgumentMismatch) -> Int {
        try FastArgument.integer(&cursor, "an integer", Int.self)
    }

    /// `nil` at the end of the arguments.
    @inline(__always)
    private mutating func plain<Value>(
        _ read: (inout JSONCursor) throws(ArgumentMismatch) -> Value
    ) throws(ArgumentError) -> Value? {
        let offset = offset
        do throws(ArgumentMismatch) {
            let (value, end) = try arguments.json.withUnsafeReadableBytes { bytes throws(ArgumentMismatch) -> (Value?, Int) in
                var cursor = JSONCursor(bytes, at: offset)
                guard cursor.kind() != .none else { return (nil, offset) }
                let value = try read(&cursor)
                _ = cursor.take(UInt8(ascii: ","))
                return (value, cursor.index)
            }
            guard let value else { return nil }
            self.offset = end
            index += 1
            return value
        } catch {
            throw .mismatch(path: "$[\(index)]", expected: error.expected, found: error.found)
        }
    }

    private mutating func any<T: Decodable>(_ type: T.Type) throws(ArgumentError) -> T {
        let offset = offset
        let attachments = arguments.attachments
        let attempt = arguments.json.withUnsafeReadableBytes { bytes -> Attempt<T> in
            var cursor = JSONCursor(bytes, at: offset)
            guard cursor.kind() != .none else { return .ended }
            do throws(ArgumentMismatch) {
                guard let value = try FastArgument.read(type, at: &cursor, attachments: attachments) else { return .slow }
                _ = cursor.take(UInt8(ascii: ","))
                return .read(value, end: cursor.index)
            } catch {
                return .failed(error)
            }
        }
        switch attempt {
        case .read(let value, let end):
            self.offset = end
            index += 1
            return value
        case .failed(let mismatch):
            throw .mismatch(path: "$[\(index)]\(mismatch.path)", expected: mismatch.expected, found: mismatch.found)
        case .ended:
            if let optional = type as? any ExpressibleByNilLiteral.Type, let none = optional.init(nilLiteral: ()) as? T { return none }
            throw .missing(index: index, expected: "\(type)")
        case .slow: return try decode(type)
        }
    }

    private enum Attempt<T> {
        case read(T, end: Int)
        case failed(ArgumentMismatch)
        case ended
        case slow
    }

    private mutating func decode<T: Decodable>(_ type: T.Type) throws(ArgumentError) -> T {
        let source = source ?? ArgumentSource(arguments.json, attachments: arguments.attachments)
        self.source = source
        do {
            var cursor = source.cursor(at: offset)
            let (value, end) = try source.read(type, at: offset)
            cursor.index = end
            _ = cursor.take(UInt8(ascii: ","))
            offset = cursor.index
            index += 1
            return value
        } catch let error as DecodingError {
            throw ArgumentError(error, argument: index)
        } catch let error as ArgumentError {
            throw error
        } catch {
            throw .invalid(path: "$[\(index)]", reason: "\(error)")
        }
    }
}

extension ArgumentError {
    init(_ error: DecodingError, argument: Int) {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.reduce("$[\(argument)]") { path, key in
                if let index = key.intValue, key is PathKey { "\(path)[\(index)]" } else { "\(path).\(key.stringValue)" }
            }
        }
        switch error {
        case .typeMismatch(_, let context):
            if let mismatch = context.underlyingError as? ArgumentMismatch {
                self = .mismatch(path: path(context) + mismatch.path, expected: mismatch.expected, found: mismatch.found)
            } else {
                self = .invalid(path: path(context), reason: context.debugDescription)
            }
        case .keyNotFound(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self = .invalid(path: path(context), reason: context.debugDescription)
        @unknown default:
            self = .invalid(path: "$[\(argument)]", reason: "\(error)")
        }
    }
}
