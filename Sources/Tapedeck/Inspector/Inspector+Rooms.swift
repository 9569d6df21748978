import Hummingbird
import SocketIOWire
import Tape

/// Who was where: rooms and their members, now or at a moment, and each change.
extension Inspector {
    func addRooms(to api: inout APIRoutes) {
        let own = APIParameter("own", .flag, "Also the room that each socket has for itself.")
        api.get("rooms", "Rooms with members, now or at a time.", [.at, .namespace, own, .afterRoom, .limit], .list("Room")) { request in
            let parameters = request.parameters
            let time = try parameters.time("at")
            let namespace = parameters.text("namespace")
            let includesOwn = try parameters.isOn("own")
            let after = try PairCursor(parameters, first: PairCursor.text)
            let limit = try parameters.limit()
            let rooms = try await read { tape in
                try tape.rooms(
                    at: time, namespace: namespace, includesOwn: includesOwn, after: after.map { ($0.first, $0.second) }, limit: limit + 1)
            }
            let next = rooms.count > limit ? PairCursor.text(PairCursor.hex(rooms[limit - 1].namespace), rooms[limit - 1].room) : nil
            return .json(try JSONValue(items: Array(rooms.prefix(limit)), next: next), for: request.request)
        }
        api.list("rooms/{room}/members", "Who is in a room, or was at a time.", [.at, .namespace], of: "RoomMember", on: self) { request in
            let room = try request.name("room")
            let time = try request.parameters.time("at")
            let namespace = request.parameters.text("namespace")
            return { try $0.roomMembers(room: room, namespace: namespace, at: time, after: $1, limit: $2) }
        }
        api.list(
            "room-changes", "Joins and leaves.",
            [.session, .namespace, APIParameter("room", .text, "Of this room."), .since, .until], of: "RoomChange", on: self
        ) { request in
            var filter = RoomChangeFilter()
            filter.session = try request.parameters.integer("session")
            filter.namespace = request.parameters.text("namespace")
            filter.room = request.parameters.text("room")
            filter.since = try request.parameters.time("since")
            filter.until = try request.parameters.time("until")
            return { [filter] in try $0.roomChanges(filter, after: $1, limit: $2) }
        }
        api.get("sessions/{id}/rooms", "The rooms that a session is in, or was in at a time.", [.at], .list("RoomMember")) { request in
            let id = try request.id()
            let time = try request.parameters.time("at")
            let rooms = try await read { tape in try tape.session(id) == nil ? nil : try tape.rooms(of: id, at: time) }
            guard let rooms else { throw Problem.no("session \(id)") }
            return .json(try JSONValue(items: rooms), for: request.request)
        }
    }
}
