import NIOConcurrencyHelpers
public import SocketIOWire

/// A family of namespaces that are made when a client asks for one: those whose name fits, or those that a function admits.
///
/// ```swift
/// let rooms = io.of(matching: /^\/room-\d+$/)
/// rooms.use { socket in … }                                       // counts for each of them
/// rooms.onConnection { socket in socket.emit("hello", socket.namespace.name) }
/// ```
///
/// What is registered here counts for all its members, also for those made before. A member without sockets is removed again, unless it was
/// named by ``SocketIOServer/of(_:)`` or ``SocketIOServer/Options/cleanupEmptyChildNamespaces`` is off. All methods may be called from any thread.
public final class DynamicNamespace: Sendable {
    /// Whether a name fits, as far as that can be told at once; nil if `admits` must be asked.
    let fits: (@Sendable (String) -> Bool)?
    let admits: @Sendable (String, JSONObject) async throws -> Bool
    let handlers: NamespaceHandlers
    private let members = NIOLockedValueBox<[String: Namespace]>([:])

    init(core: ServerCore, fits: @escaping @Sendable (String) -> Bool) {
        self.fits = fits
        self.admits = { name, _ in fits(name) }
        self.handlers = NamespaceHandlers(core: core)
    }

    init(core: ServerCore, admits: @escaping @Sendable (String, JSONObject) async throws -> Bool) {
        self.fits = nil
        self.admits = admits
        self.handlers = NamespaceHandlers(core: core)
    }

    /// The namespaces of the family that exist at this moment, by name.
    public var children: [Namespace] { members.withLockedValue { $0.values.sorted { $0.name < $1.name } } }

    func add(_ namespace: Namespace) { members.withLockedValue { $0[namespace.name] = namespace } }
    func remove(_ namespace: Namespace) { members.withLockedValue { $0[namespace.name] = nil } }

    /// Adds a check that each connection to any of the namespaces must pass; see ``Namespace/use(_:)``.
    @discardableResult
    public func use(_ check: @escaping Namespace.Middleware) -> Subscription { handlers.use(check) }

    /// Calls `handler` with each socket that has connected to any of the namespaces; see ``Namespace/onConnection(_:)``.
    @discardableResult
    public func onConnection(_ handler: @escaping Namespace.ConnectionHandler) -> Subscription { handlers.onConnection(handler) }

    // MARK: To all members

    /// Sends an event to all sockets of all namespaces of the family.
    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        for child in children { child.emit(event, repeat each argument) }
    }

    /// Sends an event with arguments as they are.
    public func emit(_ event: String, arguments: JSONArguments) {
        for child in children { child.emit(event, arguments: arguments) }
    }
}

extension DynamicNamespace: EventHost {
    /// Calls `handler` with each such event of any socket of any of the namespaces, undecoded; see ``EventHost``.
    @discardableResult
    public func onEvent(_ event: String, _ handler: @escaping @Sendable (IncomingEvent) -> Void) -> Subscription {
        handlers.onEvent(event, handler)
    }
}

/// A regular expression that several threads may ask.
///
/// Sendable by hand: the expression, which does not promise to be safe between threads, is used under the lock only.
final class SharedRegex<Output>: @unchecked Sendable {
    private let regex: Regex<Output>
    private let lock = NIOLock()

    init(_ regex: Regex<Output>) {
        self.regex = regex
    }

    /// Whether it is found anywhere in the text, as JavaScript's `test` has it.
    func isFound(in text: String) -> Bool { lock.withLock { text.firstMatch(of: regex) != nil } }
}
