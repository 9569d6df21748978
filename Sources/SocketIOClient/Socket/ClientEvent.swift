public import SocketIOWire
import Synchronization

/// An event of the server, before its arguments are looked at.
struct ClientEvent: Sendable {
    let socket: ClientSocket
    let name: String
    let arguments: JSONArguments
    let reply: ClientAck?

    func attempt(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            report(error)
        }
    }

    func report(_ error: any Error) {
        socket.client.report(error as? SocketIOClientError ?? .handler(event: name, error))
    }

    /// Reads the arguments as the types that a handler names.
    func decode<each Value: Decodable & Sendable>(as type: repeat (each Value).Type) throws -> (repeat each Value) {
        var reader = ArgumentReader(arguments)
        let name = name
        func next<T: Decodable>(_ type: T.Type) throws -> T {
            do throws(ArgumentError) {
                return try reader.next(type)
            } catch {
                throw SocketIOClientError.argument(event: name, error)
            }
        }
        return (repeat try next(each type))
    }
}

/// Answers one event of the server. The first call counts; it may come from any thread, at any time.
public final class ClientAck: Sendable {
    private let socket: ClientSocket
    private let id: UInt64
    private let isSent = Atomic<Bool>(false)

    init(socket: ClientSocket, id: UInt64) {
        self.socket = socket
        self.id = id
    }

    /// Answers with arguments as they are: those of the event, say.
    public func callAsFunction(_ arguments: JSONArguments) {
        guard !isSent.exchange(true, ordering: .relaxed) else { return }
        socket.sendAck(id, arguments)
    }

    /// Answers with these values.
    public func callAsFunction<each Value: Encodable & Sendable>(_ value: repeat each Value) {
        do throws(ArgumentError) {
            self(try ClientSocket.encode(repeat each value))
        } catch {
            socket.client.report(.notSent(event: nil, problem: "\(error)"))
        }
    }
}
