import Hummingbird
import SocketIOWire
import Tape

/// What happened, from the largest to the smallest: runs, connections, sessions, gaps.
extension Inspector {
    func addHistory(to api: inout APIRoutes) {
        api.list("runs", "The recordings on the tape.", [], of: "Run", on: self) { _ in
            { try $0.runs(after: $1, limit: $2) }
        }
        addConnections(to: &api)
        addSessions(to: &api)
        api.list("gaps", "What could not be recorded.", [], of: "Gap", on: self) { _ in
            { try $0.gaps(after: $1, limit: $2) }
        }
    }

    private func addConnections(to api: inout APIRoutes) {
        api.list("connections", "The connections of clients.", [.run], of: "Connection", on: self) { request in
            let run = try request.parameters.integer("run")
            return { try $0.connections(run: run, after: $1, limit: $2) }
        }
        api.get("connections/{id}", "One connection.", [], .row("Connection")) { request in
            let id = try request.id()
            guard let row = try await read({ try $0.connection(id) }) else { throw Problem.no("connection \(id)") }
            return .json(try JSONValue(row: row), isTagged: row.closedAt != nil, for: request.request)
        }
        api.get(
            "connections/{id}/end", "Why a connection ended: the reason, who ended it, and the last packets before.", [.limit], .row("End")
        ) { request in
            let id = try request.id()
            let limit = request.parameters.has("limit") ? try request.parameters.limit() : EndOfConversation.packetCount
            let found = try await read { tape -> EndOfConversation? in
                guard let connection = try tape.connection(id) else { return nil }
                return EndOfConversation(
                    reason: connection.closeReason, detail: connection.closeDetail, at: connection.closedAt,
                    packets: try tape.lastPackets(of: connection, count: limit))
            }
            guard let found else { throw Problem.no("connection \(id)") }
            return .json(try found.json, isTagged: found.at != nil, for: request.request)
        }
    }

    private func addSessions(to api: inout APIRoutes) {
        let sid = APIParameter("sid", .text, "With this Socket.IO id.")
        let open = APIParameter("open", .flag, "true: only those that have not ended; false: only those that have.")
        api.list("sessions", "The sockets that namespaces accepted.", [.run, .connection, .namespace, sid, open], of: "Session", on: self) {
            request in
            var filter = SessionFilter()
            filter.run = try request.parameters.integer("run")
            filter.connection = try request.parameters.integer("connection")
            filter.namespace = request.parameters.text("namespace")
            filter.sid = request.parameters.text("sid")
            if request.parameters.has("open") { filter.isOpen = try request.parameters.isOn("open") }
            return { [filter] in try $0.sessions(filter, after: $1, limit: $2) }
        }
        api.get("sessions/{id}", "One session.", [], .row("Session")) { request in
            let id = try request.id()
            guard let row = try await read({ try $0.session(id) }) else { throw Problem.no("session \(id)") }
            return .json(try JSONValue(row: row), isTagged: row.disconnectedAt != nil, for: request.request)
        }
        api.get("sessions/{id}/end", "Why a session ended: the reason, who ended it, and the last packets before.", [.limit], .row("End")) {
            request in
            let id = try request.id()
            let limit = request.parameters.has("limit") ? try request.parameters.limit() : EndOfConversation.packetCount
            let found = try await read { tape -> EndOfConversation? in
                guard let session = try tape.session(id) else { return nil }
                let connection = try tape.connection(session.connectionID)
                // What the connection says of itself belongs to the session that it took along.
                let detail = connection?.closeReason == session.reason ? connection?.closeDetail : nil
                return EndOfConversation(
                    reason: session.reason, detail: detail, at: session.disconnectedAt,
                    packets: try tape.lastPackets(of: session, count: limit))
            }
            guard let found else { throw Problem.no("session \(id)") }
            return .json(try found.json, isTagged: found.at != nil, for: request.request)
        }
    }
}

extension TapeSnapshot {
    /// Heartbeats included: a client that fell silent is seen by its missing pong.
    fileprivate func lastPackets(of connection: ConnectionRow, count: Int) throws -> [PacketRow] {
        var filter = PacketFilter()
        filter.connection = connection.id
        filter.includesHeartbeats = true
        return try lastPackets(filter, count: count)
    }

    /// Of the session and of its connection, up to the moment of the end.
    fileprivate func lastPackets(of session: SessionRow, count: Int) throws -> [PacketRow] {
        var filter = PacketFilter()
        filter.connection = session.connectionID
        filter.includesHeartbeats = true
        filter.until = session.disconnectedAt.flatMap(ISO8601Time.microseconds).map { $0 + 1 }
        return try lastPackets(filter, count: count * 4).filter { $0.sessionID == nil || $0.sessionID == session.id }.suffix(count)
    }
}
