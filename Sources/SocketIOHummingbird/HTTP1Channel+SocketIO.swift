public import HummingbirdCore
public import SocketIO

extension HTTP1Channel.Configuration {
    /// For servers of Hummingbird's own that are configured, such as the one for HTTP/2: the same handlers, on each connection and stream.
    ///
    /// ```swift
    /// let app = Application(
    ///     router: router,
    ///     server: try .http2Upgrade(tlsConfiguration: tls, configuration: .init(streamConfiguration: .socketIO(io))),
    ///     services: [io.service])
    /// ```
    ///
    /// Polling goes over HTTP/2 then; a WebSocket has an HTTP/1.1 connection of its own, as browsers make it. An idle connection costs more than
    /// with ``HummingbirdCore/HTTPServerBuilder/socketIO(_:)``, since Hummingbird's half is always there. It has no idle timeout: a hanging poll
    /// is idle by nature.
    public static func socketIO(_ io: SocketIOServer) -> Self {
        .init(additionalChannelHandlers: [io.engine.makeHTTPHandler { _, _ in }])
    }
}
