/// What a namespace offers, for `/` as elsewhere.
extension SocketIOServer {
    /// Sends an event to all other servers of the cluster; see ``Namespace/serverSideEmit(_:_:)``.
    public func serverSideEmit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        sockets.serverSideEmit(event, repeat each argument)
    }

    /// Sends an event to all other servers of the cluster and gathers their answers; see ``Namespace/serverSideEmitWithAck(_:_:timeout:as:)``.
    public func serverSideEmitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration = .seconds(5), as type: Answer.Type
    ) async -> ServerSideResult<Answer> {
        await sockets.serverSideEmitWithAck(event, repeat each argument, timeout: timeout, as: type)
    }

    /// Calls `handler` when another server of the cluster emits the event.
    @discardableResult
    public func onServerSide<each Argument: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Subscription {
        sockets.onServerSide(event, handler)
    }

    /// Like the form without a result; the returned value is the answer.
    @discardableResult
    public func onServerSide<each Argument: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Answer
    ) -> Subscription {
        sockets.onServerSide(event, handler)
    }
}
