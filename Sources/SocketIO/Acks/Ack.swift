/// Answers an event, as a parameter of its handler.
///
/// ```swift
/// socket.on("ferret") { (name: String, ack: Ack<String>) in
///     ack("woot, \(name)")
/// }
/// ```
///
/// Call it once, from any thread, at any time; further calls are ignored, and so are calls where the client did not ask for an answer.
/// Take `Ack<…>?` to know whether it did.
public struct Ack<each Value: Encodable & Sendable>: Sendable, Decodable, AckArgument {
    private let reply: AckReply?

    init(reply: AckReply?) {
        self.reply = reply
    }

    /// Not for use: an ack stands among a handler's parameters, which must be decodable, but is not among the client's arguments.
    public init(from decoder: any Decoder) throws {
        reply = nil
    }

    /// Whether the client asked for an answer.
    public var isWanted: Bool { reply != nil }

    /// Answers with these values.
    public func callAsFunction(_ value: repeat each Value) {
        reply?.send(repeat each value)
    }

    static func make(_ reply: AckReply?) -> Self {
        Self(reply: reply)
    }
}

/// A handler parameter that is filled from the event's ack, not from its arguments.
protocol AckArgument {
    static func make(_ reply: AckReply?) -> Self
}

extension Optional: AckArgument where Wrapped: AckArgument {
    static func make(_ reply: AckReply?) -> Self {
        reply.map { Wrapped.make($0) }
    }
}
