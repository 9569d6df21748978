/// The answer of a server to `Sec-WebSocket-Key` (RFC 6455, 4.2.2).
package enum WebSocketAccept {
    package static func key(for key: String) -> String {
        Base64.encode(SHA1.hash((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    }
}
