import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import SocketIO
import SocketIOClient
import SocketIOHummingbird
import SocketIOWire
import Tape
import Tapedeck

/// A Socket.IO server with its recorder and its inspector on one port, from start to drain.
struct RecordingServer {
    let settings: ServerSettings
    private let logger: Logger
    private let metrics = PrometheusMetrics()
    private let signals = NIOLockedValueBox<DrainSignals?>(nil)
    private let loss = LossStop()
    /// For an app that wants to end.
    private let ending = LossStop()

    init(_ settings: ServerSettings) {
        self.settings = settings
        metrics.bootstrap()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "tapedeck")
        logger.logLevel = settings.logLevel
        self.logger = logger
    }

    /// Drains the server, as a signal does. From any thread.
    func stop() { ending.happened() }

    /// What answers clients, and what looks after it.
    private struct Server {
        let builder: HTTPServerBuilder
        let service: any Service
        /// `/` shows the playground's page.
        var hasPlayground = false
    }

    /// Serves until a signal ends it. `install` adds the app's handlers before the first client can connect.
    func run(_ install: (SocketIOServer) -> Void) async throws {
        try await serve(settings.run) { recorder in
            let io = SocketIOServer(options(recordingOn: recorder))
            install(io)
            return Server(builder: .socketIO(io), service: io.service, hasPlayground: true)
        }
    }

    /// Stands in front of another server until a signal ends it.
    func run(inFrontOf upstream: ServerURL, verifiesCertificate: Bool) async throws {
        try await serve(settings.run(inFrontOf: upstream)) { recorder in
            var proxied = ProxySettings(upstream: upstream)
            proxied.path = settings.engine.path
            proxied.verifiesCertificate = verifiesCertificate
            proxied.maxMessageSize = max(proxied.maxMessageSize, settings.engine.maxHTTPBufferSize)
            if settings.usesMessagePack { proxied.parser = MessagePackParser() }
            if let recorder, settings.recording.onLoss == .refuse {
                proxied.refusal = { recorder.status.isBlind ? Self.blindness : nil }
            }
            let proxy = RecordingProxy(proxied, tap: recorder, logger: logger)
            return Server(builder: proxy.server(isSecure: settings.tls != nil), service: proxy.service)
        }
    }

    private static let blindness = "The server cannot record at the moment and takes no new connections."

    private func serve(_ run: TapeRun, _ make: (Recorder?) throws -> Server) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        let recorder = try makeRecorder(run)
        let server = try make(recorder)
        let reader = try recorder.map { try TapeReader(path: $0.path) }
        let ready = Announcement(settings: settings)
        let app = try Application(
            router: makeRouter(recorder: recorder, reader: reader, hasPlayground: server.hasPlayground),
            server: secured(server.builder),
            configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: nil),
            onServerRunning: { channel in
                recorder?.noteHost(Announcement.authority(of: channel.localAddress, host: settings.host))
                ready.announce(at: channel.localAddress)
            },
            eventLoopGroupProvider: .shared(group),
            logger: logger)
        do {
            try await runServices([app, server.service])
        } catch let error as IOError {
            try await finish(recorder, reader)
            throw CommandFailure(Listener.explanation(of: error, host: settings.host, port: settings.port))
        }
        try await finish(recorder, reader)
        try await group.shutdownGracefully()
        if loss.hasHappened {
            throw CommandFailure(
                "The server was stopped, as --on-loss stop asks: traffic could not be recorded. The tape's view gaps says what is missing.")
        }
    }

    /// The reader goes first: the last connection to close takes the WAL away.
    private func finish(_ recorder: Recorder?, _ reader: TapeReader?) async throws {
        do {
            try reader?.close()
        } catch {
            logger.debug("the tape is still being read; its WAL stays beside it", metadata: ["error": "\(error)"])
        }
        try await recorder?.close()
    }

    private func runServices(_ services: [any Service]) async throws {
        let group = ServiceGroup(configuration: .init(services: services, logger: logger))
        // Kept until the process ends: a second signal must end it also while the tape is being flushed.
        signals.withLockedValue { $0 = DrainSignals { Task { await group.triggerGracefulShutdown() } } }
        for stop in [loss, ending] { stop.stop(by: { Task { await group.triggerGracefulShutdown() } }) }
        try await group.run()
    }

    private func makeRecorder(_ run: TapeRun) throws -> Recorder? {
        guard let path = settings.tape else { return nil }
        var options = settings.recording.options
        if settings.recording.onLoss == .stop { options.onLoss = { [loss] in loss.happened() } }
        return try Recorder(path: path, run: run, options: options, logger: logger)
    }

    private func options(recordingOn recorder: Recorder?) -> SocketIOServer.Options {
        var options = SocketIOServer.Options()
        options.engine = settings.engine
        options.connectTimeout = settings.connectTimeout
        if settings.usesMessagePack { options.parser = MessagePackParser() }
        options.connectionStateRecovery = settings.recovery
        options.logger = logger
        options.tap = recorder
        if let recorder, settings.recording.onLoss == .refuse {
            options.engine.allowRequest = { _ in
                recorder.status.isBlind ? .refused(Self.blindness) : .allowed
            }
        }
        return options
    }

    private func makeRouter(recorder: Recorder?, reader: TapeReader?, hasPlayground: Bool) -> Router<InspectorContext> {
        let router = Router(context: InspectorContext.self, options: .autoGenerateHeadEndpoints)
        let inspector = Inspector(
            tape: reader, recorder: recorder,
            access: InspectorAccess(token: settings.inspectToken), metrics: metrics)
        inspector.addRoutes(to: router)
        if hasPlayground { PlaygroundPage().addRoutes(to: router) }
        return router
    }

    private func secured(_ builder: HTTPServerBuilder) throws -> HTTPServerBuilder {
        guard let tls = settings.tls else { return builder }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate).map { NIOSSLCertificateSource.certificate($0) }
            let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
            return try .tls(
                builder, tlsConfiguration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        } catch {
            throw CommandFailure("The certificate or key cannot be used: \(error). Give PEM files with --tls-cert and --tls-key.")
        }
    }
}
