import EngineIO
public import HummingbirdCore
public import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
public import ServiceLifecycle
public import SocketIO
import SocketIOClient
import SocketIOHummingbird

/// A reverse proxy that reads along: whatever a Socket.IO server and its clients say to each other, in whatever language they are written,
/// a tap is told of, as it would be by a server of our own.
///
///     let proxy = RecordingProxy(ProxySettings(upstream: url), tap: recorder)
///     let app = Application(router: router, server: proxy.server(), services: [proxy.service])
///
/// Requests for `/inspect`, `/healthz` and `/metrics` go to the app's router; all others go to the server as they are, with `X-Forwarded-For`,
/// `-Host` and `-Proto`. Rooms, and which packets were one broadcast, only a server knows: they are not seen from outside.
public struct RecordingProxy: Sendable {
    private let settings: ProxySettings
    private let observer: ConversationObserver?

    /// - Parameter tap: is told what passes, on event loops; nil to pass it on only.
    public init(_ settings: ProxySettings, tap: (any Tap)?, logger: Logger = Logger(label: "tapedeck.proxy")) {
        self.settings = settings
        observer = tap.map { ConversationObserver(tap: $0, parser: settings.parser, logger: logger) }
    }

    /// The server to hand to `Application(server:)`.
    ///
    /// - Parameter isSecure: whether clients come by TLS, which is wrapped around it.
    public func server(isSecure: Bool = false) -> HTTPServerBuilder {
        let route = ProxyRoute(
            upstream: Upstream(
                url: settings.upstream, verifiesCertificate: settings.verifiesCertificate, connectTimeout: settings.connectTimeout),
            enginePath: settings.path, maxMessageSize: settings.maxMessageSize, isSecure: isSecure, observer: observer,
            refusal: settings.refusal)
        return HTTPServerBuilder { responder in
            DeferredHostChannel(
                host: HTTP1Channel(responder: responder),
                addHandlers: { operations, onHostRequest in
                    try operations.addHandler(HTTPResponseEncoder())
                    try operations.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
                    try operations.addHandler(AbsoluteTargetHandler())
                    try operations.addHandler(ProxyHandler(route, onOwnRequest: onHostRequest))
                },
                // Below it the proxy speaks the older types, which know a request's version.
                prepareHost: { try $0.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure)) })
        }
    }

    /// The service to hand to `Application(services:)`: it notices clients that have fallen silent, and ends what is left when the app ends.
    public var service: ProxyService { ProxyService(observer: observer) }
}

/// Looks after the sessions that pass through a ``RecordingProxy``.
public struct ProxyService: Service {
    let observer: ConversationObserver?

    public func run() async throws {
        guard let observer else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            // Ends by being cancelled.
            while (try? await Task.sleep(for: .seconds(1))) != nil { observer.sweep() }
        }
        observer.close()
    }
}
