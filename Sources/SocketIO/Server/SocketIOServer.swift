public import EngineIO
import Logging
import NIOConcurrencyHelpers
public import NIOCore
public import NIOPosix
public import SocketIOWire

/// A Socket.IO server: real-time events in both directions with clients of any language, over WebSocket and HTTP long-polling.
///
/// ```swift
/// let io = SocketIOServer()
/// io.onConnection { socket in
///     socket.on("chat message") { (text: String) in io.emit("chat message", text) }
/// }
/// try await io.run(port: 3000)
/// ```
///
/// What is said to the server itself (`onConnection`, `use`, `emit`, `to` …) is about the namespace `/`; others are reached by ``of(_:)``.
/// All methods may be called from any thread.
public final class SocketIOServer: Sendable {
    /// The settings it was made with.
    public let options: Options
    /// The transports below.
    public let engine: Engine
    let core: ServerCore
    private let registry: NamespaceRegistry
    private let channel = NIOLockedValueBox<(any Channel)?>(nil)

    public init(_ options: Options = Options()) {
        let clock = TapClock()
        let core = ServerCore(options: options, clock: clock)
        let registry = NamespaceRegistry(core: core)
        self.options = options
        self.core = core
        self.registry = registry
        var engineOptions = options.engine
        if options.serveClient, engineOptions.fileHandler == nil {
            engineOptions.fileHandler = ClientFiles(path: engineOptions.path, directory: options.clientDirectory).answer
        }
        self.engine = Engine(
            options: engineOptions, logger: options.logger, delegate: ConnectionAcceptor(core: core, registry: registry),
            observer: options.tap.map { EngineTap(tap: $0, clock: clock) })
        options.adapter.start { request in
            guard case .found(let namespace) = registry.resolve(request.namespace) else { return nil }
            return await namespace.perform(request)
        }
    }

    // MARK: Namespaces

    /// The namespace of this name; made if there is none yet. A leading slash is added if it lacks one. It may not contain a comma.
    ///
    /// Clients can only connect to namespaces that have been named here before; to others the answer is `Invalid namespace`.
    public func of(_ name: String) -> Namespace { registry.make(name) }

    /// A family of namespaces: those in whose name the expression is found. A client that asks for one makes it.
    ///
    /// Families are asked in the order in which they were made; a namespace that exists by its name is nobody's but its own.
    public func of(matching pattern: Regex<some Any>) -> DynamicNamespace {
        let regex = SharedRegex(pattern)
        return registry.add(DynamicNamespace(core: core) { regex.isFound(in: $0) })
    }

    /// A family of namespaces: those that `admits` says yes to, given the name and the client's `auth`. What it throws counts as no.
    public func of(_ admits: @escaping @Sendable (_ name: String, _ auth: JSONObject) async throws -> Bool) -> DynamicNamespace {
        registry.add(DynamicNamespace(core: core, admits: admits))
    }

    /// Calls `handler` with each namespace that is made from now on, by name or on demand.
    @discardableResult
    public func onNewNamespace(_ handler: @escaping @Sendable (Namespace) -> Void) -> Subscription { registry.onNewNamespace(handler) }

    /// The namespace `/`.
    public var sockets: Namespace { registry.root }

    /// All namespaces, by name.
    public var namespaces: [Namespace] { registry.all }

    /// Calls `handler` with each socket that has connected to `/`; see ``Namespace/onConnection(_:)``.
    @discardableResult
    public func onConnection(_ handler: @escaping Namespace.ConnectionHandler) -> Subscription { sockets.onConnection(handler) }

    /// Adds a check for connections to `/`; see ``Namespace/use(_:)``.
    @discardableResult
    public func use(_ check: @escaping Namespace.Middleware) -> Subscription { sockets.use(check) }

    // MARK: Recording

    /// Sets a mark in the recording, such as "checkout begins": whoever reads it later finds the place. Without a tap nothing happens.
    ///
    /// A mark stands behind what was recorded before it on the same thread.
    public func mark(_ name: String) { core.record(.marker(name: name)) }

    // MARK: Errors

    /// Calls `handler` with each error of the app's handlers, of arguments and of clients. They are logged in any case.
    @discardableResult
    public func onError(_ handler: @escaping @Sendable (any Error, ErrorContext) -> Void) -> Subscription { core.onError(handler) }

    /// Calls `handler` when a client's event does not have the arguments that its handler takes, before ``onError(_:)``.
    ///
    /// Without such a handler the client hears nothing, as with Node. This answers:
    /// ```swift
    /// io.onInvalidArguments { socket, error, ack in ack?(["error": "\(error)"]) }
    /// ```
    @discardableResult
    public func onInvalidArguments(_ handler: @escaping @Sendable (Socket, SocketIOError, RawAck?) -> Void) -> Subscription {
        core.onInvalidArguments(handler)
    }

    // MARK: Running

    /// Listens, and returns once it does. Requests outside the Socket.IO path are answered with 404.
    ///
    /// - Parameters:
    ///   - host: name or address to listen on.
    ///   - port: 0 picks a free one.
    ///   - group: event loops to run on.
    /// - Returns: the address, with the real port.
    /// - Throws: if the address cannot be listened on.
    @discardableResult
    public func start(
        host: String = "127.0.0.1", port: Int, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> SocketAddress {
        let channel = try await engine.listen(host: host, port: port, group: group)
        self.channel.withLockedValue { $0 = channel }
        guard let address = channel.localAddress else { throw ChannelError.alreadyClosed }
        return address
    }

    /// Listens, and returns when the server was shut down. Cancelling the task shuts it down.
    ///
    /// - Throws: if the address cannot be listened on.
    public func run(
        host: String = "127.0.0.1", port: Int, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws {
        try await start(host: host, port: port, group: group)
        guard let channel = channel.withLockedValue({ $0 }) else { return }
        try await withTaskCancellationHandler {
            try await channel.closeFuture.get()
        } onCancel: {
            Task { await self.shutdown() }
        }
    }

    /// Stops listening and closes all connections: each socket is disconnected with `server shutting down`.
    ///
    /// New handshakes are answered with 503 from the start. A server that was mounted into a foreign host leaves that host alone.
    public func shutdown(_ plan: Shutdown = Shutdown()) async {
        let channel = channel.withLockedValue { channel in
            defer { channel = nil }
            return channel
        }
        do {
            try await channel?.close()
        } catch ChannelError.alreadyClosed {
            // What was asked for.
        } catch {
            options.logger.warning("the listening socket could not be closed: \(error)")
        }
        engine.stopAccepting()
        if let notice = plan.notice {
            for namespace in registry.all { namespace.local.emit(notice.event, arguments: notice.arguments) }
        }
        if plan.notice != nil || plan.drain > .zero { await drain(within: plan.drain) }
        await engine.shutdown(jitter: plan.jitter)
        await options.adapter.close()
        core.announceShutdown()
        registry.removeHandlers()
        core.removeHandlers()
    }
}

extension SocketIOServer {
    /// Waits until nothing waits to be sent to anybody, but no longer than that.
    private func drain(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        // What was just emitted is queued on the loops.
        await core.settle()
        while ContinuousClock.now < end, namespaces.contains(where: { $0.sockets.values.contains { $0.connection.bufferedBytes > 0 } }) {
            // A cancelled shutdown does not wait.
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return }
        }
    }
}

extension SocketIOServer: Broadcaster {
    public var broadcast: BroadcastOperator { sockets.broadcast }
}

/// Gives each new Engine.IO connection its Socket.IO half.
final class ConnectionAcceptor: EngineDelegate {
    private let core: ServerCore
    private let registry: NamespaceRegistry

    init(core: ServerCore, registry: NamespaceRegistry) {
        self.core = core
        self.registry = registry
    }

    func engine(_ engine: Engine, didOpen connection: EngineConnection) {
        let client = ClientConnection(connection: connection, core: core, registry: registry)
        connection.receiver = client
        client.start()
    }
}
