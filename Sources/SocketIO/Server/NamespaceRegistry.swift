import NIOConcurrencyHelpers
import SocketIOWire

/// The namespaces of a server, by name, and the families that make some on demand.
final class NamespaceRegistry: Sendable {
    typealias NewNamespaceHandler = @Sendable (Namespace) -> Void

    /// What a client's question for a name comes to.
    enum Resolution {
        case found(Namespace)
        /// One of these families may admit it; the first that does makes it.
        case ask([DynamicNamespace])
        case unknown
    }

    private struct State {
        var namespaces: [String: Namespace]
        /// Made by the app by name: they stay.
        var named: Set<String> = ["/"]
        var families: [DynamicNamespace] = []
        var newNamespaceHandlers = HandlerList<NewNamespaceHandler>()
    }

    private let core: ServerCore
    private let state: NIOLockedValueBox<State>
    /// "/" exists from the start, and is asked for most.
    let root: Namespace

    init(core: ServerCore) {
        self.core = core
        self.root = Namespace(name: "/", core: core)
        self.state = NIOLockedValueBox(State(namespaces: ["/": root]))
    }

    var all: [Namespace] {
        state.withLockedValue { $0.namespaces.values.sorted { $0.name < $1.name } }
    }

    // MARK: By the app

    /// The namespace of this name; made if there is none yet, as a member of the first family whose pattern it fits.
    func make(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        precondition(Self.isValid(name), "a namespace name may not contain ',' or U+001E: \(name)")
        let (namespace, isNew) = state.withLockedValue { state in
            state.named.insert(name)
            let family = state.families.first { $0.fits?(name) == true }
            return Self.ensure(name, of: family, in: &state, core)
        }
        if isNew { announce(namespace) }
        return namespace
    }

    func add(_ family: DynamicNamespace) -> DynamicNamespace {
        state.withLockedValue { $0.families.append(family) }
        return family
    }

    func onNewNamespace(_ handler: @escaping NewNamespaceHandler) -> Subscription {
        let number = core.nextHandlerNumber()
        state.withLockedValue { $0.newNamespaceHandlers.append(handler, number: number) }
        return Subscription { self.state.withLockedValue { $0.newNamespaceHandlers.remove(number) } }
    }

    // MARK: By clients

    /// What a client that asks for this name may expect: exact names win over families, families are asked in their order
    /// (trap 54 of the behaviour notes).
    func resolve(_ name: String) -> Resolution {
        if name == "/" { return .found(root) }
        return state.withLockedValue { state in
            if let namespace = state.namespaces[name] { return .found(namespace) }
            let candidates = state.families.filter { $0.fits?(name) ?? true }
            return candidates.isEmpty || !Self.isValid(name) ? .unknown : .ask(candidates)
        }
    }

    /// Makes the namespace that a family has admitted; nil if there are too many already.
    func make(_ name: String, of family: DynamicNamespace) -> Namespace? {
        let limit = core.options.limits.dynamicNamespaces
        let made = state.withLockedValue { state -> (Namespace, isNew: Bool)? in
            guard state.namespaces[name] != nil || state.namespaces.count - state.named.count < limit else { return nil }
            return Self.ensure(name, of: family, in: &state, core)
        }
        guard let made else { return nil }
        if made.isNew { announce(made.0) }
        return made.0
    }

    /// Makes a socket known to its namespace, which stays from then on until the socket has gone.
    func reserve(_ socket: Socket) {
        let namespace = socket.namespace
        state.withLockedValue { state in
            state.namespaces[namespace.name] = namespace
            namespace.reserve(socket)
        }
        namespace.family?.add(namespace)
    }

    /// Removes a family's namespace that has become empty (trap 54).
    func cleanUp(_ namespace: Namespace) {
        guard let family = namespace.family, core.options.cleanupEmptyChildNamespaces else { return }
        let isRemoved = state.withLockedValue { state in
            guard !state.named.contains(namespace.name), namespace.isDeserted else { return false }
            state.namespaces[namespace.name] = nil
            return true
        }
        guard isRemoved else { return }
        family.remove(namespace)
        namespace.removeHandlers()
    }

    func removeHandlers() {
        for namespace in all { namespace.removeHandlers() }
        for family in state.withLockedValue({ $0.families }) { family.handlers.removeAll() }
        state.withLockedValue { $0.newNamespaceHandlers = HandlerList() }
    }

    private func announce(_ namespace: Namespace) {
        for (_, handler) in state.withLockedValue({ $0.newNamespaceHandlers.entries }) { handler(namespace) }
    }

    private static func ensure(
        _ name: String, of family: DynamicNamespace?, in state: inout State, _ core: ServerCore
    ) -> (Namespace, isNew: Bool) {
        if let namespace = state.namespaces[name] { return (namespace, false) }
        let namespace = Namespace(name: name, core: core, family: family)
        state.namespaces[name] = namespace
        family?.add(namespace)
        return (namespace, true)
    }

    /// A comma ends the name on the wire, 0x1E a packet (trap 19).
    private static func isValid(_ name: String) -> Bool {
        !name.utf8.contains { $0 == UInt8(ascii: ",") || $0 == 0x1e }
    }
}
