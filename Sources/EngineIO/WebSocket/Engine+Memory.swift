package import NIOCore
import SocketIOWire

extension Engine {
    /// Opens a session on a channel that carries WebSocket frames already, without any HTTP: for clients in the same process.
    /// On the channel's loop.
    ///
    /// - Parameter request: what the handshake would have said.
    package func openWebSocket(on channel: any Channel, request: EngineRequest) throws {
        let handler = WebSocketHandler(
            maxMessageSize: options.maxHTTPBufferSize, inflates: false, drainTimeout: TimeAmount(options.pingTimeout))
        guard
            let connection = makeConnection(
                id: SessionID.random(), for: request, on: channel.eventLoop, revision: .four, over: .webSocket)
        else { throw ChannelError.operationUnsupported }
        let transport = WebSocketTransport(
            channel: channel, handler: handler, sessionLoop: channel.eventLoop, form: connection.form, deflateThreshold: nil)
        handler.attach(connection, transport)
        try channel.pipeline.syncOperations.addHandler(handler)
        connection.useWebSocket(transport)
        open(connection)
        delegate.engine(self, didOpen: connection)
    }
}
