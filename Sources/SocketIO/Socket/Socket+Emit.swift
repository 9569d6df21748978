public import SocketIOWire

extension Socket {
    /// Sends an event to the client.
    ///
    /// Never waits and never throws: packets go out in the order of the calls. `Data`, `ByteBuffer` and `[UInt8]` go as binary wherever they
    /// stand in the arguments. Arguments that cannot be encoded and reserved names are reported to ``SocketIOServer/onError(_:)``.
    /// Does nothing after the socket was disconnected.
    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        emitter.emit(event, repeat each argument)
    }

    /// Sends an event with arguments as they are: those of an event that came in, say.
    public func emit(_ event: String, arguments: JSONArguments) {
        emitter.emit(event, arguments: arguments)
    }

    /// Sends the event `message`.
    public func send<each Argument: Encodable & Sendable>(_ argument: repeat each Argument) {
        emitter.emit("message", repeat each argument)
    }

    /// Sends an event and calls back with the client's answer, or why there is none. On the socket's event loop, exactly once.
    ///
    /// - Parameter timeout: how long to wait; the server's `ackTimeout` if nil.
    public func emit<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration? = nil,
        ack: @escaping @Sendable (Result<Answer, AckError>) -> Void
    ) {
        emitter.with(timeout: timeout).emit(event, repeat each argument, ack: ack)
    }

    /// Sends an event and waits for the client's answer: the first argument of its ack.
    ///
    /// ```swift
    /// let answer: Int = try await socket.emitWithAck("question", "life?", timeout: .seconds(5))
    /// ```
    ///
    /// Always ends: with the answer, after the timeout, when the socket is disconnected or the task is cancelled.
    ///
    /// - Parameter timeout: how long to wait; the server's `ackTimeout` if nil.
    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration? = nil, as type: Answer.Type = Answer.self
    ) async throws(AckError) -> Answer {
        try await emitter.with(timeout: timeout).emitWithAck(event, repeat each argument, as: type)
    }

    /// Sends an event with arguments as they are, and waits for all that the client answers.
    public func emitWithAck(_ event: String, arguments: JSONArguments, timeout: Duration? = nil) async throws(AckError) -> JSONArguments {
        try await emitter.with(timeout: timeout).emitWithAck(event, arguments: arguments)
    }

    /// Events sent through this may be dropped: they are if the client cannot be written to at that moment.
    public var volatile: SocketEmitter { emitter.volatile }

    /// Events sent through this ask the transport to compress them, or not to.
    public func compress(_ isOn: Bool) -> SocketEmitter { emitter.compress(isOn) }

    /// Events sent through this wait that long for their answers.
    public func timeout(_ timeout: Duration) -> SocketEmitter { emitter.timeout(timeout) }

    private var emitter: SocketEmitter { SocketEmitter(socket: self) }
}

/// Sends events to one socket with flags set. A value: flags of one chain do not touch another.
public struct SocketEmitter: Sendable {
    let socket: Socket
    var flags = EmitFlags()

    /// The event may be dropped if the client cannot be written to at that moment.
    public var volatile: Self { with { $0.isVolatile = true } }

    /// Asks the transport to compress the event, or not to.
    public func compress(_ isOn: Bool) -> Self { with { $0.compress = isOn } }

    /// How long to wait for the answer.
    public func timeout(_ timeout: Duration) -> Self { with { $0.timeout = timeout } }

    func with(timeout: Duration?) -> Self {
        timeout.map { self.timeout($0) } ?? self
    }

    private func with(_ change: (inout EmitFlags) -> Void) -> Self {
        var copy = self
        change(&copy.flags)
        return copy
    }

    /// Sends an event; see ``Socket/emit(_:_:)``.
    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        do {
            emit(event, arguments: try ArgumentCoding.encode(repeat each argument))
        } catch {
            socket.report(SocketIOError.unencodable(event: event, problem: "\(error)"), event: event)
        }
    }

    /// Sends an event with arguments as they are.
    public func emit(_ event: String, arguments: JSONArguments) {
        guard !ReservedEventNames.contains(event) else { return socket.report(SocketIOError.reservedEventName(event), event: event) }
        guard let log = socket.namespace.recovery, !flags.isVolatile else {
            let message = socket.core.packets.event(namespace: socket.namespace.name, name: event, arguments: arguments, ackID: nil)
            return socket.write(message, event: event, arguments: arguments, flags)
        }
        let (socket, flags) = (socket, flags)
        log.append(rooms: [socket.id], except: [], now: socket.core.now) { offset in
            socket.core.packets.event(namespace: socket.namespace.name, name: event, arguments: arguments.appending(offset), ackID: nil)
        } send: { message, offset in
            // Never in place: handlers for outgoing events are the app's.
            socket.context.enqueue { socket.writeOnLoop(message, event: event, arguments: arguments, flags, offset: offset) }
        }
    }

    /// Sends an event and calls back with the client's answer; see ``Socket/emit(_:_:timeout:ack:)``.
    public func emit<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, ack: @escaping @Sendable (Result<Answer, AckError>) -> Void
    ) {
        let arguments: JSONArguments
        do {
            arguments = try ArgumentCoding.encode(repeat each argument)
        } catch {
            return ack(.failure(.notSent("\(error)")))
        }
        request(event, arguments) { outcome in
            ack(outcome.flatMap { ArgumentCoding.decodeAnswer($0, as: Answer.self) })
        }
    }

    /// Sends an event with arguments as they are, and calls back with all that the client answers. On the socket's event loop, exactly once.
    public func emit(_ event: String, arguments: JSONArguments, ack: @escaping @Sendable (Result<JSONArguments, AckError>) -> Void) {
        request(event, arguments, ack)
    }

    /// Sends an event and waits for the client's answer; see ``Socket/emitWithAck(_:_:timeout:as:)``.
    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, as type: Answer.Type = Answer.self
    ) async throws(AckError) -> Answer {
        let arguments: JSONArguments
        do {
            arguments = try ArgumentCoding.encode(repeat each argument)
        } catch {
            throw .notSent("\(error)")
        }
        let answer = try await emitWithAck(event, arguments: arguments)
        return try ArgumentCoding.decodeAnswer(answer, as: type).get()
    }

    /// Sends an event with arguments as they are, and waits for all that the client answers.
    public func emitWithAck(_ event: String, arguments: JSONArguments) async throws(AckError) -> JSONArguments {
        let id = socket.namespace.nextAckID()
        let outcome: AckOutcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                request(event, arguments, id: id) { continuation.resume(returning: $0) }
                // A cancellation that came first has found nothing to cancel.
                if Task.isCancelled { socket.cancelAck(id) }
            }
        } onCancel: {
            socket.cancelAck(id)
        }
        return try outcome.get()
    }

    private func request(_ event: String, _ arguments: JSONArguments, id: UInt64? = nil, _ completion: @escaping AckTable.Completion) {
        guard !ReservedEventNames.contains(event) else {
            return completion(.failure(.notSent(SocketIOError.reservedEventName(event).description)))
        }
        let id = id ?? socket.namespace.nextAckID()
        let message = socket.core.packets.event(namespace: socket.namespace.name, name: event, arguments: arguments, ackID: id)
        let timeout = flags.timeout ?? socket.core.options.ackTimeout
        let flags = flags
        let socket = socket
        socket.context.perform {
            guard socket.expectAck(id, timeout: timeout, completion) else { return }
            socket.writeOnLoop(message, event: event, arguments: arguments, flags)
        }
    }
}

/// How an event is to be sent.
struct EmitFlags: Sendable {
    var isVolatile = false
    var compress = true
    var isLocal = false
    var timeout: Duration?
}

/// Names that the protocol keeps for itself.
enum ReservedEventNames {
    private static let names: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    static func contains(_ name: String) -> Bool { names.contains(name) }
}
