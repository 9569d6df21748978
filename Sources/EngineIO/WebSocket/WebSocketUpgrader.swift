import HTTPTypes
import NIOCore
import SocketIOWire

/// Can turn one HTTP connection into a WebSocket. Used on the channel's loop.
struct WebSocketUpgrader: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<EngineHTTPHandler>

    /// Answers 101 and connects the channel with `session`; without one, the WebSocket is closed at once.
    /// - Returns: the sending side, for the session.
    func upgrade(
        _ request: EngineRequest, for session: EngineConnection?, options: EngineOptions, headers: HTTPFields
    ) throws -> WebSocketTransport? {
        var headers = headers
        headers[.upgrade] = "websocket"
        headers[.connection] = "Upgrade"
        headers[.secWebSocketAccept] = WebSocketAccept.key(for: request.headers[.secWebSocketKey] ?? "")
        if let offered = request.headers[.secWebSocketProtocol]?.split(separator: ",").first {
            headers[.secWebSocketProtocol] = String(offered.trimmingPrefix { $0 == " " })
        }
        var deflate: EngineOptions.PerMessageDeflate?
        if let wanted = options.perMessageDeflate, let offer = request.headers[.secWebSocketExtensions],
            let answer = PerMessageDeflate.answer(to: offer)
        {
            headers[.secWebSocketExtensions] = answer
            deflate = wanted
        }
        let webSocket = WebSocketHandler(
            maxMessageSize: options.maxHTTPBufferSize, inflates: deflate != nil, drainTimeout: TimeAmount(options.pingTimeout))
        var transport: WebSocketTransport?
        if let session {
            let sending = WebSocketTransport(
                channel: channel, handler: webSocket, sessionLoop: session.eventLoop, form: session.form,
                deflateThreshold: deflate?.threshold)
            webSocket.attach(session, sending)
            transport = sending
        }
        try handler.value.becomeWebSocket(webSocket, headers: headers)
        if session == nil { webSocket.close(code: nil) }
        return transport
    }
}
