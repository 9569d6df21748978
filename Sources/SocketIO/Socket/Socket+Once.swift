extension Socket {
    /// Like `on`, for the next such event only.
    @discardableResult
    public func once<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> Subscription {
        registerOnce(event, TypedHandler.make { (_: Socket, argument: repeat each Argument) in try handler(repeat each argument) })
    }

    /// Like `on`, for the next such event only.
    @discardableResult
    public func once<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Subscription {
        registerOnce(
            event, TypedHandler.makeAsync { (_: Socket, argument: repeat each Argument) in try await handler(repeat each argument) })
    }

    private func registerOnce(_ event: String, _ handler: @escaping SocketHandlers.Event) -> Subscription {
        let number = core.nextHandlerNumber()
        return register(event, number: number) { incoming in
            // On the loop, and out of the list before the handler can cause another event.
            incoming.socket.handlers.events[event]?.remove(number)
            handler(incoming)
        }
    }
}
