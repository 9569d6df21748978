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
    /// Bytes of the packet that is being put together.
    private var pendingBytes = 0
    private var slots = SlotTable<Slot>()
    /// The socket of the last packet: most clients have one, so this saves the lookup.
    private var recent: Socket?
    private var isClosed = false
    private var hasJoined = false

    var number: UInt64 { connection.number }
    var eventLoop: any EventLoop { context.eventLoop }

    init(connection: EngineConnection, core: ServerCore, registry: NamespaceRegistry) {
        self.connection = connection
        self.core = core
        self.registry = registry
        self.context = core.context(of: connection.eventLoop)
        var limits = SocketPacketLimits()
        limits.maxAttachments = core.options.limits.attachmentsPerPacket
        self.decoder = SocketPacketDecoder(limits: limits)
    }

    func start() {
        eventLoop.assertInEventLoop()
        context.add(self)
        context.schedule(DeadlineToken(client: number, wait: .connect), at: .now() + TimeAmount(core.options.connectTimeout))
    }

    // MARK: Packets in

    private func received(_ packet: SocketPacket, bytes: Int) {
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
        case .pending(let socket, var waiting):
            recordIncoming(packet, socket: socket.number, bytes: bytes)
            guard
                waiting.append(
                    packet, bytes: bytes, maxCount: core.options.limits.waitingPacketsPerNamespace,
                    maxBytes: 2 * core.options.engine.maxHTTPBufferSize)
            else {
                let limit = core.options.limits.waitingPacketsPerNamespace
                return refuse(.tooManyWaitingPackets(namespace: packet.namespace, limit: limit), reason: .forcedServerClose)
            }
            slots[packet.namespace] = .pending(socket, waiting: waiting)
        case .left(let until) where NIODeadline.now() < until:
            recordIncoming(packet, socket: nil, bytes: bytes)
        case .left, nil:
            recordIncoming(packet, socket: nil, bytes: bytes)
            refuse(.notJoined(namespace: packet.namespace, kind: "\(packet.kind)"), reason: .forcedServerClose)
        }
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
        switch slots[packet.namespace] {
        case .joined(let socket), .pending(let socket, _):
            recordIncoming(packet, socket: socket.number, bytes: bytes)
            return refuse(.notJoined(namespace: packet.namespace, kind: "second connect"), reason: .forcedServerClose)
        case .left, nil:
            break
        }
        let socketNumber = core.nextSocketNumber()
        recordIncoming(packet, socket: socketNumber, bytes: bytes)
        guard let namespace = registry.resolve(packet.namespace) else {
            return refuse(ConnectError("Invalid namespace"), namespace: packet.namespace, socket: socketNumber)
        }
        guard slots.count < core.options.limits.namespacesPerConnection || slots[packet.namespace] != nil else {
            return refuse(ConnectError("Too many namespaces"), namespace: packet.namespace, socket: socketNumber)
        }
        let socket = Socket(number: socketNumber, client: self, namespace: namespace, auth: packet.payload)
        slots[namespace.name] = .pending(socket, waiting: WaitingPackets())
        namespace.reserve(socket)
        let middleware = namespace.middleware
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
        slots[name] = .left(until: .now() + TimeAmount(core.options.lateEventGrace))
        socket.abandon()
        if !(error is ConnectError) {
            core.report(error, ErrorContext(socket: socket, namespace: name, event: nil))
        }
        // What an unexpected error says is for the log, not for the client.
        refuse(error as? ConnectError ?? ConnectError("internal error"), namespace: name, socket: socket.number)
    }

    private func refuse(_ error: ConnectError, namespace: String, socket: UInt64) {
        send(SocketPacketEncoder.encodeConnectError(namespace: namespace, message: error.message, data: error.data), socket: socket)
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
        slots[socket.namespace.name] = ignoringLatePackets ? .left(until: .now() + TimeAmount(core.options.lateEventGrace)) : nil
    }

    // MARK: Packets out

    /// Sends a packet that belongs to `socket`, and shows it to the tap.
    func send(_ message: OutgoingMessage, socket: UInt64) {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        core.record(
            .packet(
                TapPacket(
                    connection: number, socket: socket, direction: .outgoing, kind: message.kind, namespace: message.namespace,
                    eventName: message.eventName, ackID: message.ackID, payload: message.payload, attachments: message.attachments,
                    bytes: message.byteCount)))
        connection.send(message)
    }

    /// Sends a broadcast's packet; the tap has its own event for that.
    func sendBroadcast(_ message: OutgoingMessage) {
        guard !isClosed else { return }
        connection.send(message)
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
        for case .pending(let socket, _) in slots.values { socket.abandon() }
        slots = SlotTable()
        recent = nil
        for socket in joined { socket.finish(reason: reason, detail: detail) }
        if !hasJoined { context.settled() }
        context.remove(self)
    }

    // MARK: Deadlines

    func isWaiting(for wait: DeadlineToken.Wait) -> Bool {
        switch wait {
        case .connect: !hasJoined && !isClosed
        case .ack(let number, let id): socket(number: number)?.isWaiting(forAck: id) ?? false
        }
    }

    func deadlineReached(_ wait: DeadlineToken.Wait) {
        switch wait {
        case .connect: connection.close(reason: .forcedClose, detail: "no namespace was joined in time")
        case .ack(let number, let id): socket(number: number)?.ackTimedOut(id)
        }
    }

    private func socket(number: UInt64) -> Socket? {
        for slot in slots.values {
            switch slot {
            case .joined(let socket), .pending(let socket, _):
                if socket.number == number { return socket }
            case .left:
                continue
            }
        }
        return nil
    }
}

extension ClientConnection: EngineReceiver {
    func connection(_ connection: EngineConnection, didReceiveText text: ByteBuffer) {
        guard !isClosed else { return }
        do {
            pendingBytes += text.readableBytes
            guard let packet = try decoder.decodeText(text) else { return }
            complete(packet)
        } catch {
            undecodable(text, error)
        }
    }

    func connection(_ connection: EngineConnection, didReceiveBinary bytes: ByteBuffer) {
        guard !isClosed else { return }
        do {
            pendingBytes += bytes.readableBytes
            guard let packet = try decoder.decodeBinary(bytes) else { return }
            complete(packet)
        } catch {
            undecodable(bytes, error)
        }
    }

    private func complete(_ packet: SocketPacket) {
        let bytes = pendingBytes
        pendingBytes = 0
        received(packet, bytes: bytes)
    }

    private func undecodable(_ message: ByteBuffer, _ error: SocketPacketError) {
        core.record(
            .enginePacket(connection: number, direction: .incoming, type: "message", payload: message, bytes: message.readableBytes))
        refuse(.invalidPacket("\(error)"), reason: .forcedClose)
    }

    func connectionDidDrain(_ connection: EngineConnection) {}

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
