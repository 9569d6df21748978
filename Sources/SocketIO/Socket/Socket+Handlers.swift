public import SocketIOWire

extension Socket {
    /// Calls `handler` when the client emits `event`, with its arguments as the types that the handler names.
    ///
    /// Arguments that do not fit are an error of this one event: see ``SocketIOServer/onInvalidArguments(_:)``. Arguments beyond those named
    /// are ignored; optional parameters at the end may be missing. `Data`, `ByteBuffer` and `[UInt8]` take binary. An ``Ack`` parameter
    /// answers the client.
    ///
    /// The handler runs on the socket's event loop, in arrival order; it must not block. What it throws goes to ``SocketIOServer/onError(_:)``.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> Subscription {
        register(event, TypedHandler.make { (_: Socket, argument: repeat each Argument) in try handler(repeat each argument) })
    }

    /// Like the synchronous form; starts on the event loop in arrival order, and other events go on while it waits.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Subscription {
        register(event, TypedHandler.makeAsync { (_: Socket, argument: repeat each Argument) in try await handler(repeat each argument) })
    }

    /// Like the form without a result; the returned value is the ack.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Answer
    ) -> Subscription {
        register(event, TypedHandler.make { (_: Socket, argument: repeat each Argument) in try handler(repeat each argument) })
    }

    /// Like the asynchronous form without a result; the returned value is the ack.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Answer
    ) -> Subscription {
        register(event, TypedHandler.makeAsync { (_: Socket, argument: repeat each Argument) in try await handler(repeat each argument) })
    }

    /// Calls `handler` with the arguments as they came, undecoded, and the ack if the client asked for one.
    ///
    /// For events with any arguments, and where they are only passed on: that costs no decoding at all.
    @discardableResult
    public func onRaw(_ event: String, _ handler: @escaping @Sendable (JSONArguments, RawAck?) throws -> Void) -> Subscription {
        register(event) { event in
            event.attempt { try handler(event.arguments, event.ack) }
        }
    }

    /// Looks at each event of the client before any handler; what it throws goes to ``SocketIOServer/onError(_:)`` and the event is dropped.
    @discardableResult
    public func use(_ check: @escaping @Sendable (IncomingEvent) async throws -> Void) -> Subscription {
        change { handlers, number in
            handlers.withRare { $0.checks.append(check, number: number) }
        } removing: { handlers, number in
            handlers.withRare { $0.checks.remove(number) }
        }
    }

    /// Calls `handler` once the socket is disconnected: its rooms are left, `isConnected` is false, pending acks are settled.
    @discardableResult
    public func onDisconnect(_ handler: @escaping @Sendable (_ reason: DisconnectReason) async throws -> Void) -> Subscription {
        onDisconnect { reason, _ in try await handler(reason) }
    }

    /// The same, with a sentence about what happened where there is one.
    @discardableResult
    public func onDisconnect(
        _ handler: @escaping @Sendable (_ reason: DisconnectReason, _ detail: String?) async throws -> Void
    ) -> Subscription {
        change { handlers, number in
            handlers.disconnect.append(handler, number: number)
        } removing: { handlers, number in
            handlers.disconnect.remove(number)
        }
    }

    /// Calls `handler` when the socket is about to be disconnected: it is still in its rooms.
    @discardableResult
    public func onDisconnecting(_ handler: @escaping @Sendable (_ reason: DisconnectReason) async throws -> Void) -> Subscription {
        change { handlers, number in
            handlers.disconnecting.append({ reason, _ in try await handler(reason) }, number: number)
        } removing: { handlers, number in
            handlers.disconnecting.remove(number)
        }
    }

    /// Takes out all handlers of an event.
    public func off(_ event: String) {
        context.perform { self.handlers.events[event] = nil }
    }

    func register(_ event: String, number: UInt64? = nil, _ handler: @escaping SocketHandlers.Event) -> Subscription {
        change(number: number) { handlers, number in
            handlers.events[event, default: HandlerList()].append(handler, number: number)
        } removing: { handlers, number in
            handlers.events[event]?.remove(number)
        }
    }

    /// Registers a handler on the loop; a socket that has been disconnected takes none any more.
    func change(
        number: UInt64? = nil,
        _ insert: @escaping @Sendable (inout SocketHandlers, UInt64) -> Void,
        removing remove: @escaping @Sendable (inout SocketHandlers, UInt64) -> Void
    ) -> Subscription {
        let number = number ?? core.nextHandlerNumber()
        context.perform {
            guard self.state != .disconnected else { return }
            insert(&self.handlers, number)
        }
        return Subscription { self.context.perform { remove(&self.handlers, number) } }
    }
}
