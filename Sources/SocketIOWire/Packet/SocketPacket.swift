public import NIOCore

/// One packet of Socket.IO, protocol 5, as it came over the wire.
public struct SocketPacket: Sendable {
    public enum Kind: UInt8, Sendable, CaseIterable {
        case connect = 0
        case disconnect, event, ack, connectError, binaryEvent, binaryAck

        /// An event with or without attachments: to the receiver the same thing.
        public var isEvent: Bool { self == .event || self == .binaryEvent }
        /// An acknowledgement with or without attachments.
        public var isAck: Bool { self == .ack || self == .binaryAck }
        public var isBinary: Bool { self == .binaryEvent || self == .binaryAck }
    }

    public let kind: Kind
    /// `/` if the packet names none.
    public let namespace: String
    public let ackID: UInt64?
    /// The JSON text as on the wire: valid, and of the shape that ``kind`` asks for.
    public let payload: ByteBuffer?
    public internal(set) var attachments: [ByteBuffer]
    /// Events only. A number as name is given as its digits.
    public let eventName: String?
    /// Where the arguments stand within the readable bytes of ``payload``.
    let argumentRange: Range<Int>

    init(
        kind: Kind, namespace: String, ackID: UInt64? = nil, payload: ByteBuffer? = nil, attachments: [ByteBuffer] = [],
        eventName: String? = nil, argumentRange: Range<Int> = 0..<0
    ) {
        self.kind = kind
        self.namespace = namespace
        self.ackID = ackID
        self.payload = payload
        self.attachments = attachments
        self.eventName = eventName
        self.argumentRange = argumentRange
    }

    /// A CONNECT that was not on the wire: servers join clients of Socket.IO 2 by themselves.
    package static func impliedConnect(to namespace: String) -> SocketPacket {
        SocketPacket(kind: .connect, namespace: namespace, payload: nil)
    }

    /// The same packet for another namespace, with another payload.
    package func with(namespace: String, payload: ByteBuffer?) -> SocketPacket {
        SocketPacket(
            kind: kind, namespace: namespace, ackID: ackID, payload: payload, attachments: attachments, eventName: eventName,
            argumentRange: argumentRange)
    }

    /// Of an event what follows its name, of an acknowledgement everything; empty for other packets. A slice, not a copy.
    public var arguments: JSONArguments {
        guard let payload, let json = payload.getSlice(at: payload.readerIndex + argumentRange.lowerBound, length: argumentRange.count)
        else {
            return JSONArguments()
        }
        return JSONArguments(uncheckedJSON: json, attachments: attachments)
    }
}
