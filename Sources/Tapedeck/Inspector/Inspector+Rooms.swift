import Foundation
import Hummingbird
import Tape

/// Who was where: rooms and their members, now or at a moment, and each change.
extension Inspector {
    func addRooms(to api: RouterGroup<InspectorContext>) {
        api.get("rooms") { request, _ in
            let cursor = try Cursor(request, and: ["at", "namespace", "own"])
            let time = try cursor.parameters.time("at")
            let namespace = cursor.parameters.text("namespace")
            let includesOwn = try cursor.parameters.isOn("own")
            let rooms = try await read { tape in
                // The rooms of a moment are one state, counted as a whole; the cursor is a position in it.
                try tape.rooms(at: time, namespace: namespace, includesOwn: includesOwn, limit: Int(cursor.after) + cursor.limit + 1)
            }
            let page = rooms.dropFirst(Int(cursor.after)).prefix(cursor.limit)
            let isMore = rooms.count > Int(cursor.after) + cursor.limit
            return try Response(items: Array(page), next: isMore ? cursor.after + Int64(cursor.limit) : nil)
        }
        api.get("rooms/:room/members") { request, context in
            let room = try context.parameters.require("room").removingPercentEncoding ?? ""
            let cursor = try Cursor(request, and: ["at", "namespace"])
            let time = try cursor.parameters.time("at")
            let namespace = cursor.parameters.text("namespace")
            return try Response(
                page: try await read {
                    try $0.roomMembers(room: room, namespace: namespace, at: time, after: cursor.after, limit: cursor.limit)
                })
        }
        api.get("room-changes") { request, _ in
            let cursor = try Cursor(request, and: ["session", "namespace", "room", "since", "until"])
            var filter = RoomChangeFilter()
            filter.session = try cursor.parameters.integer("session")
            filter.namespace = cursor.parameters.text("namespace")
            filter.room = cursor.parameters.text("room")
            filter.since = try cursor.parameters.time("since")
            filter.until = try cursor.parameters.time("until")
            return try Response(page: try await read { [filter] in try $0.roomChanges(filter, after: cursor.after, limit: cursor.limit) })
        }
        api.get("sessions/:id/rooms") { request, context in
            let id = try context.rowID()
            let time = try QueryParameters(of: request, allowed: ["at"]).time("at")
            let rooms = try await read { tape in try tape.session(id) == nil ? nil : try tape.rooms(of: id, at: time) }
            guard let rooms else { throw Problem(status: .notFound, title: "Not found", detail: "There is no session \(id) on this tape.") }
            return try Response(items: rooms)
        }
    }
}
