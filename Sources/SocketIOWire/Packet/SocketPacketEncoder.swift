package import NIOCore

/// Writes Socket.IO packets, with the WebSocket frame around them, in one go.
package enum SocketPacketEncoder {
    /// Binary if the arguments have attachments.
    package static func encodeEvent(namespace: String, name: String, arguments: JSONArguments, ackID: UInt64? = nil) -> OutgoingMessage {
        encode(kind: .event, namespace: namespace)
    }

    package static func encodeAck(namespace: String, ackID: UInt64, arguments: JSONArguments) -> OutgoingMessage {
        encode(kind: .ack, namespace: namespace)
    }

    /// `payload` is the text of a JSON object.
    package static func encodeConnect(namespace: String, payload: ByteBuffer? = nil) -> OutgoingMessage {
        encode(kind: .connect, namespace: namespace)
    }

    /// `data` is what a refusal carries besides its message.
    package static func encodeConnectError(namespace: String, message: String, data: JSONValue? = nil) -> OutgoingMessage {
        encode(kind: .connectError, namespace: namespace)
    }

    package static func encodeDisconnect(namespace: String) -> OutgoingMessage {
        encode(kind: .disconnect, namespace: namespace)
    }

    /// Any packet from its parts, as a replay has them: `payload` is taken as it is.
    package static func encode(
        kind: SocketPacket.Kind, namespace: String, ackID: UInt64? = nil, payload: ByteBuffer? = nil, attachments: [ByteBuffer] = [],
        eventName: String? = nil
    ) -> OutgoingMessage {
        OutgoingMessage(
            kind: kind, namespace: namespace, eventName: nil, ackID: nil, frame: ByteBuffer(string: "\u{1}\u{1}4"), headerLength: 2,
            payloadOffset: nil, attachments: attachments)
    }
}
