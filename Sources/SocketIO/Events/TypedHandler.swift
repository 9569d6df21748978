import SocketIOWire

/// Makes event handlers out of typed closures: decode, call, answer, and catch whatever is thrown.
///
/// The socket stands first among the parameters, so that namespace handlers and socket handlers are the same thing.
enum TypedHandler {
    static func make<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Void
    ) -> SocketHandlers.Event {
        let takesAck = ArgumentCoding.takesAck(repeat (each Argument).self)
        return { event in
            event.attempt {
                let arguments = try ArgumentCoding.decode(event, as: repeat (each Argument).self, takesAck: takesAck)
                try handler(event.socket, repeat each arguments)
            }
        }
    }

    static func make<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Answer
    ) -> SocketHandlers.Event {
        let takesAck = ArgumentCoding.takesAck(repeat (each Argument).self)
        return { event in
            event.attempt {
                let arguments = try ArgumentCoding.decode(event, as: repeat (each Argument).self, takesAck: takesAck)
                event.acknowledge(try handler(event.socket, repeat each arguments))
            }
        }
    }

    static func makeAsync<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Void
    ) -> SocketHandlers.Event {
        let takesAck = ArgumentCoding.takesAck(repeat (each Argument).self)
        return { event in
            event.attempt {
                let arguments = try ArgumentCoding.decode(event, as: repeat (each Argument).self, takesAck: takesAck)
                event.socket.context.start {
                    do { try await handler(event.socket, repeat each arguments) } catch { event.report(error) }
                }
            }
        }
    }

    static func makeAsync<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Answer
    ) -> SocketHandlers.Event {
        let takesAck = ArgumentCoding.takesAck(repeat (each Argument).self)
        return { event in
            event.attempt {
                let arguments = try ArgumentCoding.decode(event, as: repeat (each Argument).self, takesAck: takesAck)
                event.socket.context.start {
                    do { event.acknowledge(try await handler(event.socket, repeat each arguments)) } catch { event.report(error) }
                }
            }
        }
    }
}
