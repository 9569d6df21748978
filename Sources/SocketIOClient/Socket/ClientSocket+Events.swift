public import SocketIOWire

extension ClientSocket {
    /// Calls the handler for each event of that name, with its arguments as the types that it takes.
    ///
    /// An event whose arguments do not fit is reported to ``SocketIOClient/onError(_:)`` and goes no further.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> ClientSubscription {
        addHandler(event) { event in
            event.attempt {
                let values = try event.decode(as: repeat (each Argument).self)
                try handler(repeat each values)
            }
        }
    }

    /// As above; what the handler returns is the ack, if the server asked for one.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Answer
    ) -> ClientSubscription {
        addHandler(event) { event in
            event.attempt {
                let values = try event.decode(as: repeat (each Argument).self)
                let answer = try handler(repeat each values)
                event.reply?(answer)
            }
        }
    }

    /// As above, for a handler that waits: it starts in arrival order and comes back to the connection's event loop.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> ClientSubscription {
        addHandler(event) { event in
            event.socket.client.executor.start {
                do {
                    let values = try event.decode(as: repeat (each Argument).self)
                    try await handler(repeat each values)
                } catch {
                    event.report(error)
                }
            }
        }
    }

    /// As above; what the handler returns is the ack, if the server asked for one.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Answer
    ) -> ClientSubscription {
        addHandler(event) { event in
            event.socket.client.executor.start {
                do {
                    let values = try event.decode(as: repeat (each Argument).self)
                    let answer = try await handler(repeat each values)
                    event.reply?(answer)
                } catch {
                    event.report(error)
                }
            }
        }
    }

    /// Calls the handler with the arguments as bytes, and with what answers the event if the server asked for an ack.
    @discardableResult
    public func onRaw(
        _ event: String, _ handler: @escaping @Sendable (_ arguments: JSONArguments, _ ack: ClientAck?) -> Void
    ) -> ClientSubscription {
        addHandler(event) { handler($0.arguments, $0.reply) }
    }

    /// Sends an event. Before the socket is connected it is kept, and sent when it is.
    ///
    /// An argument that cannot be encoded, or a name that the protocol keeps for itself, is reported to ``SocketIOClient/onError(_:)``.
    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        do throws(ArgumentError) {
            emit(event, arguments: try Self.encode(repeat each argument))
        } catch {
            client.report(.notSent(event: event, problem: "\(error)"))
        }
    }

    /// Sends an event whose arguments are bytes already.
    public func emit(_ event: String, arguments: JSONArguments) {
        do throws(SocketIOClientError) {
            _ = try send(event, arguments, completion: nil)
        } catch {
            client.report(error)
        }
    }

    static func encode<each Value: Encodable>(_ value: repeat each Value) throws(ArgumentError) -> JSONArguments {
        var writer = ArgumentWriter()
        repeat (try writer.append(each value))
        return writer.arguments
    }
}
