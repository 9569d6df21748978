import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire
import Tape

/// Packets, one by one: each filter of the contract, alone or together with others.
extension Inspector {
    func addPackets(to api: inout APIRoutes) {
        api.list(
            "packets", "Packets, one per receiver, oldest first unless asked otherwise.",
            APIParameter.packetFilters + APIParameter.ackFilters + [.order], of: "Packet", on: self
        ) { request in
            let filter = try PacketFilter(request.parameters)
            guard request.parameters.text("order") == "desc" else {
                return { try $0.packets(filter, after: $1, limit: $2, patience: Inspector.patience) }
            }
            return { tape, after, limit in
                try tape.newestPackets(filter, before: after == 0 ? nil : after, limit: limit, patience: Inspector.patience)
            }
        }
        api.list(
            "sessions/{id}/packets", "Packets of one session.", APIParameter.packetFilters.filter { $0.name != "session" }, of: "Packet",
            on: self
        ) { request in
            var filter = try PacketFilter(request.parameters)
            let id = try request.id()
            filter.session = id
            return { [filter] tape, after, limit in
                try tape.session(id) == nil ? nil : try tape.packets(filter, after: after, limit: limit, patience: Inspector.patience)
            }
        }
        addHistogram(to: &api)
        api.get("packets/{id}", "One packet.", [], .row("Packet")) { request in
            let id = try request.id()
            guard let row = try await read({ try $0.packet(id) }) else { throw Problem.no("packet \(id)") }
            return .json(try JSONValue(row: row), isTagged: true, for: request.request)
        }
        api.get("packets/{id}/attachments", "A packet's binary attachments.", [], .list("Attachment")) { request in
            let id = try request.id()
            let rows = try await read { tape in try tape.packet(id) == nil ? nil : try tape.attachments(of: id) }
            guard let rows else { throw Problem.no("packet \(id)") }
            return .json(try JSONValue(items: rows), isTagged: true, for: request.request)
        }
        api.get("packets/{id}/attachments/{index}", "The bytes of one attachment.", [], .bytes) { request in
            let id = try request.id()
            let index = Int(clamping: try request.id("index"))
            guard let bytes = try await read({ try $0.attachment(of: id, index: index) }) else {
                throw Problem.no("attachment \(index) of packet \(id)")
            }
            return .tagged(
                bytes,
                [.contentType: "application/octet-stream", .contentDisposition: "attachment; filename=\"\(id)-\(index).bin\""],
                for: request.request)
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
        direction = parameters.choice("direction")
        layer = parameters.choice("layer")
        type = parameters.text("type")
        room = parameters.text("room")
        since = try parameters.time("since")
        until = try parameters.time("until")
        text = parameters.text("q")
        broadcast = try parameters.integer("broadcast")
        ackStatus = parameters.choice("ack_status")
        minAckMilliseconds = try parameters.number("min_ack_ms")
        includesHeartbeats = try parameters.isOn("heartbeats")
    }
}
