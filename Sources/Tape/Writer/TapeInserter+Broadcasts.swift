extension TapeInserter {
    func insert(_ broadcast: TapeBroadcast, at: Int64) throws(SQLiteError) {
        var broadcast = broadcast
        if let clean = redactor?.redacted(broadcast.payload, broadcast.attachments, event: broadcast.event) {
            (broadcast.payload, broadcast.attachments) = (clean.payload, clean.attachments)
        }
        let id = rowID(broadcast: broadcast.number)
        let summary = BroadcastSummary(
            event: try broadcast.event.map { name throws(SQLiteError) in try events.id(of: name) },
            ackID: broadcast.ackID.map { Int64(clamping: $0) }, bytes: Int64(broadcast.bytes))
        if broadcasts.count >= 10_000 { broadcasts.removeAll(keepingCapacity: true) }
        broadcasts[id] = summary

        let statement = statements.insertBroadcast
        statement.bind(1, id)
        statement.bind(2, at)
        statement.bind(3, broadcast.type.code)
        statement.bind(4, try namespaces.id(of: broadcast.namespace))
        statement.bind(5, summary.event)
        statement.bind(6, summary.ackID)
        statement.bind(7, summary.bytes)
        statement.bind(8, Int64(broadcast.attachments.count))
        statement.bind(10, broadcast.recoveryOffset)
        let payload = payload(broadcast.payload, event: broadcast.event, recoveryOffset: broadcast.recoveryOffset)
        try statement.run(text: payload, at: 9)
        try insert(broadcast.attachments, of: id, statements.insertBroadcastAttachment)
    }

    /// `id` is that of the first packet; each receiver's is the next, in ascending order of sessions.
    func insertDelivery(of number: UInt64, to receivers: [UInt64], id: Int64, at: Int64) throws(SQLiteError) {
        guard !receivers.isEmpty else { return }
        let broadcast = rowID(broadcast: number)
        let summary = try summary(of: broadcast)
        var sorted = receivers.map { rowID(session: $0) }
        if zip(sorted, sorted.dropFirst()).contains(where: { $0 >= $1 }) { sorted = Set(sorted).sorted() }

        let (part, additions) = lists.part(for: sorted)
        for addition in additions {
            let statement = statements.insertReceiver
            statement.bind(1, addition.list)
            statement.bind(2, Int64(addition.position))
            statement.bind(3, addition.session)
            try statement.run()
        }
        let statement = statements.insertDelivery
        statement.bind(1, id)
        statement.bind(2, broadcast)
        statement.bind(3, at)
        statement.bind(4, part.list)
        statement.bind(5, Int64(part.length))
        statement.bind(6, part.omitted.isEmpty ? nil : JSONText.array(part.omitted))
        try statement.run()

        for session in sorted { sessions.count(session, .out, id: id) }
        if let event = summary.event {
            let count = Int64(sorted.count)
            eventBlocks.count(event: event, id: id, direction: .out, packets: count, bytes: summary.bytes * count)
        }
        if let ackID = summary.ackID {
            for (offset, session) in sorted.enumerated() {
                acks.request(
                    AckBatch.Key(session: session, direction: TapeDirection.out.code, ackID: ackID), id: id + Int64(offset),
                    event: summary.event, at: at)
            }
        }
    }

    private func summary(of broadcast: Int64) throws(SQLiteError) -> BroadcastSummary {
        if let known = broadcasts[broadcast] { return known }
        let statement = statements.findBroadcast
        statement.bind(1, broadcast)
        defer { statement.reset() }
        guard try statement.step() else { return BroadcastSummary(event: nil, ackID: nil, bytes: 0) }
        return BroadcastSummary(
            event: statement.isNull(0) ? nil : statement.integer(0), ackID: statement.isNull(1) ? nil : statement.integer(1),
            bytes: statement.integer(2))
    }
}
