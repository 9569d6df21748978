package import NIOCore

/// Writes Socket.IO packets, with the WebSocket frame around them, in one go.
///
/// Into one buffer goes room for the longest frame header, the `4` of Engine.IO, and the packet; when the length is known, the header is
/// put right before the `4`. So the frame, the text for polling and the JSON for the tape are slices of the same bytes.
package enum SocketPacketEncoder {
    /// Binary if the arguments have attachments.
    package static func encodeEvent(namespace: String, name: String, arguments: JSONArguments, ackID: UInt64? = nil) -> OutgoingMessage {
        encode(
            kind: arguments.attachments.isEmpty ? .event : .binaryEvent, namespace: namespace, ackID: ackID,
            attachments: arguments.attachments,
            eventName: name, payloadCount: name.utf8.count + arguments.json.readableBytes + 8
        ) { text in
            text.writeInteger(UInt8(ascii: "["))
            JSONText.write(name, into: &text)
            if !arguments.isEmpty {
                text.writeInteger(UInt8(ascii: ","))
                text.writeImmutableBuffer(arguments.json)
            }
            text.writeInteger(UInt8(ascii: "]"))
        }
    }

    package static func encodeAck(namespace: String, ackID: UInt64, arguments: JSONArguments) -> OutgoingMessage {
        encode(
            kind: arguments.attachments.isEmpty ? .ack : .binaryAck, namespace: namespace, ackID: ackID, attachments: arguments.attachments,
            eventName: nil, payloadCount: arguments.json.readableBytes + 2
        ) { text in
            text.writeInteger(UInt8(ascii: "["))
            text.writeImmutableBuffer(arguments.json)
            text.writeInteger(UInt8(ascii: "]"))
        }
    }

    /// `payload` is the text of a JSON object.
    package static func encodeConnect(namespace: String, payload: ByteBuffer? = nil) -> OutgoingMessage {
        encode(kind: .connect, namespace: namespace, payload: payload)
    }

    /// `data` is what a refusal carries besides its message (trap 53 of the behaviour notes).
    package static func encodeConnectError(namespace: String, message: String, data: JSONValue? = nil) -> OutgoingMessage {
        var error: JSONObject = ["message": .string(message)]
        if let data { error["data"] = data }
        return encode(kind: .connectError, namespace: namespace, payload: JSONValue.object(error).serialized())
    }

    package static func encodeDisconnect(namespace: String) -> OutgoingMessage {
        encode(kind: .disconnect, namespace: namespace)
    }

    /// Any packet from its parts, as a replay has them: `payload` is taken as it is.
    package static func encode(
        kind: SocketPacket.Kind, namespace: String, ackID: UInt64? = nil, payload: ByteBuffer? = nil, attachments: [ByteBuffer] = [],
        eventName: String? = nil
    ) -> OutgoingMessage {
        encode(
            kind: kind, namespace: namespace, ackID: ackID, attachments: attachments, eventName: eventName,
            payloadCount: payload?.readableBytes ?? 0
        ) { text in
            if let payload { text.writeImmutableBuffer(payload) }
        }
    }

    private static func encode(
        kind: SocketPacket.Kind, namespace: String, ackID: UInt64?, attachments: [ByteBuffer], eventName: String?, payloadCount: Int,
        writePayload: (inout ByteBuffer) -> Void
    ) -> OutgoingMessage {
        let isRoot = namespace == "/"
        var frame = ByteBuffer()
        frame.reserveCapacity(WebSocketFrameEncoder.maxHeaderLength + 26 + (isRoot ? 0 : namespace.utf8.count) + payloadCount)
        WebSocketFrameEncoder.reserveHeader(in: &frame)
        frame.writeInteger(EnginePacketType.message.digit)
        frame.writeInteger(kind.rawValue &+ UInt8(ascii: "0"))
        if kind.isBinary {
            JSONText.write(UInt64(attachments.count), into: &frame)
            frame.writeInteger(UInt8(ascii: "-"))
        }
        if !isRoot {
            frame.writeString(namespace)
            frame.writeInteger(UInt8(ascii: ","))
        }
        if let ackID { JSONText.write(ackID, into: &frame) }
        let payloadStart = frame.writerIndex
        writePayload(&frame)
        let hasPayload = frame.writerIndex > payloadStart
        let headerLength = WebSocketFrameEncoder.writeHeader(
            .text, length: frame.writerIndex - WebSocketFrameEncoder.maxHeaderLength, endingAt: WebSocketFrameEncoder.maxHeaderLength,
            of: &frame)
        return OutgoingMessage(
            kind: kind, namespace: namespace, eventName: eventName, ackID: ackID, frame: frame, headerLength: headerLength,
            payloadOffset: hasPayload ? payloadStart - frame.readerIndex : nil, attachments: attachments)
    }
}
