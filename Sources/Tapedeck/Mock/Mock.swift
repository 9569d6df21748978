public import SocketIO

/// Plays a recorded server to live clients.
///
/// ```swift
/// let mock = try Mock("monday.tape")
/// let io = SocketIOServer(mock.options())
/// let performance = mock.install(on: io)
/// try await io.start(port: 3000)
/// // … clients come and go …
/// #expect(try await performance.report().isComplete)
/// ```
public struct Mock: Sendable {
    private let script: MockScript
    private let options: MockOptions
    private let settings: Settings

    /// What a server must be like for the recorded clients.
    public struct Settings: Sendable {
        /// Of the engine, as `/socket.io/`.
        public let path: String
        /// Whether a client spoke Socket.IO 2.
        public let hasLegacyClients: Bool
        /// Whether packets went as MessagePack.
        public let usesMessagePack: Bool
    }

    /// - Parameter tape: the path of a tape, finished or still being written.
    /// - Throws: ``ReplayError`` if it cannot be read, or if there is no client on it.
    public init(_ tape: String, _ options: MockOptions = MockOptions()) throws(ReplayError) {
        let recording = try Recording(tape: tape)
        let script = MockScript(plan: PlanBuilder.plan(for: recording, options: ReplayOptions()))
        guard !script.sessions.isEmpty else { throw ReplayError.nothingToPlay(tape: tape) }
        self.script = script
        self.options = options
        settings = Settings(
            path: script.plan.lanes.first?.path ?? "/socket.io/", hasLegacyClients: script.plan.lanes.contains { $0.revision == 3 },
            usesMessagePack: script.plan.lanes.contains(where: \.usesMessagePack))
    }

    /// What the recorded server was like.
    public var recorded: Settings { settings }

    /// `options`, with what the recorded clients need.
    public func options(_ options: SocketIOServer.Options = SocketIOServer.Options()) -> SocketIOServer.Options {
        var options = options
        options.engine.path = settings.path
        if settings.hasLegacyClients { options.engine.allowEIO3 = true }
        if settings.usesMessagePack { options.parser = MessagePackParser() }
        return options
    }

    /// Gives the server the recorded one's part. Before the first client comes, and once per server.
    ///
    /// - Parameters:
    ///   - onUnknown: called with each act that the tape does not know, as it happens.
    ///   - onStop: called once, when ``MockOptions/isStrict`` asks for the end.
    public func install(
        on io: SocketIOServer, onUnknown: @escaping @Sendable (UnknownAct) -> Void = { _ in },
        onStop: @escaping @Sendable () -> Void = {}
    ) -> Performance {
        let driver = MockDriver(machine: MockMachine(script: script, options: options), onUnknown: onUnknown, onStop: onStop)
        driver.install(on: io, namespaces: script.sessions.keys)
        return Performance(driver: driver)
    }

    /// A server that is being played.
    public struct Performance: Sendable {
        let driver: MockDriver

        /// What has been played so far, and what the tape did not know.
        public func report() async throws -> MockReport { try await driver.report() }
    }
}
