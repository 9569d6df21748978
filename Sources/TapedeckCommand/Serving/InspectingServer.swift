import EngineIO
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ServiceLifecycle
import Tape
import Tapedeck

/// The inspector alone, over a tape that is finished or that another process records to.
struct InspectingServer {
    let tape: String
    let beside: String?
    let host: String
    let port: Int
    let token: String?
    let logLevel: Logger.Level
    private let signals = NIOLockedValueBox<DrainSignals?>(nil)

    init(tape: String, beside: String? = nil, host: String, port: Int, token: String?, logLevel: Logger.Level) {
        self.tape = tape
        self.beside = beside
        self.host = host
        self.port = port
        self.token = token
        self.logLevel = logLevel
    }

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "tapedeck")
        logger.logLevel = logLevel
        let reader = try TapeReader(path: tape)
        let other = try beside.map { try TapeReader(path: $0) }
        let metrics = PrometheusMetrics()
        metrics.bootstrap()
        let router = Router(context: InspectorContext.self, options: .autoGenerateHeadEndpoints)
        Inspector(tape: reader, beside: other, access: InspectorAccess(token: token), metrics: metrics).addRoutes(to: router)
        router.get("/") { _, _ in Response(status: .found, headers: [.location: "/inspect/"]) }
        let ready = Announcement(inspecting: tape, host: host)
        let app = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [AbsoluteTargetInstaller()])),
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { ready.announce(at: $0.localAddress) },
            logger: logger)
        let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
        signals.withLockedValue { $0 = DrainSignals { Task { await group.triggerGracefulShutdown() } } }
        do {
            try await group.run()
        } catch let error as IOError {
            throw CommandFailure(Listener.explanation(of: error, host: host, port: port))
        }
        do {
            try reader.close()
            try other?.close()
        } catch {
            logger.debug("the tape is still being read", metadata: ["error": "\(error)"])
        }
    }
}
