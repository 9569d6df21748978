package import NIOCore

/// Writes Socket.IO packets, with the WebSocket frame around them, in one go.
///
/// Into one buffer goes room for the longest frame header, the `4` of Engine.IO, and the packet; when the length is known, the header is
/// put right before the `4`. So the frame, the text for polling and the JSON for the tape are slices of the same bytes.
package enum SocketPacketEncoder {
    /// Binary if the arguments have attachments.
    package static func encodeEvent(namespace: String, name: String, arguments: JSONArguments, ackID: UInt64? = nil) -> OutgoingMessage {
        // An escaped character takes six bytes at most.
        encode(
            kind: arguments.attachments.isEmpty ? .event : .binaryEvent, namespace: namespace, ackID: ackID,
            attachments: arguments.attachments, eventName: name, payloadCount: 6 * name.utf8.count + arguments.json.readableBytes + 5
        ) { text in
            text.write(UInt8(ascii: "["))
            text.write(quoted: name)
            if !arguments.isEmpty {
                text.write(UInt8(ascii: ","))
                text.write(arguments.json)
            }
            text.write(UInt8(ascii: "]"))
        }
    }

    package static func encodeAck(namespace: String, ackID: UInt64, arguments: JSONArguments) -> OutgoingMessage {
        encode(
            kind: arguments.attachments.isEmpty ? .ack : .binaryAck, namespace: namespace, ackID: ackID, attachments: arguments.attachments,
            eventName: nil, payloadCount: arguments.json.readableBytes + 2
        ) { text in
            text.write(UInt8(ascii: "["))
            text.write(arguments.json)
            text.write(UInt8(ascii: "]"))
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
            if let payload { text.write(payload) }
        }
    }

    private static func encode(
        kind: SocketPacket.Kind, namespace: String, ackID: UInt64?, attachments: [ByteBuffer], eventName: String?, payloadCount: Int,
        writePayload: (inout PacketBytes) -> Void
    ) -> OutgoingMessage {
        let isRoot = namespace == "/"
        // The header, two types, two numbers of 20 digits, a dash and a comma, the namespace, the payload.
        let capacity = headerRoom + 44 + (isRoot ? 0 : namespace.utf8.count) + payloadCount
        var headerLength = 0
        var payloadStart = 0
        var frame = ByteBuffer()
        frame.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var text = PacketBytes(memory)
            text.skip(headerRoom)
            text.write(EnginePacketType.message.digit)
            text.write(kind.rawValue &+ UInt8(ascii: "0"))
            if kind.isBinary {
                text.write(decimal: UInt64(attachments.count))
                text.write(UInt8(ascii: "-"))
            }
            if !isRoot {
                text.write(namespace)
                text.write(UInt8(ascii: ","))
            }
            if let ackID { text.write(decimal: ackID) }
            payloadStart = text.count
            writePayload(&text)
            headerLength = text.writeFrameHeader(endingAt: headerRoom)
            return text.count
        }
        frame.moveReaderIndex(forwardBy: headerRoom - headerLength)
        return OutgoingMessage(
            kind: kind, namespace: namespace, eventName: eventName, ackID: ackID, frame: frame, headerLength: headerLength,
            payloadOffset: frame.writerIndex > payloadStart ? payloadStart - frame.readerIndex : nil, attachments: attachments)
    }

    /// Room for the longest header, before the text whose length it tells.
    private static let headerRoom = WebSocketFrameEncoder.maxHeaderLength
}
