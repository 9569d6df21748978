import Atomics
import Foundation
import HTTPTypes
package import Logging
import Metrics
import NIOConcurrencyHelpers
package import NIOCore
import SocketIOWire

/// An Engine.IO server: it turns HTTP requests below one path into connections, over long-polling and WebSocket.
///
/// It has no socket of its own: ``makeHTTPHandler(onForeignRequest:)`` makes the channel handler that a host puts behind its HTTP codec.
/// All methods may be called from any thread unless they say otherwise.
public final class Engine: Sendable {
    /// The settings it was made with.
    public let options: EngineOptions
    let logger: Logger
    package let observer: (any EngineObserver)?
    let delegate: any EngineDelegate
    private let sessions = NIOLockedValueBox<[String: EngineConnection]>([:])
    private let loops = NIOLockedValueBox<[ObjectIdentifier: EngineLoop]>([:])
    private let connectionNumbers = ManagedAtomic<UInt64>(0)
    private let isShuttingDown = ManagedAtomic<Bool>(false)
    private let counters = NIOLockedValueBox(EngineCounters())
    private let buffered = NIOLockedValueBox<[ObjectIdentifier: Int]>([:])
    let timing: SessionState.Timing
    let metrics: EngineMetrics
    /// ``EngineOptions/path`` as it is looked for.
    private let prefix: String

    package init(options: EngineOptions, logger: Logger, delegate: any EngineDelegate, observer: (any EngineObserver)? = nil) {
        self.options = options
        metrics = EngineMetrics(options.metricsFactory ?? MetricsSystem.factory)
        let bare = options.path.hasSuffix("/") ? String(options.path.dropLast()) : options.path
        prefix = options.addTrailingSlash ? bare + "/" : bare
        timing = SessionState.Timing(
            heartbeat: .init(interval: TimeAmount(options.pingInterval), timeout: TimeAmount(options.pingTimeout)),
            upgradeTimeout: TimeAmount(options.upgradeTimeout), pollingCloseTimeout: TimeAmount(options.pollingCloseTimeout))
        self.logger = logger
        self.delegate = delegate
        self.observer = observer
    }

    /// How many sessions there are, those that are being closed included.
    public var connectionCount: Int { sessions.withLockedValue { $0.count } }

    /// What has happened since the start.
    public var statistics: EngineCounters { counters.withLockedValue { $0 } }

    /// The handler for one HTTP connection, to be put behind a codec that speaks `HTTPRequestPart`.
    ///
    /// - Parameter onForeignRequest: called once on the channel's loop: with `true` before the first request that is not the engine's is
    ///   passed on, or with `false` when the connection ends, or becomes a WebSocket, without one.
    package func makeHTTPHandler(onForeignRequest: @escaping (ChannelHandlerContext, Bool) -> Void) -> EngineHTTPHandler {
        EngineHTTPHandler(engine: self, onForeignRequest: onForeignRequest)
    }

    /// Whether the engine answers requests with this path and query. The path is a prefix (trap 1 of the behaviour notes).
    func takes(path: String) -> Bool {
        if path.hasPrefix(prefix) { return true }
        guard options.acceptsPathWithoutSlash, options.addTrailingSlash else { return false }
        let bare = prefix.dropLast()
        return path.hasPrefix(bare) && [nil, "?"].contains(path.dropFirst(bare.count).first)
    }

    /// All bytes that wait, loop by loop as they say it.
    private func noteBuffered(_ bytes: Int, on eventLoop: any EventLoop) {
        metrics.buffered(
            buffered.withLockedValue { buffered in
                buffered[ObjectIdentifier(eventLoop)] = bytes
                return buffered.values.reduce(0, +)
            })
    }

    func wallClock() -> Int64 { Int64(Date.now.timeIntervalSince1970 * 1_000_000) }

    // MARK: Sessions

    func session(_ id: String) -> EngineConnection? { sessions.withLockedValue { $0[id] } }

    func forget(_ connection: EngineConnection) {
        sessions.withLockedValue { $0[connection.id] = nil }
    }

    func loop(_ eventLoop: any EventLoop) -> EngineLoop {
        loops.withLockedValue { loops in
            if let known = loops[ObjectIdentifier(eventLoop)] { return known }
            let loop = EngineLoop(eventLoop, granularity: timing.heartbeat.granularity) { [metrics] bytes in
                metrics.moved(received: bytes.received, sent: bytes.sent)
                self.noteBuffered(bytes.buffered, on: eventLoop)
            }
            loops[ObjectIdentifier(eventLoop)] = loop
            return loop
        }
    }

    /// Makes a session on the loop of the request, unless the id is taken.
    func makeConnection(
        id: String, for request: EngineRequest, on eventLoop: any EventLoop, revision: EngineRevision, over transport: TransportKind
    ) -> EngineConnection? {
        let number = connectionNumbers.wrappingIncrementThenLoad(ordering: .relaxed)
        let connection = EngineConnection(
            engine: self, id: id, number: number, loop: loop(eventLoop), request: request, revision: revision, transport: transport)
        let isNew = sessions.withLockedValue { sessions in
            guard sessions[id] == nil else { return false }
            sessions[id] = connection
            return true
        }
        return isNew ? connection : nil
    }

    /// Says hello, with what the options want said right after it. On the session's loop; ``EngineDelegate`` is told next.
    func open(_ connection: EngineConnection) {
        connection.loop.add(connection)
        counters.withLockedValue { $0.opened[connection.transport, default: 0] += 1 }
        metrics.opened(connection.transport)
        observer?.connectionOpened(connection)
        connection.send(.open, handshake(of: connection))
        switch options.initialPacket {
        case nil: break
        case .text(let text)?: connection.send(.message, text)
        case .binary(let bytes)?: connection.enqueue(.binary(bytes))
        }
    }

    private func handshake(of connection: EngineConnection) -> ByteBuffer {
        let canUpgrade = connection.transport == .polling && options.allowUpgrades && options.transports.contains(.webSocket)
        return ByteBuffer(
            string: "{\"sid\":\(JSONText.quoted(connection.id)),\"upgrades\":[\(canUpgrade ? "\"websocket\"" : "")],"
                + "\"pingInterval\":\(options.pingInterval.milliseconds),\"pingTimeout\":\(options.pingTimeout.milliseconds),"
                + "\"maxPayload\":\(options.maxHTTPBufferSize)}")
    }

    // MARK: Ending

    var isClosed: Bool { isShuttingDown.load(ordering: .acquiring) }

    /// Takes no more handshakes: they are answered with 503.
    package func stopAccepting() { isShuttingDown.store(true, ordering: .releasing) }

    /// Takes no more handshakes and closes all sessions, each on its loop; does not wait.
    package func beginShutdown() {
        guard !isShuttingDown.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for connection in sessions.withLockedValue({ Array($0.values) }) {
            connection.perform { connection.close(reason: .serverShuttingDown, detail: nil) }
        }
    }

    /// Closes all sessions and waits until each has been told: a hanging poll is answered, a WebSocket gets a close frame.
    ///
    /// - Parameter jitter: each session is closed at a random moment within this time, lest all clients come back at once.
    public func shutdown(jitter: Duration = .zero) async {
        stopAccepting()
        for connection in sessions.withLockedValue({ Array($0.values) }) where jitter == .zero {
            connection.perform { connection.close(reason: .serverShuttingDown, detail: nil) }
        }
        let closing = sessions.withLockedValue({ Array($0.values) }).map { connection in
            let wait = TimeAmount.nanoseconds(jitter == .zero ? 0 : .random(in: 0...TimeAmount(jitter).nanoseconds))
            return connection.eventLoop.scheduleTask(in: wait) { connection.close(reason: .serverShuttingDown, detail: nil) }.futureResult
        }
        for closed in closing {
            do {
                try await closed.get()
            } catch {
                logger.debug("An event loop ended before its connections", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: What is counted and logged

    func log(_ reason: EngineCloseReason, _ detail: String?, of connection: EngineConnection) {
        counters.withLockedValue { $0.closed[reason, default: 0] += 1 }
        metrics.closed(connection.transport, reason)
        // The session's id is a secret, so only its beginning is logged.
        logger.debug(
            "connection closed",
            metadata: [
                "connection": "\(connection.number)", "sid": "\(connection.id.prefix(4))…", "transport": "\(connection.transport.rawValue)",
                "reason": "\(reason)", "detail": "\(detail ?? "")",
            ])
    }

    func countUpgrade() {
        counters.withLockedValue { $0.upgrades += 1 }
        metrics.upgraded()
    }

    func refused(_ error: HandshakeError, _ request: EngineRequest) {
        counters.withLockedValue { $0.handshakeErrors[error.code.rawValue, default: 0] += 1 }
        metrics.refused(code: error.code.rawValue)
        options.onConnectionError?(request, error)
        logger.debug(
            "request refused",
            metadata: [
                "code": "\(error.code.rawValue)", "message": "\(error.message)", "context": "\(error.context)", "path": "\(request.path)",
            ])
    }

    func refusedLargeBody(_ request: OwnRequest) {
        logger.notice(
            "a polling body is larger than the limit and was refused with 413; raise maxHTTPBufferSize if that is meant",
            metadata: ["limit": "\(options.maxHTTPBufferSize)", "address": "\(request.request.remoteAddress ?? "")"])
        guard let session = request.session else { return }
        session.perform { session.abandonPost() }
    }
}

/// Counts since the start of an engine.
public struct EngineCounters: Sendable {
    public internal(set) var opened: [TransportKind: Int] = [:]
    public internal(set) var closed: [EngineCloseReason: Int] = [:]
    public internal(set) var upgrades = 0
    /// By the code of the Engine.IO protocol.
    public internal(set) var handshakeErrors: [Int: Int] = [:]

    public init() {}
}

enum SessionID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// 20 characters from the system's random numbers: 120 bits.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(decoding: (0..<20).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] }, as: UTF8.self)
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
