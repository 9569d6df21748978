import EngineIO
public import HummingbirdCore
import NIOCore
public import SocketIO

extension HTTPServerBuilder {
    /// A Hummingbird server that also speaks Socket.IO, on the same port.
    ///
    /// ```swift
    /// let io = SocketIOServer()
    /// let app = Application(router: router, server: .socketIO(io), services: [io.service])
    /// try await app.runService()
    /// ```
    ///
    /// Requests below the Socket.IO path never reach the router, nor its middleware. For TLS wrap it: `.tls(.socketIO(io), tlsConfiguration: …)`.
    /// - Parameter io: the Socket.IO server; it must not be attached to a second application.
    public static func socketIO(_ io: SocketIOServer) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            DeferredHostChannel(
                host: HTTP1Channel(responder: responder),
                addHandlers: { operations, onHostRequest in
                    try HTTPPipeline.add(to: operations, secure: false)
                    try operations.addHandler(io.engine.makeHTTPHandler(onForeignRequest: onHostRequest))
                })
        }
    }
}
