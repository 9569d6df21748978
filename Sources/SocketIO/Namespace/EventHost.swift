public import SocketIOWire

/// Takes handlers for the events of many sockets: a namespace, or a family of namespaces.
public protocol EventHost: Sendable {
    /// Calls `handler` with each such event of any of the sockets, undecoded, on the socket's event loop, after the socket's own handlers.
    @discardableResult
    func onEvent(_ event: String, _ handler: @escaping @Sendable (IncomingEvent) -> Void) -> Subscription
}

/// Handlers for all sockets of a namespace: registered once, not once per socket, which saves memory where there are many sockets.
///
/// ```swift
/// io.sockets.on("echo") { (socket: Socket, text: String) in text }
/// ```
extension EventHost {
    /// Calls `handler` when any client of the namespace emits `event`; see ``Socket/on(_:_:)-(String,_)``. It is called after the socket's own handlers.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Void
    ) -> Subscription {
        onEvent(event, TypedHandler.make(handler))
    }

    /// Like the synchronous form; other events go on while it waits.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Void
    ) -> Subscription {
        onEvent(event, TypedHandler.makeAsync(handler))
    }

    /// Like the form without a result; the returned value is the ack.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Answer
    ) -> Subscription {
        onEvent(event, TypedHandler.make(handler))
    }

    /// Like the asynchronous form without a result; the returned value is the ack.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Answer
    ) -> Subscription {
        onEvent(event, TypedHandler.makeAsync(handler))
    }

    /// Calls `handler` with the arguments as they came, undecoded, and the ack if the client asked for one.
    @discardableResult
    public func onRaw(_ event: String, _ handler: @escaping @Sendable (Socket, JSONArguments, RawAck?) throws -> Void) -> Subscription {
        onEvent(event) { event in
            event.attempt { try handler(event.socket, event.arguments, event.ack) }
        }
    }
}
