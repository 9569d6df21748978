import Logging
import NIOConcurrencyHelpers
import SocketIOWire

/// Events between the servers of a cluster: to the servers themselves, not to their clients (row L10 of the behaviour notes).
final class ServerSideEvents: Sendable {
    typealias Handler = @Sendable (JSONArguments) async throws -> JSONArguments?

    /// Names that Node's servers keep for themselves.
    static let reservedNames: Set<String> = ["connection", "connect", "new_namespace"]

    private let core: ServerCore
    private let namespace: String
    private let handlers = NIOLockedValueBox<[String: HandlerList<Handler>]>([:])

    init(core: ServerCore, namespace: String) {
        self.core = core
        self.namespace = namespace
    }

    func on(_ event: String, _ handler: @escaping Handler) -> Subscription {
        let number = core.nextHandlerNumber()
        handlers.withLockedValue { $0[event, default: HandlerList()].append(handler, number: number) }
        return Subscription { self.handlers.withLockedValue { $0[event]?.remove(number) } }
    }

    /// - Returns: the first answer.
    func deliver(_ event: String, _ arguments: JSONArguments) async -> JSONArguments? {
        var answer: JSONArguments?
        for entry in handlers.withLockedValue({ $0[event]?.entries ?? [] }) {
            do {
                let given = try await entry.handler(arguments)
                answer = answer ?? given
            } catch {
                core.report(error, ErrorContext(socket: nil, namespace: namespace, event: event))
            }
        }
        return answer
    }

    func removeAll() { handlers.withLockedValue { $0 = [:] } }
}

/// What the other servers of a cluster answered.
public struct ServerSideResult<Answer: Sendable>: Sendable {
    /// By the server's id; those without a handler that answers are left out.
    public let answers: [String: Answer]
    /// Servers that are there but did not answer in time.
    public let missing: [String]
}

extension Namespace {
    /// Sends an event to all other servers of the cluster; ``onServerSide(_:_:)`` hears it there. Alone, a server says so in its log.
    public func serverSideEmit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        guard let arguments = serverSideArguments(event, repeat each argument) else { return }
        core.options.adapter.publish(request(.serverSideEmit, event, arguments))
    }

    /// Sends an event to all other servers of the cluster and gathers the first answer of each.
    ///
    /// Always ends, after `timeout` at the latest; servers that did not answer are named.
    public func serverSideEmitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration = .seconds(5), as type: Answer.Type
    ) async -> ServerSideResult<Answer> {
        guard let arguments = serverSideArguments(event, repeat each argument) else { return ServerSideResult(answers: [:], missing: []) }
        let result = await core.options.adapter.ask(request(.serverSideEmitWithAck, event, arguments), timeout: timeout)
        let answers = result.answers.compactMapValues { answer -> Answer? in
            guard let values = answer.arrayValue else { return nil }
            switch ArgumentCoding.decodeAnswer(JSONArguments(values), as: type) {
            case .success(let answer): return answer
            case .failure(let error):
                core.report(error, ErrorContext(socket: nil, namespace: name, event: event))
                return nil
            }
        }
        return ServerSideResult(answers: answers, missing: result.missing)
    }

    /// Calls `handler` when another server of the cluster emits the event. It runs in a task of its own.
    @discardableResult
    public func onServerSide<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Subscription {
        serverSide.on(event) { arguments in
            var reader = ArgumentReader(arguments)
            try await handler(repeat try reader.next((each Argument).self))
            return nil
        }
    }

    /// Like the form without a result; the returned value is the answer.
    @discardableResult
    public func onServerSide<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Answer
    ) -> Subscription {
        serverSide.on(event) { arguments in
            var reader = ArgumentReader(arguments)
            return try ArgumentCoding.encode(try await handler(repeat try reader.next((each Argument).self)))
        }
    }

    private func serverSideArguments<each Argument: Encodable & Sendable>(
        _ event: String, _ argument: repeat each Argument
    ) -> JSONArguments? {
        let context = ErrorContext(socket: nil, namespace: name, event: event)
        guard !ServerSideEvents.reservedNames.contains(event) else {
            core.report(SocketIOError.reservedEventName(event), context)
            return nil
        }
        if core.isAlone { core.options.logger.warning("serverSideEmit reaches nobody: this server has no adapter for a cluster") }
        do {
            return try ArgumentCoding.encode(repeat each argument)
        } catch {
            core.report(SocketIOError.unencodable(event: event, problem: "\(error)"), context)
            return nil
        }
    }

    private func request(_ kind: ClusterRequest.Kind, _ event: String, _ arguments: JSONArguments) -> ClusterRequest {
        ClusterRequest(kind, namespace: name, body: ["event": .string(event), "args": .array(arguments.values())])
    }
}
