/// Why something is no Socket.IO packet. The connection it came over cannot go on after it.
public enum SocketPacketError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case unknownType(UInt8)
    case invalidAttachmentCount
    case tooManyAttachments(count: Int, limit: Int)
    case namespaceTooLong(bytes: Int, limit: Int)
    case ackIDTooLarge
    case unexpectedAckID(SocketPacket.Kind)
    case missingAckID
    case missingPayload(SocketPacket.Kind)
    case unexpectedPayload(SocketPacket.Kind)
    case invalidPayload(SocketPacket.Kind, expected: String)
    case reservedEventName(String)
    case invalidJSON(JSONError)
    case illegalAttachments
    case textWhileAwaitingAttachments(missing: Int)
    case unexpectedBinary
    case unexpectedText
    case invalidNamespace
    case invalidMessagePack(MessagePackError)

    public var description: String {
        switch self {
        case .empty: "an empty Socket.IO packet: it must begin with its type, a digit from 0 to 6"
        case .unknownType(let byte):
            "a Socket.IO packet must begin with its type, a digit from 0 to 6, not with byte 0x\(String(byte, radix: 16))"
        case .invalidAttachmentCount: "a binary packet must give the number of its attachments and a dash after its type, as in 51-"
        case .tooManyAttachments(let count, let limit): "too many attachments: \(count), the limit is \(limit) (maxAttachments)"
        case .namespaceTooLong(let bytes, let limit): "a namespace of \(bytes) bytes, the limit is \(limit) (maxNamespaceLength)"
        case .ackIDTooLarge: "an acknowledgement id above 2^53"
        case .unexpectedAckID(let kind): "a packet of type \(kind) has no acknowledgement id"
        case .missingAckID: "an acknowledgement without the id of what it acknowledges"
        case .missingPayload(let kind): "a packet of type \(kind) without payload"
        case .unexpectedPayload(let kind): "a packet of type \(kind) has no payload"
        case .invalidPayload(let kind, let expected): "invalid payload of a packet of type \(kind): \(expected) expected"
        case .reservedEventName(let name): "\"\(name)\" is a reserved event name"
        case .invalidJSON(let error): error.description
        case .illegalAttachments: "illegal attachments: a placeholder names an attachment that the packet does not have"
        case .textWhileAwaitingAttachments(let missing):
            "a text message where \(missing) more binary attachment(s) of the packet before must come"
        case .unexpectedBinary: "a binary message that belongs to no packet"
        case .unexpectedText: "a text message where this server's parser takes binary ones: client and server must use the same parser"
        case .invalidNamespace: "a namespace with a comma, which ends its name on the wire"
        case .invalidMessagePack(let error): error.description
        }
    }
}
