internal import NIOCore

/// Takes the arguments of an event one after the other, each as the type that a handler names.
public struct ArgumentReader {
    private let arguments: JSONArguments

    public init(_ arguments: JSONArguments) {
        self.arguments = arguments
    }

    /// True when all arguments are taken.
    public var isAtEnd: Bool { true }

    /// The next argument. An optional type is `nil` when there is none left.
    public mutating func next<T: Decodable>(_ type: T.Type) throws(ArgumentError) -> T {
        throw .missing(index: 0, expected: "\(type)")
    }
}
