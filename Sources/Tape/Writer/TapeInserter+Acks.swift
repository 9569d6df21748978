extension TapeInserter {
    func answerAck(_ key: AckBatch.Key, id: Int64, at: Int64) throws(SQLiteError) {
        if acks.respond(key, id: id, at: at) { return }
        let statement = statements.answerAck
        statement.bind(1, key.session)
        statement.bind(2, key.direction)
        statement.bind(3, key.ackID)
        statement.bind(4, id)
        statement.bind(5, at)
        try statement.run()
    }

    /// The server stopped waiting for the client's ack.
    func timeOutAck(session: UInt64, ackID: UInt64) throws(SQLiteError) {
        let key = AckBatch.Key(session: rowID(session: session), direction: TapeDirection.out.code, ackID: Int64(clamping: ackID))
        if acks.timeOut(key) { return }
        let statement = statements.timeOutAck
        statement.bind(1, key.session)
        statement.bind(2, key.direction)
        statement.bind(3, key.ackID)
        try statement.run()
    }

    func writeAcks() throws(SQLiteError) {
        let statement = statements.insertAck
        for row in acks.finished() {
            statement.bind(1, row.request)
            statement.bind(2, row.response)
            statement.bind(3, row.key.session)
            statement.bind(4, row.event)
            statement.bind(5, row.key.direction)
            statement.bind(6, row.key.ackID)
            statement.bind(7, row.requestedAt)
            statement.bind(8, row.ackedAt)
            statement.bind(9, row.ackedAt.map { Double($0 - row.requestedAt) / 1000 })
            statement.bind(10, row.status.rawValue)
            try statement.run()
        }
    }
}
