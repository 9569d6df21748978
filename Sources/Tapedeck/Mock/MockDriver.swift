import NIOCore
import NIOPosix
import SocketIO
import SocketIOWire

/// Stands between a server's raw handlers and the machine. Everything happens on one event loop, so that packets keep their order.
final class MockDriver: Sendable {
    private struct State {
        var machine: MockMachine
        var sockets: [UInt64: Socket] = [:]
        var connected: Set<UInt64> = []
        /// The acks that clients wait for.
        var acks: [UInt64: [Int: RawAck]] = [:]
        var nextToken = 0
        var isStopped = false
    }

    /// Longer than any test.
    private static let answerTimeout = Duration.seconds(24 * 3600)
    /// A client that was let in and is not there after that has gone in between.
    private static let admission = TimeAmount.seconds(10)

    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>
    private let onUnknown: @Sendable (UnknownAct) -> Void
    private let onStop: @Sendable () -> Void

    init(machine: MockMachine, onUnknown: @escaping @Sendable (UnknownAct) -> Void, onStop: @escaping @Sendable () -> Void) {
        loop = MultiThreadedEventLoopGroup.singleton.next()
        state = .makeBoxSendingValue(State(machine: machine), eventLoop: loop)
        self.onUnknown = onUnknown
        self.onStop = onStop
    }

    func install(on io: SocketIOServer, namespaces: some Sequence<String>) {
        for name in namespaces {
            let namespace = io.of(name)
            namespace.use { [self] socket in try await admit(socket) }
            namespace.onConnection { [self] socket in take(socket) }
        }
        _ = io.of { [self] name, _ in
            // a tape has "/" or it has nothing; clients of Socket.IO 2 connect there unasked
            run { $0.machine.unknownNamespace(name) }
            return false
        }
    }

    func report() async throws -> MockReport {
        try await loop.submit { self.state.value.machine.report }.get()
    }

    // MARK: In

    private func admit(_ socket: Socket) async throws {
        let arrival = MockMachine.Arrival(
            socket: socket.number, connection: socket.connection.number, namespace: socket.namespace.name, socketID: socket.id,
            engineID: socket.connection.id, auth: .object(socket.handshake.auth),
            transport: socket.handshake.query.first { $0.name == "transport" }?.value)
        let verdict = try await loop.submit { () -> MockMachine.Verdict in
            let (verdict, outputs) = self.state.value.machine.arrive(arrival)
            if case .accepted = verdict { self.loop.scheduleTask(in: Self.admission) { self.forgetUnlessConnected(arrival.socket) } }
            self.perform(outputs)
            return verdict
        }.get()
        if case .refused(let message, let data) = verdict { throw ConnectError(message, data: data) }
    }

    private func forgetUnlessConnected(_ socket: UInt64) {
        if !state.value.connected.contains(socket) { state.value.machine.abandoned(socket) }
    }

    private func take(_ socket: Socket) {
        let number = socket.number
        socket.onAny { [self] event in emitted(number, event) }
        socket.onDisconnect { [self] _, _ in
            run { state in
                state.sockets[number] = nil
                state.connected.remove(number)
                state.acks[number] = nil
                return state.machine.gone(number)
            }
        }
        run { state in
            state.sockets[number] = socket
            state.connected.insert(number)
            return state.machine.connected(number)
        }
    }

    private func emitted(_ socket: UInt64, _ event: IncomingEvent) {
        let (name, arguments, ack) = (event.name, event.arguments, event.ack)
        run { state in
            var token: Int?
            if let ack {
                state.nextToken += 1
                token = state.nextToken
                state.acks[socket, default: [:]][state.nextToken] = ack
            }
            return state.machine.emitted(socket, event: name, arguments: arguments.values(), token: token)
        }
    }

    private func run(_ input: @escaping @Sendable (inout State) -> [MockMachine.Output]) {
        loop.execute {
            let outputs = input(&self.state.value)
            self.perform(outputs)
        }
    }

    // MARK: Out

    private func perform(_ outputs: [MockMachine.Output]) {
        for output in outputs { perform(output) }
    }

    private func perform(_ output: MockMachine.Output) {
        switch output {
        case .emit(let socket, let event, let arguments, let request): emit(socket, event, JSONArguments(arguments), request)
        case .acknowledge(let socket, let token, let arguments):
            state.value.acks[socket]?.removeValue(forKey: token)?(JSONArguments(arguments))
        case .drop(let socket, let token): state.value.acks[socket]?[token] = nil
        case .disconnect(let socket): state.value.sockets[socket]?.disconnect()
        case .close(let socket): state.value.sockets[socket]?.connection.close()
        case .timer(let timer, let wait):
            loop.scheduleTask(in: .microseconds(wait)) { self.perform(self.state.value.machine.timerFired(timer)) }
        case .unknown(let act): onUnknown(act)
        case .stop:
            guard !state.value.isStopped else { return }
            state.value.isStopped = true
            onStop()
        }
    }

    private func emit(_ number: UInt64, _ event: String, _ arguments: JSONArguments, _ request: Int?) {
        guard let socket = state.value.sockets[number] else { return }
        guard let request else { return socket.emit(event, arguments: arguments) }
        socket.timeout(Self.answerTimeout).emit(event, arguments: arguments) { [self] result in
            guard case .success(let answer) = result else { return }
            run { $0.machine.answered(number, request: request, arguments: answer.values()) }
        }
    }
}
