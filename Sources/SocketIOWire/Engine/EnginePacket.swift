package import NIOCore

/// The types of Engine.IO packets; on the wire their number as an ASCII digit.
package enum EnginePacketType: UInt8, Sendable, CaseIterable {
    case open = 0
    case close, ping, pong, message, upgrade, noop

    package var digit: UInt8 { rawValue &+ UInt8(ascii: "0") }

    package init?(digit: UInt8) { self.init(rawValue: digit &- UInt8(ascii: "0")) }
}

/// One packet of Engine.IO.
package struct EnginePacket: Sendable, Hashable {
    package var type: EnginePacketType
    /// What follows the type: text, or bytes if ``isBinary``.
    package var payload: ByteBuffer
    /// Only messages can be binary.
    package var isBinary: Bool

    package init(_ type: EnginePacketType, _ payload: ByteBuffer = ByteBuffer()) {
        self.type = type
        self.payload = payload
        self.isBinary = false
    }

    package init(binary payload: ByteBuffer) {
        self.type = .message
        self.payload = payload
        self.isBinary = true
    }

    /// Reads one packet from the text of a WebSocket frame or one part of a polling body: a digit and the payload, or `b` and base64,
    /// which is accepted on both transports (trap 27 of the behaviour notes).
    package init(text: ByteBuffer) throws(EnginePacketError) {
        var rest = text
        guard let first: UInt8 = rest.readInteger() else { throw .empty }
        if first == UInt8(ascii: "b") {
            guard let bytes = Base64.decode(rest) else { throw .invalidBase64 }
            self.init(binary: bytes)
        } else if let type = EnginePacketType(digit: first) {
            self.init(type, rest)
        } else {
            throw .unknownType(first)
        }
    }

    /// Appends the packet as text: binary as `b` and base64.
    package func writeText(into buffer: inout ByteBuffer) {
        if isBinary {
            buffer.writeInteger(UInt8(ascii: "b"))
            Base64.encode(payload, into: &buffer)
        } else {
            buffer.writeInteger(type.digit)
            buffer.writeImmutableBuffer(payload)
        }
    }
}

/// Why something is no Engine.IO packet.
package enum EnginePacketError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case unknownType(UInt8)
    case invalidBase64
    case invalidUTF8
    /// Engine.IO 3 only.
    case invalidLength

    package var description: String {
        switch self {
        case .empty: "an Engine.IO packet without a type: each packet begins with a digit from 0 to 6, or with b for base64"
        case .unknownType(let byte):
            "0x\(String(byte, radix: 16)) is no type of an Engine.IO packet: each packet begins with a digit from 0 to 6, or with b for base64"
        case .invalidBase64: "a binary Engine.IO packet that is not base64"
        case .invalidUTF8: "a text packet that is not UTF-8"
        case .invalidLength: "a polling body of Engine.IO 3 whose lengths do not fit its packets"
        }
    }
}
