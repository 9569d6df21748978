import NIOCore

extension TapeInserter {
    func insert(_ packet: TapePacket, id: Int64, at: Int64) throws(SQLiteError) {
        let clean = redactor?.redacted(packet.payload, packet.attachments, event: packet.event)
        let attachments = clean?.attachments ?? packet.attachments
        let event = try packet.event.map { name throws(SQLiteError) in try events.id(of: name) }
        let bytes = Int64(packet.bytes)
        let ackID = packet.ackID.map { Int64(clamping: $0) }
        let payload = payload(clean.map(\.payload) ?? packet.payload, event: packet.event, recoveryOffset: packet.recoveryOffset)
        if let event { eventBlocks.count(event: event, id: id, direction: packet.direction, bytes: bytes) }
        guard let number = packet.session else {
            let statement = statements.insertConnectionPacket
            statement.bind(1, id)
            statement.bind(2, rowID(connection: packet.connection))
            statement.bind(3, at)
            statement.bind(4, packet.direction.code)
            statement.bind(5, 1)
            statement.bind(6, packet.type.code)
            statement.bind(7, try namespaces.id(of: packet.namespace))
            statement.bind(8, event)
            statement.bind(9, ackID)
            statement.bind(10, bytes)
            statement.bind(11, Int64(attachments.count))
            try statement.run(text: payload, at: 12)
            try insert(attachments, of: id, statements.insertPacketAttachment)
            return
        }

        let session = rowID(session: number)
        if !sessions.count(session, packet.direction, id: id) {
            try reserve(session, connection: packet.connection, namespace: packet.namespace)
            sessions.count(session, packet.direction, id: id)
        }
        let statement = statements.insertPacket
        statement.bind(1, id)
        statement.bind(2, session)
        statement.bind(3, at)
        statement.bind(4, packet.direction.code)
        statement.bind(5, packet.type.code)
        statement.bind(6, event)
        statement.bind(7, ackID)
        statement.bind(8, bytes)
        statement.bind(9, Int64(attachments.count))
        statement.bind(11, packet.recoveryOffset)
        try statement.run(text: payload, at: 10)
        if !attachments.isEmpty { try insert(attachments, of: id, statements.insertPacketAttachment) }
        if packet.type == .connectError { _ = sessions.end(session) }

        guard let ackID else { return }
        if packet.type.isAck {
            let request: TapeDirection = packet.direction == .in ? .out : .in
            try answerAck(AckBatch.Key(session: session, direction: request.code, ackID: ackID), id: id, at: at)
        } else if packet.type.isEvent {
            acks.request(AckBatch.Key(session: session, direction: packet.direction.code, ackID: ackID), id: id, event: event, at: at)
        }
    }

    func insert(_ packet: TapeEnginePacket, id: Int64, at: Int64) throws(SQLiteError) {
        let statement = statements.insertConnectionPacket
        statement.bind(1, id)
        statement.bind(2, rowID(connection: packet.connection))
        statement.bind(3, at)
        statement.bind(4, packet.direction.code)
        statement.bind(5, 0)
        statement.bind(6, packet.type.code)
        statement.bind(7, nil as Int64?)
        statement.bind(8, nil as Int64?)
        statement.bind(9, nil as Int64?)
        statement.bind(10, Int64(packet.bytes))
        guard let payload = packet.payload, payload.readableBytes > 0 else {
            statement.bind(11, 0)
            return try statement.run(text: nil, at: 12)
        }
        // `data` is JSON in the views, so what is not is quoted; what is not even text is kept as an attachment.
        if packet.type == .open, payload.readableBytesView.first == UInt8(ascii: "{") {
            statement.bind(11, 0)
            try statement.run(text: payload, at: 12)
        } else if let text = String(validating: payload.readableBytesView, as: UTF8.self) {
            statement.bind(11, 0)
            try statement.run(text: ByteBuffer(string: JSONText.string(redactor?.redacted(text: text) ?? text)), at: 12)
        } else {
            statement.bind(11, 1)
            try statement.run(text: nil, at: 12)
            try insert([redactor?.redactedAttachment(payload) ?? payload], of: id, statements.insertPacketAttachment)
        }
    }

    /// An event's data with its head as the view `events` knows it, and without what recovery appended.
    func payload(_ payload: ByteBuffer?, event: String?, recoveryOffset: String?) -> ByteBuffer? {
        guard var payload, let event else { return payload }
        if let recoveryOffset {
            let end = ",\"\(recoveryOffset)\"]"
            if payload.readableBytesView.suffix(end.utf8.count).elementsEqual(end.utf8) {
                payload.moveWriterIndex(to: payload.writerIndex - end.utf8.count)
                payload.writeString("]")
            }
        }
        return EventHead.respelled(payload, event: event) ?? payload
    }

    func insert(_ attachments: [ByteBuffer], of owner: Int64, _ statement: SQLiteStatement) throws(SQLiteError) {
        for (index, attachment) in attachments.enumerated() {
            statement.bind(1, owner)
            statement.bind(2, Int64(index))
            try statement.run(blob: attachment, at: 3)
        }
    }

    func writeEventBlocks() throws(SQLiteError) {
        let statement = statements.addToEventBlock
        for (key, count) in eventBlocks.finished() {
            statement.bind(1, key.event)
            statement.bind(2, key.block)
            statement.bind(3, count.packetsIn)
            statement.bind(4, count.packetsOut)
            statement.bind(5, count.bytes)
            try statement.run()
        }
    }
}
