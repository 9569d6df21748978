import NIOConcurrencyHelpers
public import SocketIOWire

/// Chooses receivers and flags for a broadcast. A value: each step of a chain returns a changed copy.
///
/// ```swift
/// io.to("room1").to("room2").except("room3").emit("news", "hello")     // to the union of two rooms, to nobody twice
/// socket.broadcast.emit("user joined")                                 // to everyone but this socket
/// let result = await io.timeout(.seconds(5)).emitWithAck("ready?", as: Bool.self)
/// ```
public struct BroadcastOperator: Sendable {
    let namespace: Namespace
    var rooms: [Room] = []
    var excludedRooms: [Room] = []
    var flags = EmitFlags()

    init(namespace: Namespace) {
        self.namespace = namespace
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }

    private var core: ServerCore { namespace.core }

    private func select() -> [BroadcastLane] {
        namespace.table.withLockedValue { $0.select(rooms: rooms, except: excludedRooms) }
    }

    private func message(_ event: String, _ arguments: JSONArguments, ackID: UInt64?) -> OutgoingMessage {
        core.packets.event(namespace: namespace.name, name: event, arguments: arguments, ackID: ackID)
    }

    /// - Parameter inPlace: whether receivers on this loop may be written to at once.
    private func send(_ broadcast: Broadcast, to lanes: [BroadcastLane], inPlace: Bool = true) {
        if core.tap != nil { record(broadcast) }
        let core = core
        for lane in lanes {
            guard let context = lane.context else { continue }
            if inPlace, context.isDirect {
                broadcast.deliver(to: lane, core: core)
            } else {
                context.enqueue { broadcast.deliver(to: lane, core: core) }
            }
        }
    }

    private func record(_ broadcast: Broadcast) {
        let message = broadcast.message
        core.record(
            .broadcast(
                TapBroadcast(
                    number: broadcast.number, kind: message.kind, namespace: namespace.name, eventName: broadcast.event,
                    ackID: message.ackID,
                    payload: message.payload, attachments: message.packetAttachments, bytes: message.byteCount,
                    offset: broadcast.offset)))
    }

    private func report(_ error: SocketIOError, event: String) {
        core.report(error, ErrorContext(socket: nil, namespace: namespace.name, event: event))
    }
}

extension RoomTable<Socket>.LaneSelection {
    /// All members live on one loop, so any of them knows it.
    fileprivate var context: LoopContext? { included.first?.first?.context }
}

extension BroadcastOperator: Broadcaster {
    public var broadcast: BroadcastOperator { self }

    public func to(_ rooms: [Room]) -> BroadcastOperator { with { $0.rooms += rooms } }

    public func except(_ rooms: [Room]) -> BroadcastOperator { with { $0.excludedRooms += rooms } }

    public var local: BroadcastOperator { with { $0.flags.isLocal = true } }

    public var volatile: BroadcastOperator { with { $0.flags.isVolatile = true } }

    public func compress(_ isOn: Bool) -> BroadcastOperator { with { $0.flags.compress = isOn } }

    public func timeout(_ timeout: Duration) -> BroadcastOperator { with { $0.flags.timeout = timeout } }

    public func emit(_ event: String, arguments: JSONArguments) {
        guard !ReservedEventNames.contains(event) else { return report(.reservedEventName(event), event: event) }
        if !core.isAlone, !flags.isLocal {
            core.options.adapter.publish(ClusterRequest(.broadcast, self, event: event, arguments: arguments))
        }
        if let log = namespace.recovery, !flags.isVolatile { return emit(event, arguments, keptIn: log) }
        let lanes = select()
        guard !lanes.isEmpty else { return }
        let broadcast = Broadcast(
            number: core.nextBroadcastNumber(), event: event, arguments: arguments, message: message(event, arguments, ackID: nil),
            flags: flags, answers: nil)
        send(broadcast, to: lanes)
    }

    /// Also kept for those who are cut off at the moment.
    private func emit(_ event: String, _ arguments: JSONArguments, keptIn log: RecoveryLog) {
        log.append(rooms: rooms, except: excludedRooms, now: core.now) { offset in
            message(event, arguments.appending(offset), ackID: nil)
        } send: { message, offset in
            let lanes = select()
            guard !lanes.isEmpty else { return }
            let broadcast = Broadcast(
                number: core.nextBroadcastNumber(), event: event, arguments: arguments, message: message, flags: flags, answers: nil,
                offset: offset)
            send(broadcast, to: lanes, inPlace: false)
        }
    }

    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        do {
            emit(event, arguments: try ArgumentCoding.encode(repeat each argument))
        } catch {
            report(.unencodable(event: event, problem: "\(error)"), event: event)
        }
    }

    public func emitWithAck(_ event: String, arguments: JSONArguments) async -> BroadcastAckResult<JSONArguments> {
        guard !ReservedEventNames.contains(event) else {
            report(.reservedEventName(event), event: event)
            return BroadcastAckResult(responses: [:])
        }
        async let remote = answersOfOthers(event, arguments)
        let local = await answersHere(event, arguments)
        return BroadcastAckResult(responses: local.merging(await remote) { mine, _ in mine })
    }

    /// The answers of clients of other servers.
    private func answersOfOthers(_ event: String, _ arguments: JSONArguments) async -> [SocketID: Result<JSONArguments, AckError>] {
        guard !core.isAlone, !flags.isLocal else { return [:] }
        let timeout = flags.timeout ?? core.options.ackTimeout
        var request = ClusterRequest(.broadcastWithAck, self, event: event, arguments: arguments)
        request.body["timeout"] = .integer(timeout.milliseconds)
        // The others wait for their clients; a little more time lets them say so.
        let result = await core.options.adapter.ask(request, timeout: timeout + .seconds(1))
        return result.answers.values.reduce(into: [:]) { responses, answer in
            for (id, value) in answer.objectValue ?? [:] { responses[id] = value.clusterAnswer }
        }
    }

    private func answersHere(_ event: String, _ arguments: JSONArguments) async -> [SocketID: Result<JSONArguments, AckError>] {
        let lanes = select()
        guard !lanes.isEmpty else { return [:] }
        let results = await withCheckedContinuation { continuation in
            let collector = AnswerCollector(
                id: namespace.nextAckID(), timeout: flags.timeout ?? core.options.ackTimeout, lanes: lanes.count
            ) { continuation.resume(returning: $0) }
            let broadcast = Broadcast(
                number: core.nextBroadcastNumber(), event: event, arguments: arguments,
                message: message(event, arguments, ackID: collector.id),
                flags: flags, answers: collector)
            send(broadcast, to: lanes)
        }
        return Dictionary(results) { first, _ in first }
    }

    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, as type: Answer.Type
    ) async -> BroadcastAckResult<Answer> {
        do {
            let raw = await emitWithAck(event, arguments: try ArgumentCoding.encode(repeat each argument))
            return BroadcastAckResult(
                responses: raw.responses.mapValues { outcome in outcome.flatMap { ArgumentCoding.decodeAnswer($0, as: type) } })
        } catch {
            report(.unencodable(event: event, problem: "\(error)"), event: event)
            return BroadcastAckResult(responses: [:])
        }
    }

    public func fetchSockets() async throws(ClusterError) -> [RemoteSocket] {
        let here = localSockets.map { RemoteSocket(SocketSnapshot($0), in: namespace) }
        guard !core.isAlone, !flags.isLocal else { return here }
        let result = await core.options.adapter.ask(
            ClusterRequest(.fetchSockets, self), timeout: flags.timeout ?? core.options.clusterTimeout)
        let others = result.answers.values.flatMap { $0.arrayValue ?? [] }.compactMap(SocketSnapshot.init)
        let sockets = here + others.map { RemoteSocket($0, in: namespace) }
        guard result.missing.isEmpty else { throw ClusterError.incomplete(sockets: sockets, missing: result.missing) }
        return sockets
    }

    public func socketsJoin(_ rooms: [Room]) {
        tellOthers(.join, rooms)
        for socket in localSockets { socket.join(rooms) }
    }

    public func socketsLeave(_ rooms: [Room]) {
        tellOthers(.leave, rooms)
        for socket in localSockets { socket.leave(rooms) }
    }

    public func disconnectSockets(closeConnection: Bool) {
        tellOthers(.disconnect, [], close: closeConnection)
        for socket in localSockets { socket.disconnect(closeConnection: closeConnection) }
    }

    private func tellOthers(_ kind: ClusterRequest.Kind, _ rooms: [Room], close: Bool = false) {
        guard !core.isAlone, !flags.isLocal else { return }
        var request = ClusterRequest(kind, self)
        request.body["names"] = .array(rooms.map { .string($0) })
        request.body["close"] = .bool(close)
        core.options.adapter.publish(request)
    }

    /// The chosen sockets on this server, each once.
    var localSockets: [Socket] {
        let lanes = select()
        let excluded = Set(lanes.flatMap { $0.excluded.joined() })
        var seen = excluded
        return lanes.flatMap { $0.included.joined() }.filter { $0.isConnected && seen.insert($0).inserted }
    }
}

/// Not all servers of the cluster answered.
public enum ClusterError: Error, Sendable, CustomStringConvertible {
    /// What the others said is in it (the timeouts of section 5 of the behaviour notes name nobody).
    case incomplete(sockets: [RemoteSocket], missing: [String])

    public var description: String {
        switch self {
        case .incomplete(let sockets, let missing):
            "\(missing.count) server(s) did not answer in time: \(missing.joined(separator: ", ")); \(sockets.count) socket(s) were found on the others"
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
