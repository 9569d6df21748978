import NIOCore
import SocketIOWire

/// How one client wants its packets written.
struct ClientForm: Sendable, Hashable {
    var revision = EngineRevision.four
    /// Bytes as base64 on every transport (row C16 of the behaviour notes).
    var isBase64 = false

    /// A frame that was made for all fits this client too.
    var isCommon: Bool { revision == .four && !isBase64 }

    /// Appends the packet as a WebSocket frame.
    func write(_ packet: EnginePacket, into buffer: inout ByteBuffer) {
        switch (packet.isBinary, isBase64, revision) {
        case (true, false, .four): WebSocketFrameEncoder.write(.binary, payload: packet.payload, into: &buffer)
        case (true, false, .three): WebSocketFrameEncoder.write(.binary, payload: Revision3.binary(packet), into: &buffer)
        case (true, true, _), (false, _, _): WebSocketFrameEncoder.write(.text, payload: text(packet), into: &buffer)
        }
    }

    func text(_ packet: EnginePacket) -> ByteBuffer {
        var text = ByteBuffer()
        switch revision {
        case .three: Revision3.writeText(packet, into: &text)
        case .four: packet.writeText(into: &text)
        }
        return text
    }

    /// The packets as the body of one polling answer.
    func body(of packets: [EnginePacket]) -> PollingBody {
        if isBase64, revision == .three { return PollingBody(bytes: Revision3.encodeText(packets), isBinary: false) }
        let (bytes, isBinary) = revision.body(of: packets)
        return PollingBody(bytes: bytes, isBinary: isBinary)
    }
}

/// What a poll is answered with.
struct PollingBody {
    var bytes: ByteBuffer
    /// As `application/octet-stream`, which only revision 3 has.
    var isBinary: Bool
    /// Whether one of the packets in it may be compressed.
    var mayCompress = true
}
