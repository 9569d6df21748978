import NIOConcurrencyHelpers
import Synchronization

/// What an app has registered on a namespace, or on a family of namespaces. From any thread.
final class NamespaceHandlers: Sendable {
    private struct Lists: Sendable {
        var middleware = HandlerList<Namespace.Middleware>()
        var connection = HandlerList<Namespace.ConnectionHandler>()
        var events: [String: HandlerList<SocketHandlers.Event>] = [:]
    }

    private let core: ServerCore
    private let lists = NIOLockedValueBox(Lists())
    private let hasEvents = Atomic<Bool>(false)

    init(core: ServerCore) {
        self.core = core
    }

    func use(_ check: @escaping Namespace.Middleware) -> Subscription {
        let number = core.nextHandlerNumber()
        lists.withLockedValue { $0.middleware.append(check, number: number) }
        return Subscription { self.lists.withLockedValue { $0.middleware.remove(number) } }
    }

    func onConnection(_ handler: @escaping Namespace.ConnectionHandler) -> Subscription {
        let number = core.nextHandlerNumber()
        lists.withLockedValue { $0.connection.append(handler, number: number) }
        return Subscription { self.lists.withLockedValue { $0.connection.remove(number) } }
    }

    func onEvent(_ event: String, _ handler: @escaping SocketHandlers.Event) -> Subscription {
        let number = core.nextHandlerNumber()
        lists.withLockedValue { $0.events[event, default: HandlerList()].append(handler, number: number) }
        hasEvents.store(true, ordering: .releasing)
        return Subscription { self.lists.withLockedValue { $0.events[event]?.remove(number) } }
    }

    /// Asked for at each connection, so that what is added later counts too.
    var middleware: [Namespace.Middleware] { lists.withLockedValue { $0.middleware.entries.map(\.handler) } }

    var connection: [Namespace.ConnectionHandler] { lists.withLockedValue { $0.connection.entries.map(\.handler) } }

    func events(_ event: String) -> HandlerList<SocketHandlers.Event>? {
        guard hasEvents.load(ordering: .acquiring) else { return nil }
        return lists.withLockedValue { $0.events[event] }
    }

    func removeAll() {
        lists.withLockedValue { $0 = Lists() }
    }
}
