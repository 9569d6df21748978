/// The header of a WebSocket frame (RFC 6455, 5.2).
struct WebSocketFrameHeader {
    var isFinal: Bool
    /// The first reserved bit: the message is deflated (RFC 7692, 6).
    var isCompressed: Bool
    var opcode: WebSocketOpcode
    /// as its bytes lie in memory
    var mask: UInt32?
    var headerLength: Int
    var payloadLength: Int

    /// `nil` if more bytes are needed.
    init?(reading bytes: UnsafeRawBufferPointer, role: WebSocketRole, allowsCompression: Bool) throws(WebSocketError) {
        guard bytes.count >= 2 else { return nil }
        let first = bytes[0]
        let second = bytes[1]
        guard first & 0x30 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .unknownOpcode(first & 0x0F) }
        isCompressed = first & 0x40 != 0
        guard !isCompressed || allowsCompression && !opcode.isControl && opcode != .continuation else { throw .reservedBits }
        let isMasked = second & 0x80 != 0
        guard isMasked == (role == .server) else { throw isMasked ? .maskedFrame : .unmaskedFrame }
        isFinal = first & 0x80 != 0
        self.opcode = opcode
        let shortLength = Int(second & 0x7F)
        if opcode.isControl {
            guard isFinal, shortLength < 126 else { throw .invalidControlFrame }
        }
        let lengthEnd: Int
        switch shortLength {
        case 126:
            lengthEnd = 4
            guard bytes.count >= lengthEnd else { return nil }
            payloadLength = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        case 127:
            lengthEnd = 10
            guard bytes.count >= lengthEnd else { return nil }
            let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard length <= UInt64(Int.max) else { throw .invalidLength }
            payloadLength = Int(length)
        default:
            lengthEnd = 2
            payloadLength = shortLength
        }
        headerLength = isMasked ? lengthEnd + 4 : lengthEnd
        if isMasked {
            // the length is known here, so a frame that is too large is refused by it, not by a missing mask
            mask = bytes.count >= headerLength ? bytes.loadUnaligned(fromByteOffset: lengthEnd, as: UInt32.self) : 0
        }
    }
}

extension WebSocketOpcode {
    package var isControl: Bool { rawValue & 8 != 0 }
}
