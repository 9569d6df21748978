public import SocketIOWire

/// What the app has registered on one socket. A value, confined to the socket's event loop.
struct SocketHandlers: Sendable {
    typealias Event = @Sendable (IncomingEvent) -> Void
    typealias Check = @Sendable (IncomingEvent) async throws -> Void
    typealias Disconnect = @Sendable (DisconnectReason, String?) async throws -> Void
    typealias Outgoing = @Sendable (OutgoingEvent) -> Void
    typealias AnyAck = @Sendable (AckEvent) -> Void

    var events: [String: HandlerList<Event>] = [:]
    var disconnecting = HandlerList<Disconnect>()
    var disconnect = HandlerList<Disconnect>()
    /// Rarely used ones; nil costs one word.
    var rare: Rare?

    struct Rare: Sendable {
        var checks = HandlerList<Check>()
        var any = HandlerList<Event>()
        var anyOutgoing = HandlerList<Outgoing>()
        var anyAck = HandlerList<AnyAck>()
    }

    mutating func withRare(_ change: (inout Rare) -> Void) {
        var rare = rare ?? Rare()
        change(&rare)
        self.rare = rare
    }
}

/// An event on its way to a client, as ``Socket/onAnyOutgoing(_:)`` sees it.
public struct OutgoingEvent: Sendable {
    /// Name of the event.
    public let name: String
    /// What it carries.
    public let arguments: JSONArguments
    /// Whether the server asks the client for an answer.
    public let wantsAck: Bool
}

/// An acknowledgement on its way, as ``Socket/onAnyAck(_:)`` sees it.
public struct AckEvent: Sendable {
    /// Whose answer it is: the client's if incoming.
    public let direction: TapDirection
    /// The id of what is answered.
    public let id: UInt64
    /// What it carries.
    public let arguments: JSONArguments
}
