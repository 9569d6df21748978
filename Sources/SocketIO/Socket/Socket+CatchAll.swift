import SocketIOWire

/// Handlers that see everything: events in both directions, and acks, which Node cannot show.
extension Socket {
    /// Calls `handler` with every event of the client, before the handlers for that event, whether it has any or not.
    @discardableResult
    public func onAny(_ handler: @escaping @Sendable (IncomingEvent) throws -> Void) -> Subscription {
        addRare(\.any) { event in event.attempt { try handler(event) } }
    }

    /// Like ``onAny(_:)``, before those that are there.
    @discardableResult
    public func prependAny(_ handler: @escaping @Sendable (IncomingEvent) throws -> Void) -> Subscription {
        addRare(\.any, first: true) { event in event.attempt { try handler(event) } }
    }

    /// Calls `handler` with every event sent to this client, broadcasts included. Acks are not events: see ``onAnyAck(_:)``.
    @discardableResult
    public func onAnyOutgoing(_ handler: @escaping @Sendable (OutgoingEvent) -> Void) -> Subscription {
        addRare(\.anyOutgoing, handler)
    }

    /// Like ``onAnyOutgoing(_:)``, before those that are there.
    @discardableResult
    public func prependAnyOutgoing(_ handler: @escaping @Sendable (OutgoingEvent) -> Void) -> Subscription {
        addRare(\.anyOutgoing, first: true, handler)
    }

    /// Calls `handler` with every acknowledgement, of the client and to the client.
    @discardableResult
    public func onAnyAck(_ handler: @escaping @Sendable (AckEvent) -> Void) -> Subscription {
        addRare(\.anyAck, handler)
    }

    /// Takes out all handlers that see everything.
    public func offAny() {
        context.perform {
            self.handlers.withRare { rare in
                rare.any = HandlerList()
                rare.anyOutgoing = HandlerList()
                rare.anyAck = HandlerList()
            }
        }
    }

    private func addRare<Handler: Sendable>(
        _ list: any WritableKeyPath<SocketHandlers.Rare, HandlerList<Handler>> & Sendable, first: Bool = false, _ handler: Handler
    ) -> Subscription {
        change { handlers, number in
            handlers.withRare { rare in
                if first {
                    rare[keyPath: list].prepend(handler, number: number)
                } else {
                    rare[keyPath: list].append(handler, number: number)
                }
            }
        } removing: { handlers, number in
            handlers.withRare { $0[keyPath: list].remove(number) }
        }
    }
}
