import NIOCore

extension SocketPacket {
    /// A packet from its parts, for a ``PacketParser``.
    ///
    /// - Parameters:
    ///   - kind: bytes within `data` make a binary packet of an event or acknowledgement.
    ///   - data: of an event the array of name and arguments, of an acknowledgement the array of arguments, else an object or nothing.
    /// - Throws: if no such packet may be.
    public init(
        kind: Kind, namespace: String = "/", ackID: UInt64? = nil, data: JSONValue? = nil, limits: SocketPacketLimits = SocketPacketLimits()
    ) throws(SocketPacketError) {
        guard !namespace.utf8.contains(UInt8(ascii: ",")) else { throw .invalidNamespace }
        var payload = ByteBuffer()
        var attachments: [ByteBuffer] = []
        data?.write(into: &payload, attachments: &attachments)
        let isBinary = !attachments.isEmpty && !kind.isBinary
        guard !isBinary || kind == .event || kind == .ack else { throw .invalidPayload(kind, expected: "JSON without bytes") }
        let digit = isBinary ? kind.rawValue + 3 : kind.rawValue
        var text = ByteBuffer(string: "\(digit)\(isBinary || kind.isBinary ? "\(attachments.count)-" : "")")
        if namespace != "/" { text.writeString("\(namespace),") }
        if let ackID { text.writeString("\(ackID)") }
        text.writeImmutableBuffer(payload)
        // Attachments here are not messages of their own, so the limit on those does not apply.
        var limits = limits
        limits.maxAttachments = max(limits.maxAttachments, attachments.count)
        var decoder = SocketPacketDecoder(limits: limits)
        var packet = try decoder.decodeText(text)
        for bytes in attachments { packet = try decoder.decodeBinary(bytes) }
        guard let packet else { throw .textWhileAwaitingAttachments(missing: attachments.count) }
        self = packet
    }
}
