import EngineIO
import Logging
import NIOCore
import SocketIOWire

/// One Engine.IO connection as the Socket.IO layer sees it: the decoder, and the sockets by namespace.
///
/// Confined to the connection's event loop; other threads come in through `context`.
/// Sendable by hand: everything that changes is touched on `eventLoop` only, which every entry asserts.
final class ClientConnection: @unchecked Sendable {
    /// Where the client stands with one namespace.
    private enum Slot {
        /// A family of namespaces is asked whether it has this one.
        case resolving(waiting: WaitingPackets)
        /// The middleware runs. What arrives meanwhile waits (trap 44 of the behaviour notes); a second CONNECT is refused (trap 45).
        case pending(Socket, waiting: WaitingPackets)
        case joined(Socket)
        /// The server has disconnected or refused the socket: late packets are ignored for a while (trap 46).
        case left(until: NIODeadline)
    }

    let connection: EngineConnection
    let context: LoopContext
    private let core: ServerCore
    private let registry: NamespaceRegistry

    private var decoder: SocketPacketDecoder
    /// In the place of `decoder` where the server has a parser of its own.
    private var parserDecoder: (any PacketDecoder)?
    /// Counts packets that had to wait for attachments, so that a deadline knows which one it was for.
    private var unfinishedPackets: UInt64 = 0
    /// Whether a deadline for the attachments of the packet at hand is set.
    private var isTimed = false
    /// Bytes of the packet that is being put together.
    private var pendingBytes = 0
    private var slots = SlotTable<Slot>()
    /// The socket of the last packet: most clients have one, so this saves the lookup.
    private var recent: Socket?
    private var isClosed = false
    private var drainWaiters: [@Sendable () -> Void] = []
    private var hasJoined = false

    /// Clients of Socket.IO 2 put tokens into the namespace's query.
    private static let legacyNamespaceLength = 8192

    var number: UInt64 { connection.number }
    /// A client of Socket.IO 2 (row H7 of the behaviour notes).
    var isLegacy: Bool { connection.protocolVersion == 3 }
    var eventLoop: any EventLoop { context.eventLoop }

    init(connection: EngineConnection, core: ServerCore, registry: NamespaceRegistry) {
        self.connection = connection
        self.core = core
        self.registry = registry
        self.context = core.context(of: connection.eventLoop)
        var limits = SocketPacketLimits()
        limits.maxAttachments = core.options.limits.attachmentsPerPacket
        if connection.protocolVersion == 3 { limits.maxNamespaceLength = Self.legacyNamespaceLength }
        self.decoder = SocketPacketDecoder(limits: limits)
        self.parserDecoder = core.options.parser?.makeDecoder(limits: limits)
    }

    func start() {
        eventLoop.assertInEventLoop()
        context.add(self)
        context.schedule(DeadlineToken(client: number, wait: .connect), at: now + TimeAmount(core.options.connectTimeout))
        // The tape has a CONNECT for each socket, here one of no bytes.
        if isLegacy { connect(.impliedConnect(to: "/"), bytes: 0) }
    }

    // MARK: Packets in

    private func received(_ received: SocketPacket, bytes: Int) {
        context.countIncoming(isEvent: received.kind.isEvent)
        var packet = received
        if isLegacy, received.namespace != "/" {
            let namespace = LegacyNamespace(received.namespace)
            packet = received.with(namespace: namespace.name, payload: received.kind == .connect ? namespace.auth : received.payload)
        }
        if packet.kind == .connect {
            connect(packet, bytes: bytes)
        } else if let socket = recent, socket.namespace.name == packet.namespace {
            socket.receive(packet, bytes: bytes)
        } else {
            route(packet, bytes: bytes)
        }
    }

    private func route(_ packet: SocketPacket, bytes: Int) {
        switch slots[packet.namespace] {
        case .joined(let socket):
            recent = socket
            socket.receive(packet, bytes: bytes)
        case .pending(let socket, let waiting):
            recordIncoming(packet, socket: socket.number, bytes: bytes)
            if let waiting = add(packet, bytes, to: waiting) { slots[packet.namespace] = .pending(socket, waiting: waiting) }
        case .resolving(let waiting):
            recordIncoming(packet, socket: nil, bytes: bytes)
            if let waiting = add(packet, bytes, to: waiting) { slots[packet.namespace] = .resolving(waiting: waiting) }
        case .left(let until) where now < until:
            recordIncoming(packet, socket: nil, bytes: bytes)
        case .left, nil:
            recordIncoming(packet, socket: nil, bytes: bytes)
            refuse(.notJoined(namespace: packet.namespace, kind: "\(packet.kind)"), reason: .forcedServerClose)
        }
    }

    /// - Returns: nil if there are too many; the connection is closed then.
    private func add(_ packet: SocketPacket, _ bytes: Int, to waiting: WaitingPackets) -> WaitingPackets? {
        var waiting = waiting
        let limit = core.options.limits.waitingPacketsPerNamespace
        guard waiting.append(packet, bytes: bytes, maxCount: limit, maxBytes: 2 * core.options.engine.maxHTTPBufferSize) else {
            refuse(.tooManyWaitingPackets(namespace: packet.namespace, limit: limit), reason: .forcedServerClose)
            return nil
        }
        return waiting
    }

    func recordIncoming(_ packet: SocketPacket, socket: UInt64?, bytes: Int) {
        core.record(
            .packet(
                TapPacket(
                    connection: number, socket: socket, direction: .incoming, kind: packet.kind, namespace: packet.namespace,
                    eventName: packet.eventName, ackID: packet.ackID, payload: packet.payload, attachments: packet.attachments, bytes: bytes
                )))
    }

    // MARK: Connecting a namespace

    private func connect(_ packet: SocketPacket, bytes: Int) {
        let name = packet.namespace
        switch slots[name] {
        case .joined(let socket), .pending(let socket, _):
            recordIncoming(packet, socket: socket.number, bytes: bytes)
            return refuse(.notJoined(namespace: name, kind: "second connect"), reason: .forcedServerClose)
        case .resolving:
            recordIncoming(packet, socket: nil, bytes: bytes)
            return refuse(.notJoined(namespace: name, kind: "second connect"), reason: .forcedServerClose)
        case .left, nil:
            break
        }
        let number = core.nextSocketNumber()
        recordIncoming(packet, socket: number, bytes: bytes)
        guard slots.count < core.options.limits.namespacesPerConnection || slots[name] != nil else {
            return sendConnectError(["message": "Too many namespaces"], namespace: name, socket: number)
        }
        switch registry.resolve(name) {
        case .found(let namespace): join(namespace, packet, number: number, waiting: WaitingPackets())
        case .unknown: sendConnectError(["message": "Invalid namespace"], namespace: name, socket: number)
        case .ask(let families): resolve(packet, among: families, number: number)
        }
    }

    /// Asks families in their order; the first that admits the name makes it.
    private func resolve(_ packet: SocketPacket, among families: [DynamicNamespace], number: UInt64) {
        let name = packet.namespace
        if let first = families.first, first.fits != nil {
            // A name that fits needs no waiting.
            guard let namespace = registry.make(name, of: first) else {
                return sendConnectError(["message": "Too many namespaces"], namespace: name, socket: number)
            }
            return join(namespace, packet, number: number, waiting: WaitingPackets())
        }
        slots[name] = .resolving(waiting: WaitingPackets())
        let auth = packet.payload.flatMap { try? JSONValue(parsing: $0) }?.objectValue ?? [:]
        context.start {
            var found: DynamicNamespace?
            for family in families where found == nil {
                // An error is a no, as Node has it; the app hears of it.
                do {
                    if try await family.admits(name, auth) { found = family }
                } catch {
                    self.core.report(error, ErrorContext(socket: nil, namespace: name, event: "connection"))
                }
            }
            let family = found
            self.context.perform { self.resolved(packet, by: family, number: number) }
        }
    }

    private func resolved(_ packet: SocketPacket, by family: DynamicNamespace?, number: UInt64) {
        let name = packet.namespace
        guard case .resolving(let waiting) = slots[name], !isClosed else { return }
        guard let family else {
            slots[name] = .left(until: now + TimeAmount(core.options.lateEventGrace))
            return sendConnectError(["message": "Invalid namespace"], namespace: name, socket: number)
        }
        guard let namespace = registry.make(name, of: family) else {
            slots[name] = .left(until: now + TimeAmount(core.options.lateEventGrace))
            return sendConnectError(["message": "Too many namespaces"], namespace: name, socket: number)
        }
        join(namespace, packet, number: number, waiting: waiting)
    }

    private func join(_ namespace: Namespace, _ packet: SocketPacket, number: UInt64, waiting: WaitingPackets) {
        let recovered = restore(packet, in: namespace)
        let socket = Socket(number: number, client: self, namespace: namespace, auth: packet.payload, recovered: recovered)
        slots[namespace.name] = .pending(socket, waiting: waiting)
        registry.reserve(socket)
        let middleware = recovered != nil && namespace.recovery?.skipsMiddlewares == true ? [] : namespace.middleware
        guard !middleware.isEmpty else { return accept(socket) }
        context.start {
            do {
                for check in middleware { try await check(socket) }
                self.context.perform { self.accept(socket) }
            } catch {
                self.context.perform { self.refuse(socket, error) }
            }
        }
    }

    /// What the client had before it was cut off, if it can be given back (row M3 of the behaviour notes).
    private func restore(_ packet: SocketPacket, in namespace: Namespace) -> RecoveredSession? {
        guard let log = namespace.recovery, !isLegacy, let payload = packet.payload.flatMap({ try? JSONValue(parsing: $0) }),
            let pid = payload["pid"]?.stringValue
        else { return nil }
        return log.restore(pid: pid, offset: payload["offset"]?.stringValue, now: core.now).map {
            RecoveredSession(session: $0.session, position: $0.position)
        }
    }

    private var now: NIODeadline { eventLoop.now }

    private func accept(_ socket: Socket) {
        eventLoop.assertInEventLoop()
        let name = socket.namespace.name
        guard case .pending(let pending, let waiting) = slots[name], pending === socket else { return }
        slots[name] = .joined(socket)
        if !hasJoined {
            hasJoined = true
            context.settled()
        }
        recent = socket
        socket.admit()
        socket.namespace.announce(socket)
        for (packet, bytes) in waiting.packets {
            // A handler may have ended the socket meanwhile; the rest is then late (trap 46).
            guard case .joined(let joined) = slots[name], joined === socket else { return }
            socket.receive(packet, bytes: bytes, isRecorded: true)
        }
    }

    private func refuse(_ socket: Socket, _ error: any Error) {
        eventLoop.assertInEventLoop()
        let name = socket.namespace.name
        guard case .pending(let pending, _) = slots[name], pending === socket else { return }
        slots[name] = .left(until: now + TimeAmount(core.options.lateEventGrace))
        socket.abandon()
        registry.cleanUp(socket.namespace)
        if !(error is ConnectError) {
            core.report(error, ErrorContext(socket: socket, namespace: name, event: nil))
        }
        // What an unexpected error says is for the log, not for the client.
        refuse(error as? ConnectError ?? ConnectError("internal error"), namespace: name, socket: socket.number)
    }

    private func refuse(_ error: ConnectError, namespace: String, socket: UInt64) {
        var body: JSONObject = ["message": .string(error.message)]
        if let data = error.data { body["data"] = data }
        // Clients of Socket.IO 2 get the data or the message alone (trap 53).
        sendConnectError(isLegacy ? error.data ?? .string(error.message) : .object(body), namespace: namespace, socket: socket)
    }

    private func sendConnectError(_ body: JSONValue, namespace: String, socket: UInt64) {
        core.metrics.refusedConnect()
        send(core.packets.connectError(namespace: namespace, body: body), socket: socket)
    }

    /// A packet of a kind that only a server sends, or not at this point (checklist J13 of the behaviour notes).
    func refuseUnexpected(_ packet: SocketPacket) {
        refuse(.invalidPacket("a client may not send \(packet.kind) here"), reason: .forcedServerClose)
    }

    /// Takes a socket off the table after the client or the server has disconnected it.
    func forget(_ socket: Socket, ignoringLatePackets: Bool) {
        eventLoop.assertInEventLoop()
        if recent === socket { recent = nil }
        guard case .joined(let joined) = slots[socket.namespace.name], joined === socket else { return }
        slots[socket.namespace.name] = ignoringLatePackets ? .left(until: now + TimeAmount(core.options.lateEventGrace)) : nil
    }

    /// The namespace may have become empty.
    func didLeave(_ namespace: Namespace) { registry.cleanUp(namespace) }

    // MARK: Packets out

    /// Sends a packet that belongs to `socket`, and shows it to the tap.
    func send(_ message: OutgoingMessage, socket: UInt64, compress: Bool = true, offset: String? = nil) {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        core.record(
            .packet(
                TapPacket(
                    connection: number, socket: socket, direction: .outgoing, kind: message.kind, namespace: message.namespace,
                    eventName: message.eventName, ackID: message.ackID, payload: message.payload,
                    attachments: message.packetAttachments, bytes: message.byteCount, offset: offset)))
        context.countOutgoing(isEvent: message.kind.isEvent)
        connection.send(message, compress: compress)
    }

    /// Sends a broadcast's packet; the tap has its own event for that.
    func sendBroadcast(_ message: OutgoingMessage, compress: Bool) {
        guard !isClosed else { return }
        context.countOutgoing(isEvent: true)
        connection.send(message, compress: compress)
    }

    // MARK: Closing

    /// Disconnects all sockets on behalf of the server, then closes the connection.
    func disconnectAll() {
        eventLoop.assertInEventLoop()
        for socket in joinedSockets { socket.disconnectByServer() }
        connection.close(reason: .forcedClose, detail: "disconnected by the server")
    }

    /// Closes the connection because of what the client sent; the reason is visible to the app, the log and the tap.
    private func refuse(_ error: SocketIOError, reason: DisconnectReason) {
        guard !isClosed else { return }
        core.report(error, ErrorContext(socket: joinedSockets.first, namespace: "", event: nil))
        finishAll(reason: reason, detail: error.description)
        connection.close(reason: .forcedClose, detail: error.description)
    }

    private var joinedSockets: [Socket] {
        slots.values.compactMap { slot in
            if case .joined(let socket) = slot { socket } else { nil }
        }
        .sorted { $0.number < $1.number }
    }

    private func finishAll(reason: DisconnectReason, detail: String?) {
        guard !isClosed else { return }
        isClosed = true
        let joined = joinedSockets
        var namespaces = joined.map(\.namespace)
        for case .pending(let socket, _) in slots.values {
            socket.abandon()
            namespaces.append(socket.namespace)
        }
        slots = SlotTable()
        recent = nil
        for socket in joined { socket.finish(reason: reason, detail: detail) }
        for namespace in namespaces { registry.cleanUp(namespace) }
        if !hasJoined { context.settled() }
        context.remove(self)
        resumeDrainWaiters()
    }

    // MARK: Deadlines

    func isWaiting(for wait: DeadlineToken.Wait) -> Bool {
        switch wait {
        case .connect: !hasJoined && !isClosed
        case .attachments(let packet): isTimed && packet == unfinishedPackets && !isClosed
        case .ack(let number, let id): socket(number: number)?.isWaiting(forAck: id) ?? false
        }
    }

    func deadlineReached(_ wait: DeadlineToken.Wait) {
        switch wait {
        case .connect: connection.close(reason: .forcedClose, detail: "no namespace was joined in time")
        case .attachments: refuse(.invalidPacket("a packet's attachments did not come in time"), reason: .forcedClose)
        case .ack(let number, let id): socket(number: number)?.ackTimedOut(id)
        }
    }

    private func socket(number: UInt64) -> Socket? {
        for slot in slots.values {
            switch slot {
            case .joined(let socket), .pending(let socket, _):
                if socket.number == number { return socket }
            case .left, .resolving:
                continue
            }
        }
        return nil
    }
}

extension ClientConnection: EngineReceiver {
    func connection(_ connection: EngineConnection, didReceiveText text: ByteBuffer) {
        guard !isClosed else { return }
        do throws(SocketPacketError) {
            pendingBytes += text.readableBytes
            guard let packet = try parserDecoder == nil ? decoder.decodeText(text) : parserDecoder?.decode(.text(text)) else {
                return noteUnfinished()
            }
            complete(packet)
        } catch {
            undecodable(text, error)
        }
    }

    func connection(_ connection: EngineConnection, didReceiveBinary bytes: ByteBuffer) {
        guard !isClosed else { return }
        do throws(SocketPacketError) {
            pendingBytes += bytes.readableBytes
            guard let packet = try parserDecoder == nil ? decoder.decodeBinary(bytes) : parserDecoder?.decode(.binary(bytes)) else {
                return noteUnfinished()
            }
            complete(packet)
        } catch {
            undecodable(bytes, error)
        }
    }

    private var isUnfinished: Bool { parserDecoder?.isUnfinished ?? decoder.isAwaitingAttachments }

    /// A packet has begun, or goes on: one deadline for all of it.
    private func noteUnfinished() {
        guard pendingBytes > 0, !isTimed, isUnfinished else { return }
        isTimed = true
        unfinishedPackets += 1
        context.schedule(
            DeadlineToken(client: number, wait: .attachments(packet: unfinishedPackets)),
            at: now + TimeAmount(core.options.attachmentTimeout))
    }

    private func complete(_ packet: SocketPacket) {
        let bytes = pendingBytes
        pendingBytes = 0
        if isTimed {
            isTimed = false
            context.settled()
        }
        received(packet, bytes: bytes)
    }

    private func undecodable(_ message: ByteBuffer, _ error: SocketPacketError) {
        core.record(
            .enginePacket(connection: number, direction: .incoming, type: "message", payload: message, bytes: message.readableBytes))
        refuse(.invalidPacket("\(error)"), reason: .forcedClose)
    }

    func connectionDidDrain(_ connection: EngineConnection) { resumeDrainWaiters() }

    /// Calls back once nothing waits to be sent; at once if nothing does, or there is nobody to send to.
    func whenDrained(_ resume: @escaping @Sendable () -> Void) {
        eventLoop.assertInEventLoop()
        if isClosed || connection.bufferedBytes == 0 { resume() } else { drainWaiters.append(resume) }
    }

    private func resumeDrainWaiters() {
        guard !drainWaiters.isEmpty else { return }
        let waiters = drainWaiters
        drainWaiters = []
        for resume in waiters { resume() }
    }

    func connection(_ connection: EngineConnection, didCloseWith reason: EngineCloseReason, detail: String?) {
        finishAll(reason: DisconnectReason(rawValue: reason.rawValue), detail: detail)
    }
}

/// Packets that wait for their namespace's middleware: bounded by number and bytes.
struct WaitingPackets {
    private(set) var packets: [(packet: SocketPacket, bytes: Int)] = []
    private var totalBytes = 0

    /// - Returns: false if there is no room for it.
    mutating func append(_ packet: SocketPacket, bytes: Int, maxCount: Int, maxBytes: Int) -> Bool {
        guard packets.count < maxCount, totalBytes + bytes <= maxBytes else { return false }
        packets.append((packet, bytes))
        totalBytes += bytes
        return true
    }
}
