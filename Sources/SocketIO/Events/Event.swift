/// Names an event and the types of its arguments once, for both sides of a conversation.
///
/// ```swift
/// let chat = Event<String, Int>("chat")
/// socket.on(chat) { text, room in … }
/// socket.emit(chat, "hello", 7)
/// ```
public struct Event<each Argument: Codable & Sendable>: Sendable {
    /// Name of the event on the wire.
    public let name: String

    public init(_ name: String) {
        self.name = name
    }
}

extension Socket {
    /// Sends an event whose arguments are fixed by its description; see ``emit(_:_:)``.
    public func emit<each Argument: Codable & Sendable>(_ event: Event<repeat each Argument>, _ argument: repeat each Argument) {
        emit(event.name, repeat each argument)
    }

    /// Calls `handler` when the client emits the event; see ``on(_:_:)``.
    @discardableResult
    public func on<each Argument: Codable & Sendable>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> Subscription {
        on(event.name, handler)
    }

    /// Calls `handler` when the client emits the event; see ``on(_:_:)``.
    @discardableResult
    public func on<each Argument: Codable & Sendable>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Subscription {
        on(event.name, handler)
    }
}

extension Broadcaster {
    /// Sends an event whose arguments are fixed by its description to the chosen sockets.
    public func emit<each Argument: Codable & Sendable>(_ event: Event<repeat each Argument>, _ argument: repeat each Argument) {
        broadcast.emit(event.name, repeat each argument)
    }
}
