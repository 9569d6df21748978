package import NIOCore

/// Which end of the connection we are: a server wants masked frames, a client unmasked ones (RFC 6455, 5.1).
package enum WebSocketRole: Sendable {
    case server, client
}

package enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10
}

/// A whole message or control frame that arrived.
package enum WebSocketMessage: Sendable, Hashable {
    /// Valid UTF-8.
    case text(ByteBuffer)
    case binary(ByteBuffer)
    case ping(ByteBuffer)
    case pong(ByteBuffer)
    /// `code` is `nil` if the peer gave none. Nothing comes after it.
    case close(code: UInt16?, reason: String)
}

/// The peer broke the WebSocket protocol; the connection is to be closed with ``closeCode``.
package enum WebSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    case reservedBits
    case unknownOpcode(UInt8)
    case unmaskedFrame
    case maskedFrame
    case invalidControlFrame
    case unexpectedContinuation
    case unfinishedMessage
    case invalidLength
    case invalidClosePayload
    case invalidUTF8
    case invalidDeflate
    case messageTooLarge(bytes: Int, limit: Int)

    package var closeCode: UInt16 {
        switch self {
        case .invalidUTF8, .invalidDeflate: 1007
        case .messageTooLarge: 1009
        default: 1002
        }
    }

    package var description: String {
        switch self {
        case .reservedBits: "a WebSocket frame with reserved bits set, though no extension was agreed on"
        case .unknownOpcode(let opcode): "a WebSocket frame with the unknown opcode \(opcode)"
        case .unmaskedFrame: "a WebSocket frame of a client must be masked"
        case .maskedFrame: "a WebSocket frame of a server must not be masked"
        case .invalidControlFrame: "a WebSocket control frame that is fragmented or has more than 125 bytes"
        case .unexpectedContinuation: "a WebSocket continuation frame that continues nothing"
        case .unfinishedMessage: "a new WebSocket message before the last fragment of the one before"
        case .invalidLength: "a WebSocket frame with an impossible length"
        case .invalidClosePayload: "a WebSocket close frame with an invalid payload"
        case .invalidUTF8: "a WebSocket text message that is not UTF-8"
        case .invalidDeflate: "a compressed WebSocket message that is damaged"
        case .messageTooLarge(let bytes, let limit):
            "a WebSocket message of \(bytes) bytes or more, the limit is \(limit) (maxHTTPBufferSize)"
        }
    }
}
