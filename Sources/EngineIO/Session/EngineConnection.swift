import Logging
public import NIOCore
package import SocketIOWire
import Synchronization

/// A client's connection: one Engine.IO session, over polling, over WebSocket, or over one after the other.
///
/// Confined to ``eventLoop``. Sendable by hand: what changes is touched on that loop only (asserted at each entry); what other threads may
/// read is constant or atomic.
public final class EngineConnection: @unchecked Sendable {
    /// The session's id. It is a secret: who knows it can speak for the client.
    public let id: String
    /// Counts the connections of this process from 1.
    public let number: UInt64
    /// The loop of the connection that made the handshake.
    public let eventLoop: any EventLoop
    /// The handshake.
    public let request: EngineRequest

    package var receiver: (any EngineReceiver)?
    let engine: Engine
    let loop: EngineLoop
    let form: ClientForm
    var state: SessionState
    var queue = WriteQueue()
    /// The WebSocket in use; nil while the session polls.
    private(set) var webSocket: WebSocketTransport?
    /// A WebSocket that wants to take over.
    var candidate: WebSocketTransport?
    /// The poll that hangs.
    var poll: EngineResponder?
    private var isCorked = false
    private let isOnWebSocket: Atomic<Bool>
    private let waiting = Atomic<Int>(0)
    private let receivedBytes = Atomic<UInt64>(0)
    private let sentBytes = Atomic<UInt64>(0)
    /// Bytes in and out that the metrics know of.
    private var reported: (received: UInt64, sent: UInt64) = (0, 0)
    private let lastLatency = Atomic<Int64>(-1)

    init(
        engine: Engine, id: String, number: UInt64, loop: EngineLoop, request: EngineRequest, revision: EngineRevision,
        transport: TransportKind
    ) {
        self.engine = engine
        self.id = id
        self.number = number
        self.loop = loop
        self.eventLoop = loop.eventLoop
        self.request = request
        // A script cannot take bytes.
        form = ClientForm(revision: revision, isBase64: request.query("b64") == "1" || request.query("j") != nil)
        isOnWebSocket = Atomic(transport == .webSocket)
        state = SessionState(revision, on: transport, engine.timing, now: loop.eventLoop.now)
    }

    // MARK: What any thread may ask

    /// The Engine.IO revision that the client speaks: 3 or 4.
    public var protocolVersion: Int { form.revision.rawValue }
    /// The transport in use.
    public var transport: TransportKind { isOnWebSocket.load(ordering: .relaxed) ? .webSocket : .polling }
    /// Bytes that wait to be sent.
    public var bufferedBytes: Int { waiting.load(ordering: .relaxed) }
    /// Bytes received so far; on WebSocket with the frames around them.
    public var bytesIn: UInt64 { receivedBytes.load(ordering: .relaxed) }
    /// Bytes sent so far.
    public var bytesOut: UInt64 { sentBytes.load(ordering: .relaxed) }
    /// How long the client took to answer the last ping; nil before the first, and with revision 3, in which the client pings.
    public var latency: Duration? {
        let nanoseconds = lastLatency.load(ordering: .relaxed)
        return nanoseconds < 0 ? nil : .nanoseconds(nanoseconds)
    }

    // MARK: Sending

    /// Whether what is sent now goes out now; decides about volatile packets. On the event loop.
    package var isWritable: Bool {
        eventLoop.assertInEventLoop()
        guard state.isOpen, queue.isEmpty else { return false }
        if let webSocket { return webSocket.isWritable && webSocket.waitingBytes == 0 }
        return poll != nil
    }

    /// Sends a message, together with its attachments. On the event loop; it leaves at the end of the loop's turn.
    ///
    /// - Parameter compress: false keeps a polling answer with nothing else in it from being compressed (row K10 of the behaviour notes).
    package func send(_ message: OutgoingMessage, compress: Bool = true) {
        eventLoop.assertInEventLoop()
        guard state.isOpen else { return }
        enqueue(.message(message, compress: compress))
    }

    func send(_ type: EnginePacketType, _ payload: ByteBuffer = ByteBuffer()) {
        observePacket(.outgoing, type, payload)
        enqueue(.packet(type, payload))
    }

    func enqueue(_ entry: WriteQueue.Entry) {
        if let webSocket {
            webSocket.append(entry)
            noteWaiting(webSocket.waitingBytes)
        } else {
            queue.append(entry)
            noteWaiting(queue.bytes)
        }
        if !isCorked {
            isCorked = true
            loop.cork(self)
        }
    }

    func noteWaiting(_ bytes: Int) {
        waiting.store(bytes, ordering: .relaxed)
        guard bytes > engine.options.maxBufferedBytes, state.isOpen else { return }
        finish(.transportError, "the client is too slow: \(bytes) bytes wait for it, \(engine.options.maxBufferedBytes) may")
        webSocket?.abort()
    }

    /// Hands over what waits: to the WebSocket, or to the poll that hangs.
    func flush() {
        isCorked = false
        if let webSocket {
            count(outgoing: webSocket.flush())
            waiting.store(webSocket.waitingBytes, ordering: .relaxed)
        } else if !queue.isEmpty, let poll = takePoll() {
            answer(poll)
        } else {
            return
        }
        if bufferedBytes == 0, state.isOpen { receiver?.connectionDidDrain(self) }
    }

    func count(incoming bytes: Int) { receivedBytes.wrappingAdd(UInt64(bytes), ordering: .relaxed) }
    func count(outgoing bytes: Int) { sentBytes.wrappingAdd(UInt64(bytes), ordering: .relaxed) }

    /// Adds what has moved since the last call.
    func addMoved(to moved: inout EngineLoop.Moved) {
        let (received, sent) = (bytesIn, bytesOut)
        moved.received += received - reported.received
        moved.sent += sent - reported.sent
        moved.buffered += state.isOpen ? bufferedBytes : 0
        reported = (received, sent)
    }

    func useWebSocket(_ transport: WebSocketTransport) {
        webSocket = transport
        isOnWebSocket.store(true, ordering: .relaxed)
    }

    // MARK: Receiving

    /// A packet on the transport in use.
    func receive(_ packet: EnginePacket) {
        if packet.type != .message { observePacket(.incoming, packet.type, packet.payload) }
        switch state.received(packet.type, engine.timing, eventLoop.now) {
        case .deliver where packet.isBinary:
            receiver?.connection(self, didReceiveBinary: packet.payload)
        case .deliver:
            receiver?.connection(self, didReceiveText: packet.payload)
        case .noteLatency(let time):
            if let time { lastLatency.store(time.nanoseconds, ordering: .relaxed) }
        case .answerPing:
            send(.pong)
        case .ignore:
            break
        case .close:
            if let poll = takePoll() { respond(to: poll, with: .noop) }
            finish(.transportClose, "the client closed the session")
        case .fail(let detail):
            fail(.transportError, detail)
        }
    }

    func observePacket(_ direction: EngineDirection, _ type: EnginePacketType, _ payload: ByteBuffer) {
        guard let observer = engine.observer else { return }
        observer.enginePacket(
            self, direction: direction, type: type, payload: payload.readableBytes == 0 ? nil : payload, bytes: payload.readableBytes + 1)
    }

    // MARK: Time

    func tick(_ now: NIODeadline) {
        switch state.tick(engine.timing, now) {
        case .none: break
        case .ping: send(.ping)
        case .timeOut(let detail): fail(.pingTimeout, detail)
        case .abandonUpgrade: abandonUpgrade()
        case .forget: remove()
        }
    }

    // MARK: Ending

    /// Closes the connection from the server's side: what waits is sent first. On the event loop.
    package func close(reason: EngineCloseReason, detail: String?) {
        eventLoop.assertInEventLoop()
        guard state.isOpen else { return }
        flush()
        switch state.ending(isShutdown: reason == .serverShuttingDown) {
        case .withNextPoll:
            end(reason, detail, .withNextPoll)
        case .atOnce:
            fail(reason, detail)
        }
    }

    /// The session is over: tells the client, as far as it still listens.
    func fail(_ reason: EngineCloseReason, _ detail: String?) {
        guard state.isOpen else { return }
        if let poll = takePoll() { respond(to: poll, with: .close) }
        webSocket?.close()
        finish(reason, detail)
    }

    func finish(_ reason: EngineCloseReason, _ detail: String?) {
        end(reason, detail, .atOnce)
        remove()
    }

    private func end(_ reason: EngineCloseReason, _ detail: String?, _ ending: SessionState.Ending) {
        guard state.isOpen else { return }
        abandonUpgrade()
        state.ended(ending, engine.timing, eventLoop.now)
        engine.log(reason, detail, of: self)
        receiver?.connection(self, didCloseWith: reason, detail: detail)
        receiver = nil
        engine.observer?.connectionClosed(self, reason: reason, detail: detail)
    }

    func remove() {
        state.forgotten()
        loop.remove(self)
        engine.forget(self)
    }
}
