import Atomics
import Logging
public import NIOCore
package import SocketIOWire

/// A client's connection: one Engine.IO session, over polling, over WebSocket, or over one after the other.
///
/// Confined to ``eventLoop``. Sendable by hand: what changes is touched on that loop only (asserted at each entry); what other threads may
/// read is constant or atomic.
public final class EngineConnection: @unchecked Sendable {
    enum State {
        case open
        /// The server has closed a polling session; the client's next poll is told so.
        case closing(until: NIODeadline)
        case closed
    }

    /// The session's id. It is a secret: who knows it can speak for the client.
    public let id: String
    /// Counts the connections of this process from 1.
    public let number: UInt64
    /// The loop of the connection that made the handshake.
    public let eventLoop: any EventLoop
    /// The Engine.IO revision that the client speaks.
    public let protocolVersion = 4
    /// The handshake.
    public let request: EngineRequest

    package var receiver: (any EngineReceiver)?
    let engine: Engine
    let loop: EngineLoop
    var state = State.open
    var queue = WriteQueue()
    var heartbeat: Heartbeat
    /// The WebSocket in use; nil while the session polls.
    var webSocket: WebSocketTransport?
    /// A WebSocket that wants to take over, and how far it is.
    var upgrade: (transport: WebSocketTransport, state: UpgradeState)?
    var poll: EngineResponder?
    var hasPost = false
    private var isCorked = false
    private let isOnWebSocket: ManagedAtomic<Bool>
    private let waiting = ManagedAtomic<Int>(0)
    private let receivedBytes = ManagedAtomic<UInt64>(0)
    private let sentBytes = ManagedAtomic<UInt64>(0)

    init(engine: Engine, id: String, number: UInt64, loop: EngineLoop, request: EngineRequest, transport: TransportKind) {
        self.engine = engine
        self.id = id
        self.number = number
        self.loop = loop
        self.eventLoop = loop.eventLoop
        self.request = request
        isOnWebSocket = ManagedAtomic(transport == .webSocket)
        heartbeat = Heartbeat(
            interval: TimeAmount(engine.options.pingInterval), timeout: TimeAmount(engine.options.pingTimeout), now: loop.eventLoop.now)
    }

    // MARK: What any thread may ask

    /// The transport in use.
    public var transport: TransportKind { isOnWebSocket.load(ordering: .relaxed) ? .webSocket : .polling }
    /// Bytes that wait to be sent.
    public var bufferedBytes: Int { waiting.load(ordering: .relaxed) }
    /// Bytes received so far; on WebSocket with the frames around them.
    public var bytesIn: UInt64 { receivedBytes.load(ordering: .relaxed) }
    /// Bytes sent so far.
    public var bytesOut: UInt64 { sentBytes.load(ordering: .relaxed) }

    // MARK: Sending

    /// Whether what is sent now goes out now; decides about volatile packets. On the event loop.
    package var isWritable: Bool {
        eventLoop.assertInEventLoop()
        guard case .open = state, queue.isEmpty else { return false }
        if let webSocket { return webSocket.isWritable && webSocket.waitingBytes == 0 }
        return poll != nil
    }

    /// Sends a message, together with its attachments. On the event loop; it leaves at the end of the loop's turn.
    package func send(_ message: OutgoingMessage) {
        eventLoop.assertInEventLoop()
        guard case .open = state else { return }
        enqueue(.message(message))
    }

    func send(_ type: EnginePacketType, _ payload: ByteBuffer = ByteBuffer()) {
        observePacket(.outgoing, type, payload)
        enqueue(.packet(type, payload))
    }

    private func enqueue(_ entry: WriteQueue.Entry) {
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

    private func noteWaiting(_ bytes: Int) {
        waiting.store(bytes, ordering: .relaxed)
        guard bytes > engine.options.maxBufferedBytes, case .open = state else { return }
        finish(.transportError, "the client is too slow: \(bytes) bytes wait for it, \(engine.options.maxBufferedBytes) may")
        webSocket?.abort()
    }

    /// Hands over what waits: to the WebSocket, or to the poll that hangs.
    func flush() {
        isCorked = false
        if let webSocket {
            count(outgoing: webSocket.flush())
            waiting.store(webSocket.waitingBytes, ordering: .relaxed)
        } else if !queue.isEmpty, let poll {
            self.poll = nil
            answer(poll)
        } else {
            return
        }
        if bufferedBytes == 0, case .open = state { receiver?.connectionDidDrain(self) }
    }

    /// Answers a poll with all that waits.
    func answer(_ poll: EngineResponder) {
        let body = queue.takeBody()
        waiting.store(0, ordering: .relaxed)
        count(outgoing: body.readableBytes)
        poll.respond(.packets(body))
    }

    func count(incoming bytes: Int) { receivedBytes.wrappingIncrement(by: UInt64(bytes), ordering: .relaxed) }
    func count(outgoing bytes: Int) { sentBytes.wrappingIncrement(by: UInt64(bytes), ordering: .relaxed) }

    func useWebSocket(_ transport: WebSocketTransport) {
        webSocket = transport
        isOnWebSocket.store(true, ordering: .relaxed)
    }

    /// Moves what waited for a poll to the WebSocket that took over.
    func moveQueueToWebSocket() {
        for entry in queue.removeAll() { enqueue(entry) }
    }

    // MARK: Receiving

    /// A packet on the transport in use.
    func receive(_ packet: EnginePacket) {
        switch packet.type {
        case .message where packet.isBinary: receiver?.connection(self, didReceiveBinary: packet.payload)
        case .message: receiver?.connection(self, didReceiveText: packet.payload)
        case .pong:
            observePacket(.incoming, .pong, packet.payload)
            heartbeat.pong(eventLoop.now)
        case .ping:
            observePacket(.incoming, .ping, packet.payload)
            // In revision 4 the server pings (trap 12 of the behaviour notes).
            fail(.transportError, "invalid heartbeat direction: the client sent a ping")
        case .close:
            observePacket(.incoming, .close, packet.payload)
            receiveClose()
        case .upgrade, .noop, .open:
            observePacket(.incoming, packet.type, packet.payload)
        }
    }

    private func receiveClose() {
        // On WebSocket it is ignored: its own close follows (trap 24).
        guard webSocket == nil else { return }
        if let poll {
            self.poll = nil
            poll.respond(.packets(ByteBuffer(string: "6")))
        }
        finish(.transportClose, "the client closed the session")
    }

    func observePacket(_ direction: EngineDirection, _ type: EnginePacketType, _ payload: ByteBuffer) {
        guard let observer = engine.observer else { return }
        observer.enginePacket(
            self, direction: direction, type: type, payload: payload.readableBytes == 0 ? nil : payload, bytes: payload.readableBytes + 1)
    }

    // MARK: Time

    func tick(_ now: NIODeadline) {
        switch state {
        case .open: break
        case .closing(let deadline):
            if now >= deadline { remove() }
            return
        case .closed: return
        }
        if let upgrade {
            if now >= upgrade.state.deadline {
                abandonUpgrade()
            }
        }
        switch heartbeat.tick(now) {
        case .none: break
        case .ping: send(.ping)
        case .timeOut:
            let transport = webSocket == nil ? "polling" : "websocket"
            let poll = webSocket == nil ? (self.poll == nil ? ", no poll was hanging" : ", a poll was hanging") : ""
            fail(.pingTimeout, "no pong within \(engine.options.pingTimeout) over \(transport)\(poll)")
        }
    }

    // MARK: Ending

    /// Closes the connection from the server's side: what waits is sent first. On the event loop.
    package func close(reason: EngineCloseReason, detail: String?) {
        eventLoop.assertInEventLoop()
        guard case .open = state else { return }
        flush()
        if webSocket == nil, poll == nil, reason != .serverShuttingDown {
            // The client learns it with its next poll (trap 22 of the behaviour notes).
            end(reason, detail, keepFor: TimeAmount(engine.options.pollingCloseTimeout))
        } else {
            tellPollToClose()
            webSocket?.close()
            finish(reason, detail)
        }
    }

    /// The client broke the rules or has gone: tells it that the session ended, as far as it still listens.
    func fail(_ reason: EngineCloseReason, _ detail: String?) {
        guard case .open = state else { return }
        tellPollToClose()
        webSocket?.close()
        finish(reason, detail)
    }

    private func tellPollToClose() {
        guard let poll else { return }
        self.poll = nil
        observePacket(.outgoing, .close, ByteBuffer())
        poll.respond(.packets(ByteBuffer(string: "1")))
    }

    func finish(_ reason: EngineCloseReason, _ detail: String?) {
        end(reason, detail, keepFor: nil)
        remove()
    }

    private func end(_ reason: EngineCloseReason, _ detail: String?, keepFor time: TimeAmount?) {
        guard case .open = state else { return }
        state = time.map { .closing(until: eventLoop.now + $0) } ?? .closed
        abandonUpgrade()
        engine.log(reason, detail, of: self)
        receiver?.connection(self, didCloseWith: reason, detail: detail)
        receiver = nil
        engine.observer?.connectionClosed(self, reason: reason, detail: detail)
    }

    func remove() {
        state = .closed
        loop.remove(self)
        engine.forget(self)
    }
}
