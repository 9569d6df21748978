extension TapeInserter {
    func open(_ connection: TapeConnection, at: Int64) throws(SQLiteError) {
        let statement = statements.openConnection
        statement.bind(1, rowID(connection: connection.number))
        statement.bind(2, run)
        statement.bind(3, connection.sid)
        statement.bind(4, Int64(connection.engineProtocol))
        statement.bind(5, connection.transport)
        statement.bind(6, connection.remoteAddress)
        statement.bind(7, connection.url)
        statement.bind(8, JSONText.headers(connection.headers))
        statement.bind(9, at)
        try statement.run()
    }

    /// A row for a socket that has shown itself by a packet and may yet be refused.
    func reserve(_ session: Int64, connection: UInt64, namespace: String) throws(SQLiteError) {
        let statement = statements.reserveSession
        statement.bind(1, session)
        statement.bind(2, rowID(connection: connection))
        statement.bind(3, run)
        statement.bind(4, try namespaces.id(of: namespace))
        try statement.run()
        let isNew = self.connection.changes == 1
        sessions.begin(session, isComplete: isNew)
        if !isNew {
            // After a failed batch the row counts up to somewhere; after the end of the session it no longer counts all.
            statements.uncountSession.bind(1, session)
            try statements.uncountSession.run()
        }
    }

    func connect(_ session: TapeSession, at: Int64) throws(SQLiteError) {
        let id = rowID(session: session.number)
        let statement = statements.connectSession
        statement.bind(1, id)
        statement.bind(2, rowID(connection: session.connection))
        statement.bind(3, run)
        statement.bind(4, try namespaces.id(of: session.namespace))
        statement.bind(5, session.sid)
        statement.bind(6, at)
        statement.bind(7, session.recovered ? 1 : 0)
        try statement.run(text: redactor.map { $0.redacted(auth: session.auth) } ?? session.auth, at: 8)
        if !sessions.knows(id) { sessions.begin(id, isComplete: false) }
    }

    func disconnect(_ number: UInt64, reason: String, at: Int64) throws(SQLiteError) {
        let session = rowID(session: number)
        let statement = statements.disconnectSession
        statement.bind(1, session)
        statement.bind(2, at)
        statement.bind(3, reason)
        try statement.run()
        try store(sessions.end(session), of: session, upTo: StoredCounts.all)
        statements.countLeaves.bind(1, session)
        try statements.countLeaves.run()
        statements.leaveAllRooms.bind(1, session)
        try statements.leaveAllRooms.run()
        acks.end(session: session)
        statements.loseAcks.bind(1, session)
        try statements.loseAcks.run()
    }

    private func count(_ statement: SQLiteStatement, _ room: Int64) throws(SQLiteError) {
        statement.bind(1, room)
        try statement.run()
    }

    /// Brings the counts in a session's row up to all packets below `id`.
    private func store(_ count: SessionCounts.Count?, of session: Int64, upTo id: Int64) throws(SQLiteError) {
        if let count, count.isComplete {
            let statement = statements.storeCounts
            statement.bind(1, session)
            statement.bind(2, count.packetsIn)
            statement.bind(3, count.packetsOut)
            statement.bind(4, id)
            return try statement.run()
        }
        let statement = statements.recount
        statement.bind(1, session)
        statement.bind(2, id)
        defer { statement.reset() }
        while try statement.step() { sessions.correct(session, packetsIn: statement.integer(0), packetsOut: statement.integer(1)) }
    }

    /// Brings up the counts of a few sessions, all others of the batch being written.
    func storeDueCounts() throws(SQLiteError) {
        for (session, count) in sessions.endBatch() { try store(count, of: session, upTo: nextID) }
    }

    /// The recording ends: no session will have more.
    func storeAllCounts() throws(SQLiteError) {
        for (session, count) in sessions.all where count.isComplete { try store(count, of: session, upTo: StoredCounts.all) }
    }

    func insert(_ drop: TapeDrop, id: Int64, at: Int64) throws(SQLiteError) {
        let statement = statements.insertDrop
        statement.bind(1, id)
        statement.bind(2, rowID(session: drop.session))
        statement.bind(3, at)
        statement.bind(4, try events.id(of: drop.event))
        statement.bind(5, Int64(drop.bytes))
        statement.bind(6, drop.broadcast.map { rowID(broadcast: $0) })
        try statement.run()
    }

    func insertMarker(_ name: String, id: Int64, at: Int64) throws(SQLiteError) {
        let statement = statements.insertMarker
        statement.bind(1, id)
        statement.bind(2, run)
        statement.bind(3, at)
        statement.bind(4, name)
        try statement.run()
    }

    func insert(_ change: TapeRoomChange, id: Int64, at: Int64) throws(SQLiteError) {
        let session = rowID(session: change.session)
        let room = try rooms.id(of: change.room, in: namespaces.id(of: change.namespace))
        let statement = statements.insertRoomChange
        statement.bind(1, id)
        statement.bind(2, session)
        statement.bind(3, at)
        statement.bind(4, room)
        statement.bind(5, change.action == .join ? 1 : 0)
        statement.bind(6, change.cause.rawValue)
        statement.bind(7, sessions.lastReceived(by: session))
        try statement.run()
        switch change.action {
        case .join:
            statements.joinRoom.bind(1, room)
            statements.joinRoom.bind(2, session)
            statements.joinRoom.bind(3, at)
            try statements.joinRoom.run()
            if connection.changes == 1 { try count(statements.countJoin, room) }
        case .leave:
            statements.leaveRoom.bind(1, room)
            statements.leaveRoom.bind(2, session)
            try statements.leaveRoom.run()
            if connection.changes == 1 { try count(statements.countLeave, room) }
        }
    }
}
