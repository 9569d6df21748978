import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire
import Tape

/// Sums and questions: acks, events by name, statistics, and SQL.
extension Inspector {
    func addQuestions(to api: RouterGroup<InspectorContext>) {
        api.get("acks") { request, _ in
            let cursor = try Cursor(request, and: ["session", "status", "event", "min_latency_ms"])
            var filter = AckFilter()
            filter.session = try cursor.parameters.integer("session")
            filter.status = try cursor.parameters.choice("status", of: AckRow.Status.allCases.map(\.rawValue)).flatMap(
                AckRow.Status.init(rawValue:))
            filter.event = cursor.parameters.text("event")
            filter.minLatencyMilliseconds = try cursor.parameters.number("min_latency_ms", takes: "a number of milliseconds")
            return try Response(page: try await read { [filter] in try $0.acks(filter, after: cursor.after, limit: cursor.limit) })
        }
        api.get("events") { request, _ in
            let limit = try QueryParameters(of: request, allowed: ["limit"]).limit()
            return try Response(items: try await read { try $0.events(limit: limit) })
        }
        api.get("stats") { request, _ in
            _ = try QueryParameters(of: request, allowed: [])
            return try Response(row: try await read { try $0.summary() }, orNo: "summary")
        }
        api.get("sql") { request, _ in
            let parameters = try QueryParameters(of: request, allowed: ["q", "format"])
            guard let sql = parameters.text("q") else { throw Problem.parameter("q", takes: "one SELECT statement") }
            let format = try parameters.choice("format", of: ["json", "csv", "ndjson"]) ?? "json"
            do {
                return try Self.answer(try await recordedTape().query(sql), as: format)
            } catch let error as TapeError {
                throw Problem(error)
            }
        }
    }

    private static func answer(_ result: QueryResult, as format: String) throws -> Response {
        guard let table = TableFormat(rawValue: format), table != .json else {
            return Response(
                json: [
                    "columns": .array(result.columns.map { .string($0) }),
                    "rows": .array(result.rows.map { .array($0.map(\.json)) }),
                    "truncated": .bool(result.isTruncated),
                ])
        }
        let text = try table.text(of: result)
        let type = table == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson"
        return Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
