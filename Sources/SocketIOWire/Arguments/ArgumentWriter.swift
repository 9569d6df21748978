internal import NIOCore

/// Puts values together to the arguments of an event or an acknowledgement.
public struct ArgumentWriter {
    public init() {}

    /// Adds a value as the next argument.
    public mutating func append<T: Encodable>(_ value: T) throws(ArgumentError) {}

    /// Adds arguments that are bytes already.
    public mutating func append(contentsOf arguments: JSONArguments) {}

    /// What was written so far.
    public var arguments: JSONArguments { JSONArguments() }
}
