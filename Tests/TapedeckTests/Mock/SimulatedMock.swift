import SocketIOWire

@testable import Tapedeck

/// Live clients of a mock, without a server: what they do goes into the machine, and what it sends is kept for each of them.
struct SimulatedMock {
    enum Heard: Equatable {
        case event(String, [JSONValue])
        case ack(Int, [JSONValue])
        case disconnected
        case closed
    }

    private(set) var machine: MockMachine
    private(set) var heard: [UInt64: [Heard]] = [:]
    /// Requests of the server that a client has not answered: by client, the newest last.
    private(set) var requests: [UInt64: [Int]] = [:]
    private(set) var dropped: [Int] = []
    private(set) var isStopped = false
    private(set) var now: Int64 = 0
    private var timers: [(id: Int, at: Int64)] = []
    private var sockets: UInt64 = 0
    private var connections: UInt64 = 0
    private var tokens = 0

    init(_ recording: Recording, _ options: MockOptions = MockOptions()) {
        let plan = PlanBuilder.plan(for: recording, options: ReplayOptions())
        machine = MockMachine(script: MockScript(plan: plan), options: options)
    }

    var unknown: [UnknownAct] { machine.report.unknown }

    static func id(_ socket: UInt64) -> String { "live-socket-id-\(socket)-xyz" }

    /// A client that comes; its number, and `nil` if it was refused.
    mutating func join(_ namespace: String = "/", auth: JSONValue = [:], with other: UInt64? = nil) -> UInt64? {
        sockets += 1
        if other == nil { connections += 1 }
        let connection = other.flatMap { machine.players[$0]?.connection } ?? connections
        let arrival = MockMachine.Arrival(
            socket: sockets, connection: connection, namespace: namespace, socketID: Self.id(sockets),
            engineID: "live-engine-\(connection)",
            auth: auth)
        let (verdict, outputs) = machine.arrive(arrival)
        perform(outputs)
        guard case .accepted = verdict else { return nil }
        perform(machine.connected(sockets))
        return sockets
    }

    /// A client that comes and is let in.
    mutating func enter(_ namespace: String = "/", auth: JSONValue = [:]) throws -> UInt64 {
        guard let socket = join(namespace, auth: auth) else { throw Refused() }
        return socket
    }

    struct Refused: Error {}

    mutating func emit(_ socket: UInt64, _ event: String, _ arguments: JSONValue...) {
        perform(machine.emitted(socket, event: event, arguments: arguments, token: nil))
    }

    /// Emits with an ack; the ack's arguments, `nil` if there was none at once.
    @discardableResult
    mutating func ask(_ socket: UInt64, _ event: String, _ arguments: JSONValue...) -> [JSONValue]? {
        tokens += 1
        let token = tokens
        perform(machine.emitted(socket, event: event, arguments: arguments, token: token))
        for case .ack(token, let answer) in heard[socket] ?? [] { return answer }
        return nil
    }

    mutating func answer(_ socket: UInt64, _ arguments: JSONValue...) {
        guard let request = requests[socket]?.popLast() else { return }
        perform(machine.answered(socket, request: request, arguments: arguments))
    }

    mutating func leave(_ socket: UInt64) { perform(machine.gone(socket)) }

    /// Lets time pass, in milliseconds.
    mutating func wait(_ milliseconds: Int64) {
        let end = now + milliseconds * 1000
        while let next = timers.enumerated().filter({ $0.element.at <= end }).min(by: {
            ($0.element.at, $0.element.id) < ($1.element.at, $1.element.id)
        }) {
            timers.remove(at: next.offset)
            now = next.element.at
            perform(machine.timerFired(next.element.id))
        }
        now = end
    }

    /// What a client has heard since it was last asked, acks left out.
    mutating func events(_ socket: UInt64) -> [Heard] {
        defer { heard[socket] = [] }
        return (heard[socket] ?? []).filter {
            if case .ack = $0 { return false }
            return true
        }
    }

    private mutating func perform(_ outputs: [MockMachine.Output]) {
        for output in outputs {
            switch output {
            case .emit(let socket, let event, let arguments, let request):
                heard[socket, default: []].append(.event(event, arguments))
                if let request { requests[socket, default: []].append(request) }
            case .acknowledge(let socket, let token, let arguments): heard[socket, default: []].append(.ack(token, arguments))
            case .drop(_, let token): dropped.append(token)
            case .disconnect(let socket):
                heard[socket, default: []].append(.disconnected)
                perform(machine.gone(socket))
            case .close(let socket):
                heard[socket, default: []].append(.closed)
                perform(machine.gone(socket))
            case .timer(let id, let wait): timers.append((id, now + wait))
            case .unknown: break
            case .stop: isStopped = true
            }
        }
    }
}
