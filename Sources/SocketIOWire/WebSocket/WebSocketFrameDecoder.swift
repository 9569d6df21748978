package import NIOCore

/// Reads WebSocket frames and puts fragments together.
package struct WebSocketFrameDecoder: Sendable {
    private let role: WebSocketRole
    private let maxMessageSize: Int

    /// `maxMessageSize` is in bytes, over all fragments of a message.
    package init(role: WebSocketRole, maxMessageSize: Int) {
        self.role = role
        self.maxMessageSize = maxMessageSize
    }

    /// Bytes that arrived and are not yet part of a message that was handed out.
    package var bufferedBytes: Int { 0 }

    /// Takes what arrived. Call ``next()`` until it returns `nil` after it.
    package mutating func append(_ bytes: consuming ByteBuffer) {}

    /// The next whole message. Messages before an error come first; after an error, or after a close, there is nothing more.
    package mutating func next() throws(WebSocketError) -> WebSocketMessage? { nil }
}
