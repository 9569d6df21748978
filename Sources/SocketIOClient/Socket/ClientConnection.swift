import Logging
import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire

/// What the sockets of one client share: the Engine.IO connection, opened when one of them wants it.
final class ClientConnection: Sendable {
    private struct Weak {
        weak var socket: ClientSocket?
    }

    private struct State {
        var engine: EngineClient?
        /// All sockets that somebody still holds.
        var sockets: [String: Weak] = [:]
        /// Those that are connected or want to be; the connection keeps them.
        var active: [String: ClientSocket] = [:]
        var onPacket: (@Sendable (SocketPacket) -> Void)?
        var onEngineEvent: (@Sendable (EngineClientEvent) -> Void)?
        var onError: (@Sendable (SocketIOClientError) -> Void)?
        var onReconnection: (@Sendable (ReconnectionEvent) -> Void)?
        /// Attempts to connect again since the connection was lost.
        var attempts = 0
        /// Goes off for the next attempt.
        var nextAttempt: Scheduled<Void>?

        mutating func endAttempts() -> Scheduled<Void>? {
            attempts = 0
            return nextAttempt.take()
        }
    }

    let eventLoop: any EventLoop
    let executor: LoopTaskExecutor
    private let configuration: EngineClient.Configuration
    private let limits: SocketPacketLimits
    private let reconnection: Reconnection?
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    init(_ configuration: EngineClient.Configuration, limits: SocketPacketLimits, reconnection: Reconnection?, logger: Logger) {
        self.configuration = configuration
        self.limits = limits
        self.reconnection = reconnection
        self.logger = logger
        eventLoop = configuration.eventLoopGroup.next()
        executor = LoopTaskExecutor(eventLoop)
    }

    var engine: EngineClient? { state.withLockedValue { $0.engine } }

    func setHandlers(
        packet: (@Sendable (SocketPacket) -> Void)? = nil, engineEvent: (@Sendable (EngineClientEvent) -> Void)? = nil,
        error: (@Sendable (SocketIOClientError) -> Void)? = nil, reconnection: (@Sendable (ReconnectionEvent) -> Void)? = nil
    ) {
        state.withLockedValue { state in
            if let packet { state.onPacket = packet }
            if let engineEvent { state.onEngineEvent = engineEvent }
            if let error { state.onError = error }
            if let reconnection { state.onReconnection = reconnection }
        }
    }

    func socket(_ namespace: String) -> ClientSocket {
        state.withLockedValue { state in
            if let socket = state.sockets[namespace]?.socket { return socket }
            let socket = ClientSocket(namespace, client: self)
            state.sockets = state.sockets.filter { $0.value.socket != nil }
            state.sockets[namespace] = Weak(socket: socket)
            return socket
        }
    }

    // MARK: The engine

    /// The connection that there is, or a new one.
    func open() -> EngineClient {
        let (engine, isNew) = state.withLockedValue { ensureEngine(&$0) }
        if isNew { engine.connect() }
        return engine
    }

    private func ensureEngine(_ state: inout State) -> (EngineClient, isNew: Bool) {
        if let engine = state.engine { return (engine, false) }
        let receiver = PacketReceiver(
            connection: self, decoder: configuration.parser?.makeDecoder(limits: limits) ?? SocketPacketDecoder(limits: limits))
        let engine = EngineClient(configuration, eventLoop: eventLoop, logger: logger) { receiver.receive($0) }
        receiver.engine = engine
        state.engine = engine
        return (engine, true)
    }

    func send(_ message: OutgoingMessage) {
        engine?.send(encode(message))
    }

    func onLoop(_ work: @escaping @Sendable () -> Void) {
        eventLoop.execute(work)
    }

    // MARK: From sockets

    func connect(_ socket: ClientSocket) {
        let message = connectMessage(socket.namespace, auth: socket.handshakeAuth())
        // One lock for both: either this connection's end will be told to the socket, or the socket gets a new connection.
        let engine = state.withLockedValue { state -> EngineClient? in
            state.active[socket.namespace] = socket
            // The next attempt takes it along.
            guard state.nextAttempt == nil else { return nil }
            let (engine, isNew) = ensureEngine(&state)
            if let message { engine.send(message) }
            return isNew ? engine : nil
        }
        engine?.connect()
    }

    /// A server of Socket.IO 2 joins its clients to `/` by itself, and takes `auth` as the query of a namespace's name.
    func connectMessage(_ namespace: String, auth: JSONValue?) -> OutgoingMessage? {
        guard isLegacy else { return encode(SocketPacketEncoder.encodeConnect(namespace: namespace, payload: auth?.serialized())) }
        guard namespace != "/" else { return nil }
        let query = RequestTarget.query(auth?.objectValue ?? [:])
        let name = query.isEmpty ? namespace : "\(namespace)?\(query)"
        return encode(SocketPacketEncoder.encodeConnect(namespace: name))
    }

    /// The packet in the form of the configured parser.
    func encode(_ message: OutgoingMessage) -> OutgoingMessage { message.written(by: configuration.parser) }

    var isLegacy: Bool { configuration.revision == .three }

    /// The id that the client and a server of Socket.IO 2 agree on without a word.
    func legacyID(in namespace: String) -> String? {
        engine?.handshake.map { namespace == "/" ? $0.sid : "\(namespace)#\($0.sid)" }
    }

    func leave(_ socket: ClientSocket, sayingGoodbye: Bool) {
        if sayingGoodbye { send(SocketPacketEncoder.encodeDisconnect(namespace: socket.namespace)) }
        didLeave(socket)
    }

    /// A socket is not active any more. With the last one the connection is closed, as the official client does.
    func didLeave(_ socket: ClientSocket) {
        let (engine, attempt) = state.withLockedValue { state -> (EngineClient?, Scheduled<Void>?) in
            guard state.active.removeValue(forKey: socket.namespace) != nil, state.active.isEmpty else { return (nil, nil) }
            return (state.engine.take(), state.endAttempts())
        }
        attempt?.cancel()
        engine?.close()
    }

    func report(_ error: SocketIOClientError) {
        logger.warning("\(error)")
        state.withLockedValue { $0.onError }?(error)
    }

    // MARK: From the engine, on its loop

    fileprivate func engineDid(_ event: EngineClientEvent) {
        state.withLockedValue { $0.onEngineEvent }?(event)
    }

    fileprivate func receive(_ packet: SocketPacket, from engine: EngineClient?) throws(EngineClientError) {
        let (handler, socket) = state.withLockedValue { state in
            // What a connection that was let go of still brings is not for the sockets of the next.
            (state.onPacket, engine != nil && state.engine === engine ? state.active[packet.namespace] : nil)
        }
        handler?(packet)
        try socket?.receive(packet)
    }

    fileprivate func engineOpened(_ engine: EngineClient?) {
        let (attempt, handler) = state.withLockedValue { state in
            guard engine != nil, state.engine === engine else { return (0, state.onReconnection) }
            defer { state.attempts = 0 }
            return (state.attempts, state.onReconnection)
        }
        if attempt > 0 { handler?(.reconnected(attempt: attempt)) }
    }

    fileprivate func engineClosed(_ engine: EngineClient?, _ reason: EngineClientCloseReason, _ error: EngineClientError?) {
        enum Next { case end, attempt, giveUp }
        let (sockets, next, failed) = state.withLockedValue { state -> ([ClientSocket], Next, Bool) in
            // One that was let go of before has no sockets any more.
            guard let engine, state.engine === engine else { return ([], .end, false) }
            state.engine = nil
            let sockets = state.active.values.sorted { $0.namespace < $1.namespace }
            guard let reconnection, reason != .forcedClose, !sockets.isEmpty else { return (sockets, .end, false) }
            return (sockets, state.attempts < reconnection.attempts ? .attempt : .giveUp, state.attempts > 0)
        }
        // All of them first: what a handler of one emits on another must wait for the next connection, not get lost on this one.
        let tellings = sockets.map { $0.connectionClosed(reason, error, connectsAgain: next == .attempt) }
        for tell in tellings { tell() }
        if failed { tell(.error(error ?? .notOpen("the connection was closed (\(reason))"))) }
        switch next {
        case .end: break
        case .attempt: scheduleAttempt()
        case .giveUp:
            state.withLockedValue { _ = $0.endAttempts() }
            tell(.failed)
        }
    }

    // MARK: Connecting again

    private func scheduleAttempt() {
        guard let reconnection else { return }
        state.withLockedValue { state in
            // A handler may have let go of the sockets, or connected by itself.
            guard !state.active.isEmpty, state.engine == nil, state.nextAttempt == nil else { return }
            state.attempts += 1
            let delay = reconnection.delay(beforeAttempt: state.attempts, chance: Double.random(in: -1...1))
            state.nextAttempt = eventLoop.scheduleTask(in: TimeAmount(delay)) { self.attempt() }
        }
    }

    private func attempt() {
        let (number, sockets) = state.withLockedValue { state in
            state.nextAttempt = nil
            return (state.attempts, state.active.values.sorted { $0.namespace < $1.namespace })
        }
        guard !sockets.isEmpty else { return }
        tell(.attempt(number))
        for socket in sockets { connect(socket) }
    }

    private func tell(_ event: ReconnectionEvent) {
        state.withLockedValue { $0.onReconnection }?(event)
    }
}

/// Turns one engine's messages into packets.
///
/// `@unchecked Sendable`: `engine` is set before the engine connects; everything else is touched in its events, which come on one loop.
private final class PacketReceiver: @unchecked Sendable {
    weak var engine: EngineClient?
    private let connection: ClientConnection
    private var decoder: any PacketDecoder

    init(connection: ClientConnection, decoder: any PacketDecoder) {
        self.connection = connection
        self.decoder = decoder
    }

    func receive(_ event: EngineClientEvent) {
        connection.engineDid(event)
        switch event {
        case .opened: connection.engineOpened(engine)
        case .upgraded: break
        case .text(let text): decode(.text(text))
        case .binary(let bytes): decode(.binary(bytes))
        case .closed(let reason, let error): connection.engineClosed(engine, reason, error)
        }
    }

    private func decode(_ message: ParserMessage) {
        let packet: SocketPacket?
        do throws(SocketPacketError) {
            packet = try decoder.decode(message)
        } catch {
            return fail(.malformed("\(error)"))
        }
        guard let packet else { return }
        do throws(EngineClientError) {
            try connection.receive(packet, from: engine)
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: EngineClientError) {
        engine?.fail(.parseError, error)
    }
}
