import SocketIOWire
import Tape

/// Broadcasts: what was sent to many, who received it, and who was there and did not.
extension Inspector {
    func addBroadcasts(to api: inout APIRoutes) {
        api.list("broadcasts", "Packets that were sent to many, once each.", [], of: "Broadcast", on: self) { _ in
            { try $0.broadcasts(after: $1, limit: $2) }
        }
        api.get("broadcasts/{id}", "One broadcast.", [], .row("Broadcast")) { request in
            let id = try request.id()
            guard let row = try await read({ try $0.broadcast(id) }) else { throw Problem.no("broadcast \(id)") }
            return .json(try JSONValue(row: row), for: request.request)
        }
        api.list("broadcasts/{id}/recipients", "Who received a broadcast.", [], of: "Recipient", on: self) { request in
            let id = try request.id()
            return { try $0.broadcast(id) == nil ? nil : try $0.recipients(of: id, after: $1, limit: $2) }
        }
        api.list(
            "broadcasts/{id}/missed", "Who was in the room, or in the namespace, when a broadcast was sent, and did not get it.",
            [APIParameter("room", .text, "The room that is asked about; the whole namespace unless given.")], of: "Recipient", on: self
        ) { request in
            let id = try request.id()
            let room = request.parameters.text("room")
            return { try $0.missed(id, room: room, after: $1, limit: $2) }
        }
    }
}
