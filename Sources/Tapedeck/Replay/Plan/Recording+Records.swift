extension Recording.Packet: LongListElement {
    /// Sessions and broadcasts that there are none of are -1.
    package struct Record: BitwiseCopyable, Sendable {
        fileprivate enum Kind: UInt8 { case blank, engineOpen, engineClose, engineUpgrade, connect, connectError, disconnect, event, ack }

        fileprivate var id: Int64 = 0
        fileprivate var connectionID: Int64 = 0
        fileprivate var sessionID: Int64 = -1
        fileprivate var at: Int64 = 0
        fileprivate var broadcastID: Int64 = -1
        fileprivate var ackID: UInt64 = 0
        fileprivate var content = RecordedArguments.Place.empty
        fileprivate var namespace: Int32 = -1
        fileprivate var event: Int32 = -1
        fileprivate var kind = Kind.blank
        fileprivate var isIncoming = false
        fileprivate var hasAckID = false
        fileprivate var hasOffset = false
    }

    package static var blank: Record { Record() }

    package func record(on shelf: inout LongListShelf) -> Record? {
        guard let content = shelf.place(of: content) else { return nil }
        return Record(
            id: id, connectionID: connectionID, sessionID: sessionID ?? -1, at: at, broadcastID: broadcastID ?? -1, ackID: ackID ?? 0,
            content: content, namespace: shelf.number(of: namespace), event: shelf.number(of: event), kind: kind.number,
            isIncoming: direction == .incoming, hasAckID: ackID != nil, hasOffset: hasOffset)
    }

    package init?(_ record: Record, at index: Int, on shelf: LongListShelf) {
        guard let kind = Recording.Kind(record.kind) else { return nil }
        self.init(
            id: record.id, connectionID: record.connectionID, sessionID: record.sessionID < 0 ? nil : record.sessionID, at: record.at,
            direction: record.isIncoming ? .incoming : .outgoing, kind: kind, namespace: shelf.name(record.namespace) ?? "/",
            event: shelf.name(record.event), ackID: record.hasAckID ? record.ackID : nil, content: shelf.arguments(at: record.content),
            broadcastID: record.broadcastID < 0 ? nil : record.broadcastID, hasOffset: record.hasOffset)
    }
}

extension Recording.Kind {
    fileprivate var number: Recording.Packet.Record.Kind {
        switch self {
        case .engineOpen: .engineOpen
        case .engineClose: .engineClose
        case .engineUpgrade: .engineUpgrade
        case .connect: .connect
        case .connectError: .connectError
        case .disconnect: .disconnect
        case .event: .event
        case .ack: .ack
        }
    }

    fileprivate init?(_ number: Recording.Packet.Record.Kind) {
        switch number {
        case .blank: return nil
        case .engineOpen: self = .engineOpen
        case .engineClose: self = .engineClose
        case .engineUpgrade: self = .engineUpgrade
        case .connect: self = .connect
        case .connectError: self = .connectError
        case .disconnect: self = .disconnect
        case .event: self = .event
        case .ack: self = .ack
        }
    }
}
