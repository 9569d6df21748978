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

    /// Whether the socket is connected or on its way to be, by itself if the client has a ``Reconnection``.
    public var isActive: Bool {
        state.withLockedValue { if case .idle = $0.phase { false } else { true } }
    }

    /// Whether the server gave back the session, the rooms and the missed events of before the connection was lost.
    public var isRecovered: Bool { state.withLockedValue { $0.isRecovered } }

    // MARK: Connecting

    /// Joins the namespace, opening the connection if there is none. ``onConnect(_:)`` or ``onConnectError(_:)`` tells the outcome.
    ///
    /// - Parameter auth: an object that the server may ask for.
    public func connect(auth: JSONValue? = nil) {
        connect(auth: { auth })
    }

    /// Joins the namespace, opening the connection if there is none.
    ///
    /// - Parameter auth: asked for what the server is told each time that the namespace is joined, again after each reconnection.
    public func connect(auth: @escaping @Sendable () -> JSONValue?) {
        let isNew = state.withLockedValue { state in
            guard case .idle = state.phase else { return false }
            state.phase = .connecting
            state.auth = auth
            state.lastFailure = nil
            return true
        }
        if isNew { client.connect(self) }
    }

    /// What to join the namespace with: the user's object, and how to come back to a session that the server kept.
    func handshakeAuth() -> JSONValue? {
        let (auth, recovery) = state.withLockedValue { ($0.auth, $0.recovery) }
        guard let privateID = recovery.privateID else { return auth() }
        var object: JSONObject = ["pid": .string(privateID)]
        if let offset = recovery.offset { object["offset"] = .string(offset) }
        for (name, value) in auth()?.objectValue ?? [:] { object[name] = value }
        return .object(object)
    }

    /// Waits until the socket is connected, after ``connect(auth:)``.
    ///
    /// - Throws: what ``onConnectError(_:)`` tells, or that it took too long.
    public func waitUntilConnected(timeout: Duration = .seconds(20)) async throws(ConnectError) {
        let promise = client.eventLoop.makePromise(of: Void.self)
        let settled: Result<Void, ConnectError>? = state.withLockedValue { state in
            switch state.phase {
            case .connected: return .success(())
            case .idle:
                return .failure(state.lastFailure ?? ConnectError(message: "the socket is not connecting; call connect() first"))
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
            let privateID = payload?["pid"]?.stringValue
            state.isRecovered = privateID != nil && privateID == state.recovery.privateID
            if !state.isRecovered { state.recovery = Recovery(privateID: privateID) }
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
        failing(error)()
    }

    /// Ends the way to being connected at once; what it gives back tells of it.
    private func failing(_ error: ConnectError) -> () -> Void {
        let (wasConnecting, waiters, handlers) = state.withLockedValue { state in
            guard case .connecting = state.phase else {
                return (false, [EventLoopPromise<Void>](), [@Sendable (ConnectError) -> Void]())
            }
            state.phase = .idle
            state.lastFailure = error
            state.receiveBuffer = []
            defer { state.connectWaiters = [] }
            return (true, state.connectWaiters, state.connectErrorHandlers.handlers)
        }
        guard wasConnecting else { return {} }
        client.didLeave(self)
        return {
            for handler in handlers { handler(error) }
            for waiter in waiters { waiter.fail(error) }
        }
    }

    private func didDisconnect(_ reason: DisconnectReason, _ error: EngineClientError?) {
        disconnecting(reason, error, connectsAgain: false)()
    }

    /// Ends being connected at once; what it gives back tells of it.
    private func disconnecting(_ reason: DisconnectReason, _ error: EngineClientError?, connectsAgain: Bool) -> () -> Void {
        let acks: [AckCompletion]? = state.withLockedValue { state in
            guard case .connected = state.phase else { return nil }
            state.phase = connectsAgain ? .connecting : .idle
            return state.takeSentAcks()
        }
        guard let acks else { return {} }
        if !connectsAgain { client.didLeave(self) }
        return { [self] in
            for ack in acks { ack(.failure(.disconnected)) }
            tellDisconnect(reason, error)
        }
    }

    /// The connection under all sockets is over: nothing is sent on it any more.
    ///
    /// - Parameter connectsAgain: whether the client opens another by itself: the socket then stays on its way.
    /// - Returns: what tells of it, for when all sockets know.
    func connectionClosed(_ reason: EngineClientCloseReason, _ error: EngineClientError?, connectsAgain: Bool) -> () -> Void {
        let problem = ConnectError(
            message: error?.description ?? reason.rawValue, cause: error ?? .notOpen("the connection was closed (\(reason))"))
        if isConnected { return disconnecting(DisconnectReason(reason), error, connectsAgain: connectsAgain) }
        guard connectsAgain else { return failing(problem) }
        let handlers = state.withLockedValue { state in
            guard case .connecting = state.phase else { return [@Sendable (ConnectError) -> Void]() }
            state.receiveBuffer = []
            return state.connectErrorHandlers.handlers
        }
        return { for handler in handlers { handler(problem) } }
    }

    private func tellDisconnect(_ reason: DisconnectReason, _ error: EngineClientError?) {
        for handler in state.withLockedValue({ $0.disconnectHandlers.handlers }) { handler(reason, error) }
    }

    private func deliver(_ packet: SocketPacket) {
        guard let name = packet.eventName else { return }
        noteOffset(packet)
        let (any, handlers) = state.withLockedValue { ($0.anyHandlers.handlers, $0.eventHandlers[name]?.handlers ?? []) }
        let event = ClientEvent(
            socket: self, name: name, arguments: packet.arguments, reply: packet.ackID.map { ClientAck(socket: self, id: $0) })
        for handler in any { handler(name, event.arguments) }
        for handler in handlers { handler(event) }
    }

    /// A server that recovers sessions puts an offset behind the arguments of what it keeps; the last one tells it how far this socket got.
    private func noteOffset(_ packet: SocketPacket) {
        guard state.withLockedValue({ $0.recovery.privateID }) != nil, packet.ackID == nil, packet.arguments.count > 0,
            let offset = packet.arguments[packet.arguments.count - 1].stringValue
        else { return }
        state.withLockedValue { $0.recovery.offset = offset }
    }
}
