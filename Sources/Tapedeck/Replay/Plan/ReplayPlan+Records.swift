extension ReplayPlan.Action: LongListElement {
    /// Events that are emitted, and answers. The others are few.
    package struct Record: BitwiseCopyable, Sendable {
        fileprivate enum Kind: UInt8 { case blank, emit, answer }

        fileprivate var place = ReplayPlan.Place()
        fileprivate var ackID: UInt64 = 0
        fileprivate var arguments = RecordedArguments.Place.empty
        fileprivate var event: Int32 = -1
        fileprivate var request: Int32 = -1
        fileprivate var kind = Kind.blank
        fileprivate var hasAckID = false
    }

    package static var blank: Record { Record() }

    package func record(on shelf: inout LongListShelf) -> Record? {
        var record = Record(place: place)
        switch kind {
        case .emit(let event, let arguments, let ackID):
            guard let arguments = shelf.place(of: arguments) else { return nil }
            record.kind = .emit
            record.event = shelf.number(of: event)
            record.arguments = arguments
            record.ackID = ackID ?? 0
            record.hasAckID = ackID != nil
        case .answer(let request, let arguments):
            guard let arguments = shelf.place(of: arguments) else { return nil }
            record.kind = .answer
            record.request = Int32(clamping: request)
            record.arguments = arguments
        case .open, .upgrade, .connect, .leave, .close, .cut: return nil
        }
        return record
    }

    package init?(_ record: Record, at index: Int, on shelf: LongListShelf) {
        let arguments = shelf.arguments(at: record.arguments)
        switch record.kind {
        case .blank: return nil
        case .emit:
            self.init(
                place: record.place,
                kind: .emit(event: shelf.name(record.event) ?? "", arguments: arguments, ackID: record.hasAckID ? record.ackID : nil))
        case .answer: self.init(place: record.place, kind: .answer(request: Int(record.request), arguments: arguments))
        }
    }
}

extension ReplayPlan.Expectation: LongListElement {
    /// Events and acks. The others are few.
    package struct Record: BitwiseCopyable, Sendable {
        fileprivate enum Kind: UInt8 { case blank, event, ack }

        fileprivate var place = ReplayPlan.Place()
        fileprivate var broadcast: Int64 = -1
        fileprivate var ackID: UInt64 = 0
        fileprivate var arguments = RecordedArguments.Place.empty
        fileprivate var answered: Int32 = -1
        fileprivate var event: Int32 = -1
        fileprivate var action: Int32 = -1
        fileprivate var kind = Kind.blank
        fileprivate var hasAckID = false
        fileprivate var holdsVariables = false
        fileprivate var isOptional = false
        fileprivate var hasOffset = false
    }

    package static var blank: Record { Record() }

    package func record(on shelf: inout LongListShelf) -> Record? {
        var record = Record(
            place: place, broadcast: broadcast, answered: answered, holdsVariables: holdsVariables, isOptional: isOptional,
            hasOffset: hasOffset)
        switch kind {
        case .event(let name, let arguments, let ackID):
            guard let arguments = shelf.place(of: arguments) else { return nil }
            record.kind = .event
            record.event = shelf.number(of: name)
            record.arguments = arguments
            record.ackID = ackID ?? 0
            record.hasAckID = ackID != nil
        case .ack(let action, let event, let arguments):
            guard let arguments = shelf.place(of: arguments) else { return nil }
            record.kind = .ack
            record.event = shelf.number(of: event)
            record.arguments = arguments
            record.action = Int32(clamping: action)
        case .connected, .refused, .disconnected, .closed: return nil
        }
        return record
    }

    package init?(_ record: Record, at index: Int, on shelf: LongListShelf) {
        let arguments = shelf.arguments(at: record.arguments)
        let name = shelf.name(record.event) ?? ""
        let kind: Kind
        switch record.kind {
        case .blank: return nil
        case .event: kind = .event(name: name, arguments: arguments, ackID: record.hasAckID ? record.ackID : nil)
        case .ack: kind = .ack(action: Int(record.action), event: name, arguments: arguments)
        }
        self.init(
            place: record.place, kind: kind, answered: record.answered, broadcast: record.broadcast, holdsVariables: record.holdsVariables,
            isOptional: record.isOptional, hasOffset: record.hasOffset)
    }
}
