import DequeModule
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
package import SocketIOWire

/// One Engine.IO connection (protocol 4): over long-polling, WebSocket, or polling that is upgraded to WebSocket.
///
/// ```swift
/// let engine = EngineClient(try .init(url: "http://localhost:3000")) { event in
///     if case .text(let text) = event { print(String(buffer: text)) }
/// }
/// let handshake = try await engine.open()
/// engine.send(ByteBuffer(string: "0"))
/// engine.close()
/// ```
///
/// All methods may be called from any thread. Events come on ``eventLoop``, in the order of the wire, the last of them always
/// ``EngineClientEvent/closed(_:_:)``. A client is used once: connect again with a new one. It lives until it is closed.
public final class EngineClient: Sendable {
    struct Snapshot: Sendable {
        var handshake: EngineHandshake?
        var transport: ClientTransport?
        var isOpen = false
    }

    private struct Inbox {
        var packets = Deque<EnginePacket>()
        var isDrainScheduled = false
        /// Set by a graceful close: what was sent before still leaves, nothing is added.
        var isClosed = false
    }

    /// The loop that the connection lives on.
    public let eventLoop: any EventLoop
    private let session: EngineSession
    private let snapshot = NIOLockedValueBox(Snapshot())
    private let inbox = NIOLockedValueBox(Inbox())
    private let opened: EventLoopFuture<EngineHandshake>
    private let ended: EventLoopFuture<Void>

    /// Makes a client; nothing happens before ``connect()`` or ``open()``.
    public convenience init(
        _ configuration: Configuration, logger: Logger = Logger(label: "SocketIOClient"),
        onEvent: @escaping @Sendable (EngineClientEvent) -> Void
    ) {
        self.init(configuration, eventLoop: configuration.eventLoopGroup.next(), logger: logger, onEvent: onEvent)
    }

    init(
        _ configuration: Configuration, eventLoop: any EventLoop, logger: Logger, onEvent: @escaping @Sendable (EngineClientEvent) -> Void
    ) {
        self.eventLoop = eventLoop
        let opened = eventLoop.makePromise(of: EngineHandshake.self)
        let ended = eventLoop.makePromise(of: Void.self)
        self.opened = opened.futureResult
        self.ended = ended.futureResult
        session = EngineSession(
            configuration, eventLoop: eventLoop, logger: logger, snapshot: snapshot, opened: opened, ended: ended, onEvent: onEvent)
    }

    /// What the server announced; nil before the connection was open.
    public var handshake: EngineHandshake? { snapshot.withLockedValue { $0.handshake } }

    /// The transport that carries the packets; nil before the connection was open.
    public var transport: ClientTransport? { snapshot.withLockedValue { $0.transport } }

    public var isOpen: Bool { snapshot.withLockedValue { $0.isOpen } }

    /// Starts to connect; ``EngineClientEvent/opened(_:)`` or ``EngineClientEvent/closed(_:_:)`` tells the outcome.
    public func connect() {
        onLoop { $0.connect() }
    }

    /// Connects and waits until the connection is open.
    ///
    /// - Throws: what prevented it; a ``EngineClientEvent/closed(_:_:)`` event tells the same.
    @discardableResult
    public func open() async throws(EngineClientError) -> EngineHandshake {
        connect()
        do {
            return try await opened.get()
        } catch {
            throw error as? EngineClientError ?? .connectionLost("\(error)")
        }
    }

    /// Sends a text message and the binary messages that belong to it, in one piece: nothing that another thread sends comes between.
    ///
    /// What is sent before the connection is open leaves when it is; what is sent after ``close()`` is dropped.
    public func send(_ text: ByteBuffer, attachments: [ByteBuffer] = []) {
        let header = EnginePacket(.message, text)
        guard !attachments.isEmpty else { return enqueue(CollectionOfOne(header)) }
        enqueue([header] + attachments.map { EnginePacket(binary: $0) })
    }

    /// Sends one Socket.IO packet.
    package func send(_ message: OutgoingMessage) {
        enqueue(message.packets)
    }

    /// Closes the connection: what was sent before leaves first, then the server is told.
    public func close() {
        inbox.withLockedValue { $0.isClosed = true }
        drainInbox()
        onLoop { $0.close() }
    }

    /// Drops the TCP connections without telling the server, like a client whose network or process went away.
    public func abort() {
        onLoop { $0.abort() }
    }

    /// Ends the connection for what the layer above read in it.
    package func fail(_ reason: EngineClientCloseReason, _ error: EngineClientError) {
        onLoop { $0.fail(reason, error) }
    }

    /// Waits until the TCP connections are gone too, after the connection was closed by either side.
    public func waitUntilEnded() async {
        // The promise is only ever succeeded.
        _ = try? await ended.get()
    }

    /// Leaves polling for WebSocket now; returns when it is done. Whether the server offers the upgrade is not asked.
    ///
    /// - Throws: ``EngineClientError/upgradeFailed(_:)`` (the connection goes on with polling), ``EngineClientError/notOpen(_:)``.
    public func upgrade() async throws(EngineClientError) {
        let promise = eventLoop.makePromise(of: Void.self)
        onLoop { $0.upgrade(promise) }
        do {
            try await promise.futureResult.get()
        } catch {
            throw error as? EngineClientError ?? .upgradeFailed("\(error)")
        }
    }

    // MARK: On the way to the loop

    /// One queue for all threads keeps one order among them, whether a sender is on the loop or not.
    private func enqueue(_ packets: some Sequence<EnginePacket>) {
        let isFirst = inbox.withLockedValue { inbox in
            guard !inbox.isClosed else { return false }
            inbox.packets.append(contentsOf: packets)
            defer { inbox.isDrainScheduled = true }
            return !inbox.isDrainScheduled
        }
        if eventLoop.inEventLoop { return drain() }
        if isFirst { eventLoop.execute { self.drain() } }
    }

    private func drainInbox() {
        onLoop { _ in self.drain() }
    }

    private func drain() {
        let packets = inbox.withLockedValue { inbox in
            inbox.isDrainScheduled = false
            let packets = inbox.packets
            inbox.packets = []
            return packets
        }
        if !packets.isEmpty { session.enqueue(packets) }
    }

    private func onLoop(_ work: @escaping @Sendable (EngineSession) -> Void) {
        let session = session
        if eventLoop.inEventLoop { work(session) } else { eventLoop.execute { work(session) } }
    }
}
