import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire
import Tape

/// Sums and questions: acks, events by name, statistics, and SQL.
extension Inspector {
    func addQuestions(to api: inout APIRoutes) {
        let status = APIParameter("status", .choice(AckRow.Status.allCases.map(\.rawValue)), "What became of them.")
        let latency = APIParameter("min_latency_ms", .number, "Answered after this many milliseconds or later.")
        api.list(
            "acks", "Packets that asked for an ack, and what became of them.",
            [.session, .namespace, .event, .direction, status, latency, .since, .until], of: "Ack", on: self
        ) { request in
            let parameters = request.parameters
            var filter = AckFilter()
            filter.session = try parameters.integer("session")
            filter.namespace = parameters.text("namespace")
            filter.event = parameters.text("event")
            filter.direction = parameters.choice("direction")
            filter.status = parameters.choice("status")
            filter.minLatencyMilliseconds = try parameters.number("min_latency_ms")
            filter.since = try parameters.time("since")
            filter.until = try parameters.time("until")
            return { [filter] in try $0.acks(filter, after: $1, limit: $2) }
        }
        api.get("events", "Events by name with how often they occur, the most frequent first.", [.afterEvent, .limit], .list("EventCount"))
        {
            request in
            let limit = try request.parameters.limit()
            let after = try PairCursor(request.parameters, first: { Int64($0) }).map { (total: $0.first, name: $0.second) }
            let rows = try await read { try $0.events(after: after, limit: limit + 1) }
            let last = rows.prefix(limit).last
            let next = rows.count > limit ? last.map { PairCursor.text("\($0.packetsIn + $0.packetsOut)", $0.event) } : nil
            return .json(try JSONValue(items: Array(rows.prefix(limit)), next: next), for: request.request)
        }
        api.get("stats", "The tape in numbers.", [], .row("Stats")) { request in
            .json(try JSONValue(row: try await read { try $0.summary() }), for: request.request)
        }
        api.get(
            "sql", "Answers one SELECT over the tape's views; read-only, within limits of time, rows and memory.",
            [
                APIParameter("q", .text, "One SELECT statement.", isRequired: true),
                APIParameter("format", .choice(["json", "csv", "ndjson"]), ""),
            ],
            .json(Self.sqlAnswer)
        ) { request in
            guard let sql = request.parameters.text("q") else { throw Problem.parameter("q", takes: "one SELECT statement") }
            return try Self.answer(try await query(sql), as: request.parameters.choice("format") ?? .json)
        }
    }

    private static let sqlAnswer: JSONValue = [
        "type": "object",
        "required": ["columns", "rows", "truncated"],
        "properties": [
            "columns": ["type": "array", "items": ["type": "string"]],
            "rows": ["type": "array", "items": ["type": "array"]],
            "truncated": ["type": "boolean", "description": "There were more rows than the limits allow."],
        ],
    ]

    private func query(_ sql: String) async throws -> QueryResult {
        let tape = try recordedTape()
        var limits = QueryLimits()
        limits.timeout = limit
        limits.maxValueBytes = 4 << 20
        limits.maxResultBytes = 16 << 20
        do {
            return try await queryGate.pass { [limits] in try await gate.pass { try await tape.query(sql, limits: limits) } }
        } catch let error as TapeError {
            throw Problem(error)
        }
    }

    private static func answer(_ result: QueryResult, as table: TableFormat) throws -> Response {
        guard table != .json else {
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
