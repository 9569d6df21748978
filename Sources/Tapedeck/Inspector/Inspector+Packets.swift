import HTTPTypes
import Hummingbird
import Tape

/// Packets, one by one: each list filter of the contract, alone or together with others.
extension Inspector {
    private static let filters: Set<String> = [
        "run", "session", "connection", "namespace", "event", "direction", "layer", "type", "room", "since", "until", "q", "heartbeats",
        "broadcast",
    ]

    func addPackets(to api: RouterGroup<InspectorContext>) {
        api.get("packets") { request, _ in
            let cursor = try Cursor(request, and: Self.filters)
            let filter = try PacketFilter(cursor.parameters)
            return try Response(page: try await read { try $0.packets(filter, after: cursor.after, limit: cursor.limit) })
        }
        api.get("sessions/:id/packets") { request, context in
            let id = try context.rowID()
            let cursor = try Cursor(request, and: Self.filters.subtracting(["session"]))
            var filter = try PacketFilter(cursor.parameters)
            filter.session = id
            let page = try await read { [filter] tape in
                try tape.session(id) == nil ? nil : try tape.packets(filter, after: cursor.after, limit: cursor.limit)
            }
            guard let page else { throw Problem(status: .notFound, title: "Not found", detail: "There is no session \(id) on this tape.") }
            return try Response(page: page)
        }
        api.get("packets/:id") { request, context in
            let id = try context.rowID()
            return try Response(row: try await read { try $0.packet(id) }, orNo: "packet \(id)")
        }
        api.get("packets/:id/attachments") { request, context in
            let id = try context.rowID()
            return try Response(items: try await read { try $0.attachments(of: id) })
        }
        api.get("packets/:id/attachments/:index") { request, context in
            let id = try context.rowID()
            let index = Int(clamping: try context.rowID("index"))
            guard let bytes = try await read({ try $0.attachment(of: id, index: index) }) else {
                throw Problem(status: .notFound, title: "Not found", detail: "Packet \(id) has no attachment \(index).")
            }
            let headers: HTTPFields = [
                .contentType: "application/octet-stream", .contentDisposition: "attachment; filename=\"\(id)-\(index).bin\"",
            ]
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
        }
    }
}

extension PacketFilter {
    init(_ parameters: QueryParameters) throws {
        self.init()
        run = try parameters.integer("run")
        session = try parameters.integer("session")
        connection = try parameters.integer("connection")
        namespace = parameters.text("namespace")
        event = parameters.text("event")
        direction = try parameters.choice("direction", of: TapeDirection.allCases.map(\.rawValue)).flatMap(TapeDirection.init(rawValue:))
        layer = try parameters.choice("layer", of: ["engine", "socket"]).flatMap(PacketRow.Layer.init(rawValue:))
        type = try parameters.choice(
            "type", of: TapePacketType.allCases.map(\.rawValue) + TapeEnginePacketType.allCases.map(\.rawValue))
        room = parameters.text("room")
        since = try parameters.time("since")
        until = try parameters.time("until")
        text = parameters.text("q")
        broadcast = try parameters.integer("broadcast")
        includesHeartbeats = try parameters.isOn("heartbeats")
    }
}
