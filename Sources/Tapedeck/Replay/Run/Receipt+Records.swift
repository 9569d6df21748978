extension Receipt: LongListElement {
    /// What came as it should, once its arguments are stored.
    package struct Record: BitwiseCopyable, Sendable {
        fileprivate enum Kind: UInt8 { case blank, event, ack }

        fileprivate var ackID: UInt64 = 0
        fileprivate var content = RecordedArguments.Place.empty
        fileprivate var lane: Int32 = 0
        fileprivate var session: Int32 = -1
        fileprivate var anchor: Int32 = -1
        fileprivate var name: Int32 = -1
        fileprivate var action: Int32 = -1
        fileprivate var kind = Kind.blank
        fileprivate var hasAckID = false
    }

    package static var blank: Record { Record() }

    package func record(on shelf: inout LongListShelf) -> Record? {
        var record = Record(lane: Int32(clamping: lane), session: Int32(clamping: session ?? -1), anchor: Int32(clamping: anchor ?? -1))
        switch kind {
        case .event(let name, let ackID):
            record.kind = .event
            record.name = shelf.number(of: name)
            record.ackID = ackID ?? 0
            record.hasAckID = ackID != nil
        case .ack(let action, let event):
            record.kind = .ack
            record.name = shelf.number(of: event)
            record.action = Int32(clamping: action)
        case .connected, .refused, .strayAck, .disconnected, .closed: return nil
        }
        guard let content = shelf.place(of: content) else { return nil }
        record.content = content
        return record
    }

    package init?(_ record: Record, at index: Int, on shelf: LongListShelf) {
        let name = shelf.name(record.name) ?? ""
        let kind: Kind
        switch record.kind {
        case .blank: return nil
        case .event: kind = .event(name: name, ackID: record.hasAckID ? record.ackID : nil)
        case .ack: kind = .ack(action: Int(record.action), event: name)
        }
        self.init(
            index: index, lane: Int(record.lane), session: record.session < 0 ? nil : Int(record.session), kind: kind,
            content: shelf.arguments(at: record.content), anchor: record.anchor < 0 ? nil : Int(record.anchor))
    }
}
