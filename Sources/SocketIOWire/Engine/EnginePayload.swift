package import NIOCore

/// The body of a polling request or response: packets with the byte 0x1E between them (Engine.IO protocol 4).
package enum EnginePayload {
    package static let separator: UInt8 = 0x1E

    /// The packets of a body. If one of them is bad, those before it are still returned (trap 20 of the behaviour notes).
    package static func decode(_ body: ByteBuffer) -> (packets: [EnginePacket], error: EnginePacketError?) {
        var packets: [EnginePacket] = []
        var rest = body.readableBytesView
        while true {
            let end = rest.firstIndex(of: separator)
            let part = rest[rest.startIndex..<(end ?? rest.endIndex)]
            let text = ByteBuffer(part)
            guard UTF8Validation.isValid(text) else { return (packets, .invalidUTF8) }
            do throws(EnginePacketError) {
                packets.append(try EnginePacket(text: text))
            } catch {
                return (packets, error)
            }
            guard let end else { return (packets, nil) }
            rest = rest[(end + 1)...]
        }
    }

    package static func encode(_ packets: [EnginePacket]) -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(packets.reduce(0) { $0 + ($1.isBinary ? $1.payload.readableBytes * 4 / 3 + 6 : $1.payload.readableBytes + 2) })
        for (index, packet) in packets.enumerated() {
            if index > 0 { body.writeInteger(separator) }
            packet.writeText(into: &body)
        }
        return body
    }
}
