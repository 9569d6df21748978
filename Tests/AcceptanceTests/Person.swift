import NIOConcurrencyHelpers
import NIOCore
import SocketIOClient
import SocketIOWire
import TestSupport

/// Somebody at a playground server: a client, its socket, and all events that reached it.
final class Person: Sendable {
    struct Event: Sendable {
        let name: String
        let arguments: [JSONValue]
    }

    let client: SocketIOClient
    let socket: ClientSocket
    private let events = Events()

    /// Connects to a namespace and returns once the server has said `auth`.
    init(
        _ url: String, _ namespace: String = "/", auth: JSONValue? = nil, transports: [ClientTransport], parser: (any PacketParser)? = nil,
        on existing: SocketIOClient? = nil, answers: Bool = true
    ) async throws {
        if let existing {
            client = existing
        } else {
            var configuration = try EngineClient.Configuration(url: url)
            configuration.transports = transports
            configuration.parser = parser
            client = SocketIOClient(configuration)
        }
        socket = client.socket(namespace)
        let events = events
        socket.onAny { name, arguments in
            events.add(Event(name: name, arguments: arguments.values()))
        }
        if answers { socket.onRaw("question") { arguments, ack in ack?(arguments) } }
        socket.onDisconnect { reason, _ in events.add(Event(name: "disconnect", arguments: [.string(reason.rawValue)])) }
        socket.connect(auth: auth)
        try await socket.waitUntilConnected()
        try await receives("auth")
    }

    var id: String { socket.id ?? "" }

    func say(_ event: String, _ arguments: JSONValue...) {
        socket.emit(event, arguments: JSONArguments(arguments))
    }

    /// Emits with an ack and returns what was acked.
    @discardableResult
    func ask(_ event: String, _ arguments: JSONValue...) async throws -> [JSONValue] {
        try await socket.emitWithAck(event, arguments: JSONArguments(arguments)).values()
    }

    /// Waits for the next event of a name that has not been waited for yet, and returns its arguments.
    @discardableResult
    func receives(_ name: String) async throws -> [JSONValue] {
        try await events.next(name).arguments
    }
}

/// What has come, and who waits for more.
private final class Events: Sendable {
    private struct State {
        var unread: [Person.Event] = []
        var waiting: [(name: String, continuation: CheckedContinuation<Person.Event, any Error>)] = []
    }

    private let state = NIOLockedValueBox(State())

    func add(_ event: Person.Event) {
        let waiter = state.withLockedValue { state -> CheckedContinuation<Person.Event, any Error>? in
            if let index = state.waiting.firstIndex(where: { $0.name == event.name }) {
                return state.waiting.remove(at: index).continuation
            }
            state.unread.append(event)
            return nil
        }
        waiter?.resume(returning: event)
    }

    func next(_ name: String) async throws -> Person.Event {
        try await withDeadline("the event '\(name)'") {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let event = self.state.withLockedValue { state -> Person.Event? in
                        if let index = state.unread.firstIndex(where: { $0.name == name }) { return state.unread.remove(at: index) }
                        state.waiting.append((name, continuation))
                        return nil
                    }
                    if let event { continuation.resume(returning: event) }
                }
            } onCancel: {
                let waiting = self.state.withLockedValue { state in
                    defer { state.waiting.removeAll { $0.name == name } }
                    return state.waiting.filter { $0.name == name }
                }
                for waiter in waiting { waiter.continuation.resume(throwing: CancellationError()) }
            }
        }
    }
}
