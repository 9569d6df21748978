import NIOConcurrencyHelpers
import NIOCore
public import SocketIOWire

/// One namespace of a connection to a server: what events are sent to and received from.
///
/// ```swift
/// let client = try SocketIOClient("http://localhost:3000")
/// let socket = client.socket("/chat")
/// socket.on("news") { (headline: String, number: Int) in print(headline, number) }
/// socket.onDisconnect { reason in print("gone:", reason) }
/// socket.connect(auth: ["token": "letmein"])
/// socket.emit("hello", "world")                                        // waits until the socket is connected
/// let answer: Int = try await socket.emitWithAck("sum", [1, 2, 3], timeout: .seconds(5))
/// ```
///
/// All methods may be called from any thread. Handlers run on the connection's event loop, in the order of the wire.
public final class ClientSocket: Sendable {
    typealias EventHandler = @Sendable (ClientEvent) -> Void
    typealias AckCompletion = @Sendable (Result<JSONArguments, AckError>) -> Void

    private enum Phase {
        /// Not connected, and not trying to be.
        case idle
        case connecting
        case connected(id: String)
    }

    private struct Buffered {
        let message: OutgoingMessage
        let ackID: UInt64?
    }

    private struct State {
        var phase = Phase.idle
        /// What is emitted before the socket is connected leaves when it is.
        var sendBuffer: [Buffered] = []
        /// What a server sends before its CONNECT reply is delivered after it.
        var receiveBuffer: [SocketPacket] = []
        var nextAckID: UInt64 = 0
        var acks: [UInt64: AckCompletion] = [:]
        var connectWaiters: [EventLoopPromise<Void>] = []

        var eventHandlers: [String: HandlerTable<EventHandler>] = [:]
        var anyHandlers = HandlerTable<@Sendable (String, JSONArguments) -> Void>()
        var connectHandlers = HandlerTable<@Sendable () -> Void>()
        var connectErrorHandlers = HandlerTable<@Sendable (ConnectError) -> Void>()
        var disconnectHandlers = HandlerTable<@Sendable (DisconnectReason, EngineClientError?) -> Void>()

        mutating func takeSentAcks() -> [AckCompletion] {
            let waiting = Set(sendBuffer.compactMap(\.ackID))
            let sent = acks.filter { !waiting.contains($0.key) }.sorted { $0.key < $1.key }
            for (id, _) in sent { acks[id] = nil }
            return sent.map(\.value)
        }
    }

    /// Packets that may wait for the socket to be connected, in each direction.
    static let bufferLimit = 10_000

    public let namespace: String
    let client: ClientConnection
    private let state = NIOLockedValueBox(State())

    init(_ namespace: String, client: ClientConnection) {
        self.namespace = namespace
        self.client = client
    }

    /// The id that the server gave this socket; nil while it is not connected.
    public var id: String? {
        state.withLockedValue { if case .connected(let id) = $0.phase { id } else { nil } }
    }

    public var isConnected: Bool { id != nil }

    // MARK: Connecting

    /// Joins the namespace, opening the connection if there is none. ``onConnect(_:)`` or ``onConnectError(_:)`` tells the outcome.
    ///
    /// - Parameter auth: an object that the server may ask for.
    public func connect(auth: JSONValue? = nil) {
        let isNew = state.withLockedValue { state in
            guard case .idle = state.phase else { return false }
            state.phase = .connecting
            return true
        }
        if isNew { client.connect(self, auth: auth) }
    }

    /// Waits until the socket is connected, after ``connect(auth:)``.
    ///
    /// - Throws: what ``onConnectError(_:)`` tells, or that it took too long.
    public func waitUntilConnected(timeout: Duration = .seconds(20)) async throws(ConnectError) {
        let promise = client.eventLoop.makePromise(of: Void.self)
        let settled: Result<Void, ConnectError>? = state.withLockedValue { state in
            switch state.phase {
            case .connected: return .success(())
            case .idle: return .failure(ConnectError(message: "the socket is not connecting; call connect() first"))
            case .connecting:
                state.connectWaiters.append(promise)
                return nil
            }
        }
        switch settled {
        case .success: promise.succeed()
        case .failure(let error): promise.fail(error)
        case nil: break
        }
        let timer = client.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(ConnectError(message: "timeout", cause: .timedOut("the socket was not connected", after: timeout)))
        }
        defer { timer.cancel() }
        do {
            try await promise.futureResult.get()
        } catch {
            throw error as? ConnectError ?? ConnectError(message: "\(error)")
        }
    }

    /// Leaves the namespace. With the last socket of a connection the connection is closed.
    public func disconnect() {
        let (wasActive, wasConnected, acks, waiters) = state.withLockedValue { state in
            defer {
                state.phase = .idle
                state.receiveBuffer = []
                state.connectWaiters = []
            }
            switch state.phase {
            case .idle: return (false, false, [AckCompletion](), [EventLoopPromise<Void>]())
            case .connecting: return (true, false, [], state.connectWaiters)
            case .connected: return (true, true, state.takeSentAcks(), [])
            }
        }
        guard wasActive else { return }
        client.leave(self, sayingGoodbye: wasConnected)
        for waiter in waiters { waiter.fail(ConnectError(message: "disconnect() was called")) }
        client.onLoop { [self] in
            for ack in acks { ack(.failure(.disconnected)) }
            if wasConnected { tellDisconnect(.ioClientDisconnect, nil) }
        }
    }

    /// Calls the handler each time the socket is connected.
    @discardableResult
    public func onConnect(_ handler: @escaping @Sendable () -> Void) -> ClientSubscription {
        add(\.connectHandlers, handler)
    }

    /// Calls the handler when the socket could not be connected: the server refused, or could not be reached.
    @discardableResult
    public func onConnectError(_ handler: @escaping @Sendable (ConnectError) -> Void) -> ClientSubscription {
        add(\.connectErrorHandlers, handler)
    }

    /// Calls the handler when the socket was disconnected.
    @discardableResult
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) -> Void) -> ClientSubscription {
        onDisconnect { reason, _ in handler(reason) }
    }

    /// Calls the handler when the socket was disconnected; the error says more where the connection itself ended.
    @discardableResult
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason, EngineClientError?) -> Void) -> ClientSubscription {
        add(\.disconnectHandlers, handler)
    }

    /// Calls the handler for each event, before the event's own handlers.
    @discardableResult
    public func onAny(_ handler: @escaping @Sendable (_ event: String, _ arguments: JSONArguments) -> Void) -> ClientSubscription {
        add(\.anyHandlers, handler)
    }

    func addHandler(_ event: String, _ handler: @escaping EventHandler) -> ClientSubscription {
        let number = state.withLockedValue { $0.eventHandlers[event, default: HandlerTable()].add(handler) }
        return ClientSubscription { [weak self] in
            self?.state.withLockedValue { $0.eventHandlers[event]?.remove(number) }
        }
    }

    private func add<Handler: Sendable>(
        _ table: any WritableKeyPath<State, HandlerTable<Handler>> & Sendable, _ handler: Handler
    ) -> ClientSubscription {
        let number = state.withLockedValue { $0[keyPath: table].add(handler) }
        return ClientSubscription { [weak self] in
            self?.state.withLockedValue { $0[keyPath: table].remove(number) }
        }
    }

    // MARK: Sending

    /// Sends an event, or keeps it until the socket is connected. With an ack `completion`, takes the next ack id for it.
    ///
    /// - Returns: the ack id, if there is a completion.
    func send(_ event: String, _ arguments: JSONArguments, completion: AckCompletion?) throws(SocketIOClientError) -> UInt64? {
        guard !Self.reservedEvents.contains(event) else {
            throw .notSent(event: event, problem: "\"\(event)\" is a reserved event name")
        }
        let result: Result<UInt64?, SocketIOClientError> = state.withLockedValue { state in
            if case .connected = state.phase {
            } else if state.sendBuffer.count >= Self.bufferLimit {
                return .failure(.notSent(event: event, problem: "\(Self.bufferLimit) events wait already for the socket to be connected"))
            }
            var ackID: UInt64?
            if let completion {
                ackID = state.nextAckID
                state.acks[state.nextAckID] = completion
                state.nextAckID += 1
            }
            let message = SocketPacketEncoder.encodeEvent(namespace: namespace, name: event, arguments: arguments, ackID: ackID)
            // Handed on under the lock, so that the order of the emits is that of the wire.
            if case .connected = state.phase {
                client.send(message)
            } else {
                state.sendBuffer.append(Buffered(message: message, ackID: ackID))
            }
            return .success(ackID)
        }
        return try result.get()
    }

    func sendAck(_ id: UInt64, _ arguments: JSONArguments) {
        state.withLockedValue { state in
            // The one who asked is gone with the connection.
            guard case .connected = state.phase else { return }
            client.send(SocketPacketEncoder.encodeAck(namespace: namespace, ackID: id, arguments: arguments))
        }
    }

    /// Ends the wait for an ack, if it has not ended yet.
    func settleAck(_ id: UInt64, _ result: Result<JSONArguments, AckError>) {
        let completion = state.withLockedValue { state in
            if case .failure = result { state.sendBuffer.removeAll { $0.ackID == id } }
            return state.acks.removeValue(forKey: id)
        }
        completion?(result)
    }

    private static let reservedEvents: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    // MARK: From the connection, on its event loop

    func receive(_ packet: SocketPacket) throws(EngineClientError) {
        switch packet.kind {
        case .connect:
            didConnect(packet)
        case .connectError:
            didFailToConnect(packet)
        case .disconnect:
            didDisconnect(.ioServerDisconnect, nil)
        case .ack, .binaryAck:
            if let id = packet.ackID { settleAck(id, .success(packet.arguments)) }
        case .event, .binaryEvent:
            enum Fate { case deliver, wait, overflow, ignore }
            let fate = state.withLockedValue { state -> Fate in
                switch state.phase {
                case .idle: return .ignore
                case .connected: return .deliver
                case .connecting:
                    guard state.receiveBuffer.count < Self.bufferLimit else { return .overflow }
                    state.receiveBuffer.append(packet)
                    return .wait
                }
            }
            if fate == .deliver { deliver(packet) }
            if fate == .overflow { throw .malformed("more than \(Self.bufferLimit) events before the namespace was joined") }
        }
    }

    private func didConnect(_ packet: SocketPacket) {
        let payload = packet.payload.flatMap { try? JSONValue(parsing: $0) }
        guard let id = payload?["sid"]?.stringValue ?? (client.isLegacy ? client.legacyID(in: namespace) : nil) else {
            let message = "the server answered the connect without a sid: it seems to speak Socket.IO 2; set protocolVersion to 3"
            return fail(ConnectError(message: message))
        }
        let (early, waiters, handlers) = state.withLockedValue { state in
            guard case .connecting = state.phase else { return ([SocketPacket](), [EventLoopPromise<Void>](), [@Sendable () -> Void]()) }
            state.phase = .connected(id: id)
            defer {
                state.receiveBuffer = []
                state.connectWaiters = []
            }
            for buffered in state.sendBuffer { client.send(buffered.message) }
            state.sendBuffer = []
            return (state.receiveBuffer, state.connectWaiters, state.connectHandlers.handlers)
        }
        // As the official client does: first what came early, then the news of being connected.
        for packet in early { deliver(packet) }
        for handler in handlers { handler() }
        for waiter in waiters { waiter.succeed() }
    }

    private func didFailToConnect(_ packet: SocketPacket) {
        let payload = packet.payload.flatMap { try? JSONValue(parsing: $0) }
        let message = payload?["message"]?.stringValue ?? payload?.stringValue ?? "the server refused the connection"
        fail(ConnectError(message: message, data: client.isLegacy ? payload : payload?["data"]))
    }

    private func fail(_ error: ConnectError) {
        let (wasConnecting, waiters, handlers) = state.withLockedValue { state in
            guard case .connecting = state.phase else {
                return (false, [EventLoopPromise<Void>](), [@Sendable (ConnectError) -> Void]())
            }
            state.phase = .idle
            state.receiveBuffer = []
            defer { state.connectWaiters = [] }
            return (true, state.connectWaiters, state.connectErrorHandlers.handlers)
        }
        guard wasConnecting else { return }
        client.didLeave(self)
        for handler in handlers { handler(error) }
        for waiter in waiters { waiter.fail(error) }
    }

    private func didDisconnect(_ reason: DisconnectReason, _ error: EngineClientError?) {
        let acks: [AckCompletion]? = state.withLockedValue { state in
            guard case .connected = state.phase else { return nil }
            state.phase = .idle
            return state.takeSentAcks()
        }
        guard let acks else { return }
        client.didLeave(self)
        for ack in acks { ack(.failure(.disconnected)) }
        tellDisconnect(reason, error)
    }

    /// The connection under all sockets is over.
    func connectionClosed(_ reason: EngineClientCloseReason, _ error: EngineClientError?) {
        fail(
            ConnectError(message: error?.description ?? reason.rawValue, cause: error ?? .notOpen("the connection was closed (\(reason))")))
        didDisconnect(DisconnectReason(reason), error)
    }

    private func tellDisconnect(_ reason: DisconnectReason, _ error: EngineClientError?) {
        for handler in state.withLockedValue({ $0.disconnectHandlers.handlers }) { handler(reason, error) }
    }

    private func deliver(_ packet: SocketPacket) {
        guard let name = packet.eventName else { return }
        let (any, handlers) = state.withLockedValue { ($0.anyHandlers.handlers, $0.eventHandlers[name]?.handlers ?? []) }
        let event = ClientEvent(
            socket: self, name: name, arguments: packet.arguments, reply: packet.ackID.map { ClientAck(socket: self, id: $0) })
        for handler in any { handler(name, event.arguments) }
        for handler in handlers { handler(event) }
    }
}
