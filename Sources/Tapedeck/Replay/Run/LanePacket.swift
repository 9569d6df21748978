package import SocketIOWire

/// A Socket.IO packet as replay sees it, in either direction.
package struct LanePacket: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case connect
        case connectError
        case disconnect
        case event(name: String, ackID: UInt64?)
        case ack(UInt64)
    }

    package let kind: Kind
    package let namespace: String
    /// Events and acks: the arguments. Connect and connect error: the payload, if there is one.
    package let arguments: [JSONValue]

    package init(kind: Kind, namespace: String, arguments: [JSONValue] = []) {
        self.kind = kind
        self.namespace = namespace
        self.arguments = arguments
    }
}
