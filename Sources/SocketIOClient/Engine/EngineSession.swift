import DequeModule
import Logging
import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire

/// The life of one Engine.IO connection on its event loop: opening, heartbeat, the queue of packets, the upgrade, the end.
///
/// The queue belongs to the session, not to a transport, so order holds across an upgrade.
///
/// `@unchecked Sendable`: its state is touched on `eventLoop` only; `EngineClient` hops there, transports and timers live there.
final class EngineSession: @unchecked Sendable {
    enum Phase: Sendable {
        case idle, opening, open, closed
    }

    let eventLoop: any EventLoop
    private let configuration: EngineClient.Configuration
    private let logger: Logger
    private let onEvent: @Sendable (EngineClientEvent) -> Void
    private let snapshot: NIOLockedValueBox<EngineClient.Snapshot>
    private let dialer: Dialer

    private var phase = Phase.idle
    private var queue = Deque<EnginePacket>()
    private var polling: PollingTransport?
    private var webSocket: WebSocketTransport?
    private var webSocketIsCurrent = false
    private var isFlushScheduled = false
    private var isCloseRequested = false

    private var upgrade = UpgradeState()
    private var upgradePromise: EventLoopPromise<Void>?
    private var heartbeat: HeartbeatWatch?

    private var openTimer: Scheduled<Void>?
    private var upgradeTimer: Scheduled<Void>?
    private var heartbeatTimer: Scheduled<Void>?
    private var pingTimer: Scheduled<Void>?
    private var closeTimer: Scheduled<Void>?

    private let opened: EventLoopPromise<EngineHandshake>
    private let ended: EventLoopPromise<Void>

    init(
        _ configuration: EngineClient.Configuration, eventLoop: any EventLoop, logger: Logger,
        snapshot: NIOLockedValueBox<EngineClient.Snapshot>, opened: EventLoopPromise<EngineHandshake>, ended: EventLoopPromise<Void>,
        onEvent: @escaping @Sendable (EngineClientEvent) -> Void
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.snapshot = snapshot
        self.opened = opened
        self.ended = ended
        self.onEvent = onEvent
        dialer = Dialer(configuration, on: eventLoop)
    }

    deinit {
        // Never connected: nobody else will settle what was promised.
        guard phase == .idle else { return }
        opened.fail(EngineClientError.notOpen("the client was dropped before it connected"))
        ended.succeed()
    }

    // MARK: From the user

    func connect() {
        guard phase == .idle else { return }
        setPhase(.opening)
        openTimer = eventLoop.scheduleTask(in: TimeAmount(configuration.connectTimeout)) { [self] in
            finish(.transportError, .timedOut("no connection was opened", after: configuration.connectTimeout))
        }
        switch configuration.transports.first {
        case .polling:
            startPolling()
        case .webSocket:
            webSocketIsCurrent = true
            startWebSocket(sid: nil)
        case nil:
            finish(.transportError, .notOpen("the configuration allows no transport"))
        }
    }

    func enqueue(_ packets: some Sequence<EnginePacket>) {
        guard phase != .closed, !isCloseRequested else { return }
        queue.append(contentsOf: packets)
        scheduleFlush()
    }

    /// Ends the connection as the official client does: what was sent before leaves, an upgrade under way is waited for.
    func close() {
        guard phase != .closed, !isCloseRequested else { return }
        guard phase != .idle else { return finish(.forcedClose, nil) }
        isCloseRequested = true
        closeTimer = eventLoop.scheduleTask(in: TimeAmount(configuration.closeTimeout)) { [self] in
            abort()
        }
        continueClosing()
    }

    func abort() {
        closeTimer?.cancel()
        let wasClosed = phase == .closed
        polling?.abort()
        webSocket?.abort()
        polling = nil
        webSocket = nil
        if !wasClosed { finish(.forcedClose, nil) }
        ended.succeed()
    }

    /// What the layer above cannot read ends the connection.
    func fail(_ reason: EngineClientCloseReason, _ error: EngineClientError) {
        finish(reason, error)
    }

    func upgrade(_ promise: EventLoopPromise<Void>) {
        guard phase == .open, !isCloseRequested else { return promise.fail(EngineClientError.notOpen("the connection is not open")) }
        guard !webSocketIsCurrent, polling != nil else {
            return promise.fail(EngineClientError.upgradeFailed("the connection is on WebSocket already"))
        }
        guard upgrade.begin() else { return promise.fail(EngineClientError.upgradeFailed("another upgrade is under way")) }
        upgradePromise = promise
        beginUpgrade()
    }

    // MARK: Opening

    private func startPolling() {
        let transport = PollingTransport(configuration, dialer: dialer)
        transport.receiver = self
        polling = transport
        transport.poll()
    }

    private func startWebSocket(sid: String?) {
        let transport = WebSocketTransport(configuration, dialer: dialer, sid: sid)
        transport.receiver = self
        webSocket = transport
        transport.open()
    }

    private func handshake(_ packet: EnginePacket) {
        guard packet.type == .open, !packet.isBinary else {
            return finish(.transportError, .malformed("the first packet is no handshake"))
        }
        do throws(EngineClientError) {
            let handshake = try EngineHandshake(openPacket: packet.payload)
            openTimer?.cancel()
            polling?.sid = handshake.sid
            polling?.maxPayload = handshake.maxPayload
            heartbeat = HeartbeatWatch(handshake, now: .now())
            watchHeartbeat()
            if configuration.revision == .three { pingLater(handshake.pingInterval) }
            setPhase(.open)
            snapshot.withLockedValue {
                $0.handshake = handshake
                $0.transport = webSocketIsCurrent ? .webSocket : .polling
            }
            opened.succeed(handshake)
            onEvent(.opened(handshake))
            guard phase == .open else { return }
            scheduleFlush()
            let isOffered = handshake.upgrades.contains(ClientTransport.webSocket.rawValue)
            if configuration.mayUpgrade, configuration.upgrade == .automatic, isOffered, !isCloseRequested, upgrade.begin() {
                beginUpgrade()
            }
            if isCloseRequested { continueClosing() }
        } catch {
            finish(.transportError, error)
        }
    }

    // MARK: Receiving

    private func receive(_ packet: EnginePacket) {
        guard phase != .closed else { return }
        guard phase == .open else { return handshake(packet) }
        if packet.isBinary { return onEvent(.binary(packet.payload)) }
        switch packet.type {
        case .message:
            onEvent(.text(packet.payload))
        case .ping:
            heartbeat?.heard(now: .now())
            // A pong goes even while a graceful close waits for the queue.
            queue.append(EnginePacket(.pong))
            scheduleFlush()
        case .close:
            finish(.transportClose, nil)
        case .pong where configuration.revision == .three:
            heartbeat?.heard(now: .now())
        case .noop, .open, .pong, .upgrade:
            break
        }
    }

    private func watchHeartbeat() {
        guard let heartbeat else { return }
        heartbeatTimer = eventLoop.scheduleTask(deadline: heartbeat.deadline) { [self] in
            guard phase == .open, let heartbeat = self.heartbeat else { return }
            // Pings only move the deadline; one timer follows it.
            guard heartbeat.hasExpired(now: .now()) else { return watchHeartbeat() }
            finish(.pingTimeout, .timedOut("the server sent no ping", after: patience))
        }
    }

    /// In revision 3 it is the client that pings.
    private func pingLater(_ interval: Duration) {
        pingTimer = eventLoop.scheduleTask(in: TimeAmount(interval)) { [self] in
            guard phase == .open else { return }
            queue.append(EnginePacket(.ping))
            scheduleFlush()
            pingLater(interval)
        }
    }

    private var patience: Duration {
        snapshot.withLockedValue { $0.handshake.map { $0.pingInterval + $0.pingTimeout } ?? .zero }
    }

    // MARK: Sending

    private func scheduleFlush() {
        guard !isFlushScheduled, phase == .open else { return }
        isFlushScheduled = true
        // At the end of the loop's turn, so that what is sent together travels together.
        eventLoop.execute { [self] in
            isFlushScheduled = false
            flush()
        }
    }

    private func flush() {
        guard phase == .open, !upgrade.holdsWrites, !queue.isEmpty else { return isCloseRequested ? continueClosing() : () }
        if webSocketIsCurrent, let webSocket {
            while let packet = queue.popFirst() { webSocket.write(packet) }
            webSocket.flush()
        } else if let polling, polling.mayWrite {
            polling.write(&queue)
        }
        if isCloseRequested { continueClosing() }
    }

    // MARK: The upgrade

    private func beginUpgrade() {
        guard let sid = snapshot.withLockedValue({ $0.handshake?.sid }) else { return }
        upgradeTimer = eventLoop.scheduleTask(in: TimeAmount(configuration.connectTimeout)) { [self] in
            perform(upgrade.timedOut())
        }
        startWebSocket(sid: sid)
    }

    private func perform(_ action: UpgradeState.Action) {
        guard phase == .open else { return }
        switch action {
        case .none:
            break
        case .probe:
            webSocket?.write(EnginePacket(.ping, ByteBuffer(string: "probe")))
            webSocket?.flush()
        case .pausePolling:
            polling?.pause()
        case .complete:
            upgradeTimer?.cancel()
            polling?.abort()
            polling = nil
            webSocketIsCurrent = true
            webSocket?.write(EnginePacket(.upgrade))
            webSocket?.flush()
            snapshot.withLockedValue { $0.transport = .webSocket }
            settleUpgrade(nil)
            onEvent(.upgraded)
            flush()
        case .giveUp(let problem):
            upgradeTimer?.cancel()
            logger.debug("Upgrade failed", metadata: ["problem": "\(problem)"])
            webSocket?.abort()
            webSocket = nil
            polling?.resume()
            settleUpgrade(.upgradeFailed(problem))
            flush()
        }
    }

    private func settleUpgrade(_ error: EngineClientError?) {
        guard let promise = upgradePromise.take() else { return }
        if let error { promise.fail(error) } else { promise.succeed() }
    }

    // MARK: Ending

    private func continueClosing() {
        guard phase == .open, isCloseRequested, !upgrade.isUnderWay else { return }
        if webSocketIsCurrent {
            guard queue.isEmpty, let webSocket else { return }
            webSocket.end()
        } else {
            guard queue.isEmpty, let polling, polling.mayWrite else { return }
            polling.end()
        }
        finish(.forcedClose, nil)
    }

    /// The connection is over for the user. After a graceful close the transport still says goodbye; otherwise it is dropped.
    private func finish(_ reason: EngineClientCloseReason, _ error: EngineClientError?) {
        guard phase != .closed else { return }
        let isGraceful = isCloseRequested && reason == .forcedClose && phase == .open
        setPhase(.closed)
        for timer in [openTimer, upgradeTimer, heartbeatTimer, pingTimer] { timer?.cancel() }
        queue.removeAll()
        opened.fail(error ?? EngineClientError.notOpen("the connection was closed before it was open (\(reason))"))
        settleUpgrade(.notOpen("the connection was closed (\(reason))"))
        if !isGraceful {
            closeTimer?.cancel()
            polling?.abort()
            // A WebSocket whose server went silent still gets its close frame, as the official client sends it.
            if reason == .pingTimeout || reason == .parseError { webSocket?.end() } else { webSocket?.abort() }
            polling = nil
            webSocket = nil
            ended.succeed()
        }
        onEvent(.closed(reason, error))
    }

    private func setPhase(_ new: Phase) {
        phase = new
        snapshot.withLockedValue { $0.isOpen = new == .open }
    }
}

extension EngineSession: PollingReceiver {
    func polling(_ transport: PollingTransport, didReceive packets: [EnginePacket], error: EnginePacketError?) {
        guard transport === polling else { return }
        for packet in packets { receive(packet) }
        if let error { finish(.transportError, .malformed("\(error)")) }
    }

    func pollingMayWrite(_ transport: PollingTransport) {
        guard transport === polling else { return }
        flush()
    }

    func pollingDidPause(_ transport: PollingTransport) {
        guard transport === polling else { return }
        perform(upgrade.pollingPaused())
    }

    func polling(_ transport: PollingTransport, didFailWith error: EngineClientError) {
        guard transport === polling else { return }
        finish(.transportError, error)
    }

    func pollingDidEnd(_ transport: PollingTransport) {
        closeTimer?.cancel()
        ended.succeed()
    }
}

extension EngineSession: WebSocketReceiver {
    func webSocketDidOpen(_ transport: WebSocketTransport) {
        guard transport === webSocket, !webSocketIsCurrent else { return }
        perform(upgrade.webSocketOpened())
    }

    func webSocket(_ transport: WebSocketTransport, didReceive packet: EnginePacket) {
        guard transport === webSocket else { return }
        if webSocketIsCurrent { return receive(packet) }
        let isAnswer = packet.type == .pong && !packet.isBinary && packet.payload.readableBytesView.elementsEqual("probe".utf8)
        perform(upgrade.received(isProbeAnswer: isAnswer))
    }

    func webSocket(_ transport: WebSocketTransport, didCloseWith error: EngineClientError?) {
        guard transport === webSocket else { return }
        guard webSocketIsCurrent else { return perform(upgrade.webSocketClosed(error?.description ?? "the server closed it")) }
        if phase == .closed {
            closeTimer?.cancel()
            return ended.succeed()
        }
        // The end of an open WebSocket is a close, whether it came with a frame or not; a browser cannot tell either.
        let isClose =
            switch error {
            case .webSocketClosed, .connectionLost: phase == .open
            default: false
            }
        finish(isClose ? .transportClose : .transportError, error)
    }
}
