import Hummingbird
import Tape

/// What happened, from the largest to the smallest: runs, connections, sessions, gaps.
extension Inspector {
    func addHistory(to api: RouterGroup<InspectorContext>) {
        api.get("runs") { request, _ in
            let cursor = try Cursor(request)
            return try Response(page: try await read { try $0.runs(after: cursor.after, limit: cursor.limit) })
        }
        api.get("connections") { request, _ in
            let cursor = try Cursor(request, and: ["run"])
            let run = try cursor.parameters.integer("run")
            return try Response(page: try await read { try $0.connections(run: run, after: cursor.after, limit: cursor.limit) })
        }
        api.get("connections/:id") { request, context in
            let id = try context.rowID()
            return try Response(row: try await read { try $0.connection(id) }, orNo: "connection \(id)")
        }
        api.get("sessions") { request, _ in
            let cursor = try Cursor(request, and: ["run", "connection", "namespace", "sid", "open"])
            var filter = SessionFilter()
            filter.run = try cursor.parameters.integer("run")
            filter.connection = try cursor.parameters.integer("connection")
            filter.namespace = cursor.parameters.text("namespace")
            filter.sid = cursor.parameters.text("sid")
            if cursor.parameters.text("open") != nil { filter.isOpen = try cursor.parameters.isOn("open") }
            return try Response(page: try await read { [filter] in try $0.sessions(filter, after: cursor.after, limit: cursor.limit) })
        }
        api.get("sessions/:id") { request, context in
            let id = try context.rowID()
            return try Response(row: try await read { try $0.session(id) }, orNo: "session \(id)")
        }
        api.get("gaps") { request, _ in
            let cursor = try Cursor(request)
            return try Response(page: try await read { try $0.gaps(after: cursor.after, limit: cursor.limit) })
        }
    }
}

/// Where a page begins and how long it is; with the other parameters that the list takes.
struct Cursor {
    let parameters: QueryParameters
    let after: Int64
    let limit: Int

    init(_ request: Request, and others: Set<String> = []) throws {
        parameters = try QueryParameters(of: request, allowed: others.union(["after", "limit"]))
        after = try parameters.integer("after", takes: "the value of 'next' of the page before") ?? 0
        limit = try parameters.limit()
    }
}

extension InspectorContext {
    /// The `:id` of the path.
    func rowID(_ name: String = "id") throws -> Int64 {
        let text = try parameters.require(name)
        guard let id = Int64(text), id >= 0 else {
            throw Problem(status: .notFound, title: "Not found", detail: "An id is a whole number; '\(text)' is none.")
        }
        return id
    }
}
