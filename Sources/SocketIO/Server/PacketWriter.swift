import NIOCore
import SocketIOWire

/// Writes a server's packets, in the form of its parser.
struct PacketWriter: Sendable {
    /// nil: the default form.
    let parser: (any PacketParser)?

    func event(namespace: String, name: String, arguments: JSONArguments, ackID: UInt64?) -> OutgoingMessage {
        let message = SocketPacketEncoder.encodeEvent(namespace: namespace, name: name, arguments: arguments, ackID: ackID)
        return parser == nil ? message : message.written(by: parser)
    }

    func ack(namespace: String, ackID: UInt64, arguments: JSONArguments) -> OutgoingMessage {
        let message = SocketPacketEncoder.encodeAck(namespace: namespace, ackID: ackID, arguments: arguments)
        return parser == nil ? message : message.written(by: parser)
    }

    func connect(namespace: String, payload: ByteBuffer?) -> OutgoingMessage {
        SocketPacketEncoder.encodeConnect(namespace: namespace, payload: payload).written(by: parser)
    }

    /// - Parameter body: the object with `message` and `data` that clients expect, or what clients of Socket.IO 2 do.
    func connectError(namespace: String, body: JSONValue) -> OutgoingMessage {
        SocketPacketEncoder.encode(kind: .connectError, namespace: namespace, payload: body.serialized()).written(by: parser)
    }

    func disconnect(namespace: String) -> OutgoingMessage {
        SocketPacketEncoder.encodeDisconnect(namespace: namespace).written(by: parser)
    }
}
