import SocketIOWire

extension Socket {
    /// The events of this name as they come, for `for await`; it ends when the socket is disconnected.
    ///
    /// ```swift
    /// for await (text, room) in socket.events("chat message", as: String.self, Int.self) { … }
    /// ```
    ///
    /// Listening begins at the call. Up to `limit` events wait for a slow reader; further ones are lost, and each is reported to
    /// ``SocketIOServer/onError(_:)``. An ack that the client asks for is not given: use ``on(_:_:)`` for events that are answered.
    public func events<each Argument: Decodable & Sendable>(
        _ event: String, as type: repeat (each Argument).Type, limit: Int = 1000
    ) -> AsyncStream<(repeat each Argument)> {
        let (stream, end) = AsyncStream<(repeat each Argument)>.makeStream(bufferingPolicy: .bufferingOldest(limit))
        let subscription = register(event) { incoming in
            incoming.attempt {
                let arguments = try ArgumentCoding.decode(incoming, as: repeat (each Argument).self, takesAck: false)
                if case .dropped = end.yield((repeat each arguments)) { throw SocketIOError.slowReader(event: event, limit: limit) }
            }
        }
        let last = onDisconnect { _ in end.finish() }
        context.perform {
            // One that is gone already tells nobody any more.
            if self.state == .disconnected { end.finish() }
        }
        end.onTermination = { _ in
            subscription.cancel()
            last.cancel()
        }
        return stream
    }

    /// Waits until all that was sent has been handed to the network, or the connection has ended.
    ///
    /// What a slow client makes wait is bounded by ``EngineOptions/maxBufferedBytes``; this keeps well below it.
    public func drained() async {
        await withCheckedContinuation { continuation in
            context.perform { self.client.whenDrained { continuation.resume() } }
        }
    }
}

extension Namespace {
    /// The sockets that connect from now on, for `for await`; it ends when the server is shut down.
    ///
    /// Register a socket's handlers in ``onConnection(_:)`` instead if its first events matter: they may come before the loop gets to it.
    /// Up to `limit` sockets wait for a slow reader; further ones are passed by, and each is reported to ``SocketIOServer/onError(_:)``.
    public func connections(limit: Int = 1000) -> AsyncStream<Socket> {
        let (stream, end) = AsyncStream<Socket>.makeStream(bufferingPolicy: .bufferingOldest(limit))
        let subscription = onConnection { socket in
            if case .dropped = end.yield(socket) { throw SocketIOError.slowReader(event: "connection", limit: limit) }
        }
        let closing = core.onShutdown { end.finish() }
        end.onTermination = { _ in
            subscription.cancel()
            closing.cancel()
        }
        return stream
    }
}
