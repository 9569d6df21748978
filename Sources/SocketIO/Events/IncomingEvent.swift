public import SocketIOWire
import Synchronization

/// An event of a client, before its arguments are looked at.
public struct IncomingEvent: Sendable {
    /// Who sent it.
    public let socket: Socket
    /// Name of the event. A number as name (the protocol allows it) is given as its text.
    public let name: String
    /// What it carries, still as bytes.
    public let arguments: JSONArguments
    let reply: AckReply?

    /// Answers the event, if the client asked for that.
    public var ack: RawAck? {
        reply.map(RawAck.init)
    }

    /// Does what a handler does; whatever it throws is reported and goes no further.
    func attempt(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            report(error)
        }
    }

    func report(_ error: any Error) {
        let core = socket.namespace.core
        if let error = error as? SocketIOError, case .argument = error {
            core.reportInvalidArguments(error, of: self)
        } else {
            core.report(error, ErrorContext(socket: socket, namespace: socket.namespace.name, event: name))
        }
    }

    /// Answers with one value, if the client asked for an answer.
    func acknowledge<Value: Encodable & Sendable>(_ value: Value) {
        reply?.send(value)
    }
}

/// One answer to one event: the first one counts (checklist K4 of the behaviour notes).
final class AckReply: Sendable {
    private let socket: Socket
    private let id: UInt64
    private let isSent = Atomic<Bool>(false)

    init(socket: Socket, id: UInt64) {
        self.socket = socket
        self.id = id
    }

    func send(_ arguments: JSONArguments) {
        guard !isSent.exchange(true, ordering: .relaxed) else { return }
        socket.sendAck(id, arguments)
    }

    func send<each Value: Encodable & Sendable>(_ value: repeat each Value) {
        do {
            send(try ArgumentCoding.encode(repeat each value))
        } catch {
            socket.report(SocketIOError.unencodable(event: nil, problem: "\(error)"))
        }
    }
}

/// Answers an event with any arguments. Only the first call counts; it may come from any thread, at any time.
public struct RawAck: Sendable {
    let reply: AckReply

    /// Answers with arguments as they are: those of the event, say.
    public func callAsFunction(_ arguments: JSONArguments) {
        reply.send(arguments)
    }

    /// Answers with these values.
    public func callAsFunction<each Value: Encodable & Sendable>(_ value: repeat each Value) {
        reply.send(repeat each value)
    }
}
