import HTTPTypes
import NIOCore
import SocketIOWire

/// Can turn one HTTP connection into a WebSocket. Used on the channel's loop.
struct WebSocketUpgrader: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<EngineHTTPHandler>

    /// Answers 101 and connects the channel with `session`; without one, the WebSocket is closed at once.
    /// - Returns: the sending side, for the session.
    func upgrade(_ request: EngineRequest, for session: EngineConnection?, maxMessageSize: Int, headers: HTTPFields) throws
        -> WebSocketTransport?
    {
        var headers = headers
        headers[.upgrade] = "websocket"
        headers[.connection] = "Upgrade"
        headers[.secWebSocketAccept] = WebSocketAccept.key(for: request.headers[.secWebSocketKey] ?? "")
        if let offered = request.headers[.secWebSocketProtocol]?.split(separator: ",").first {
            headers[.secWebSocketProtocol] = String(offered.trimmingPrefix { $0 == " " })
        }
        let webSocket = WebSocketHandler(maxMessageSize: maxMessageSize)
        var transport: WebSocketTransport?
        if let session {
            let sending = WebSocketTransport(channel: channel, handler: webSocket, sessionLoop: session.eventLoop)
            webSocket.attach(session, sending)
            transport = sending
        }
        try handler.value.becomeWebSocket(webSocket, headers: headers)
        if session == nil { webSocket.close(code: nil) }
        return transport
    }
}
