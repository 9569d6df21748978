import SocketIO
import SocketIOWire

/// A wrong argument, in words for the client that sent it.
struct Complaint: Error {
    let message: String

    init(_ message: String) { self.message = message }

    var arguments: JSONArguments { JSONArguments([["error": .string(message)]]) }
}

/// The arguments of one event, read with complaints that name it.
struct EventArguments {
    let event: String
    let all: JSONArguments

    /// The argument at `index` as a text that is not empty.
    func text(_ index: Int, _ what: String) throws(Complaint) -> String {
        guard case .string(let text) = all[index], !text.isEmpty else {
            throw Complaint("\(event): argument \(index + 1) must be \(what), as a string that is not empty")
        }
        return text
    }

    func replacingFirst(with value: JSONValue) -> JSONArguments {
        JSONArguments([value] + all.values().dropFirst())
    }
}

extension Namespace {
    /// Calls `body` for an event and acks what it returns. A complaint is acked, or emitted as `problem` where no ack is wanted.
    func answer(_ event: String, _ body: @escaping @Sendable (Socket, EventArguments) throws(Complaint) -> [JSONValue]) {
        onRaw(event) { socket, arguments, ack in
            do throws(Complaint) {
                let values = try body(socket, EventArguments(event: event, all: arguments))
                ack?(JSONArguments(values))
            } catch {
                socket.complain(error, to: ack)
            }
        }
    }

    /// Calls `body` for an event that is answered by other events. A complaint is acked, or emitted as `problem` where no ack is wanted.
    func handle(_ event: String, _ body: @escaping @Sendable (Socket, EventArguments) throws(Complaint) -> Void) {
        onRaw(event) { socket, arguments, ack in
            do throws(Complaint) {
                try body(socket, EventArguments(event: event, all: arguments))
            } catch {
                socket.complain(error, to: ack)
            }
        }
    }

}

extension Socket {
    fileprivate func complain(_ complaint: Complaint, to ack: RawAck?) {
        if let ack { ack(complaint.arguments) } else { emit("problem", arguments: complaint.arguments) }
    }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
