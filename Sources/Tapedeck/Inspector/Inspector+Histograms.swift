import Hummingbird
import SocketIOWire
import Tape

/// Pictures of many rows: packets over time, acks by their latency.
extension Inspector {
    func addHistogram(to api: inout APIRoutes) {
        let buckets = APIParameter("buckets", .limit, "Into how many steps the time is cut.")
        api.get(
            "packets/histogram",
            "Packets over time. Of long tapes that have to be searched it is an estimate, or of the newest part: 'exact' says so.",
            APIParameter.packetFilters + APIParameter.ackFilters + [buckets], .json(Self.histogramAnswer)
        ) { request in
            let filter = try PacketFilter(request.parameters)
            let count = Int(try request.parameters.integer("buckets", in: 1...1000, takes: "a number from 1 to 1000") ?? 100)
            let found = try await read { try $0.histogram(filter, buckets: count, patience: Inspector.patience) }
            return .json(
                [
                    "items": .array(
                        found.incoming.indices.map { index in
                            let at = found.from + Int64(index) * found.step
                            return [
                                "at": .string(UnixTime.text(at)), "at_us": .integer(at), "packets_in": .integer(found.incoming[index]),
                                "packets_out": .integer(found.outgoing[index]),
                            ]
                        }),
                    "step_us": .integer(found.step), "exact": .bool(found.isExact), "next": .null,
                ], for: request.request)
        }
        api.get(
            "acks/histogram", "Acks by their latency, and how many came, wait, or were lost.", [.event, .session, .direction],
            .json(Self.ackHistogramAnswer)
        ) { request in
            var filter = AckFilter()
            filter.event = request.parameters.text("event")
            filter.session = try request.parameters.integer("session")
            filter.direction = request.parameters.choice("direction")
            let found = try await read { [filter] in try $0.ackHistogram(filter) }
            var answer: JSONObject = [
                "items": .array(
                    found.buckets.map { bucket in
                        [
                            "from_ms": .number(bucket.from), "to_ms": bucket.to.map { .number($0) } ?? .null,
                            "acks": .integer(bucket.count),
                        ]
                    }), "next": .null,
            ]
            for status in AckRow.Status.allCases { answer[status.rawValue] = .integer(found.counts[status] ?? 0) }
            for (name, rank) in [("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)] {
                answer[name] = found.percentiles[rank].map { .number($0) } ?? .null
            }
            return .json(.object(answer), for: request.request)
        }
    }

    private static let histogramAnswer: JSONValue = [
        "type": "object", "required": ["items", "step_us", "exact", "next"],
        "properties": [
            "items": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["at", "at_us", "packets_in", "packets_out"],
                    "properties": [
                        "at": ["type": "string", "format": "date-time"], "at_us": ["type": "integer"], "packets_in": ["type": "integer"],
                        "packets_out": ["type": "integer"],
                    ],
                ],
            ],
            "step_us": ["type": "integer"], "exact": ["type": "boolean"], "next": ["type": "null"],
        ],
    ]

    private static let ackHistogramAnswer: JSONValue = [
        "type": "object",
        "required": ["items", "next", "pending", "acked", "timeout", "lost", "p50_ms", "p95_ms", "p99_ms"],
        "properties": [
            "items": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["from_ms", "to_ms", "acks"],
                    "properties": [
                        "from_ms": ["type": "number"], "to_ms": ["type": ["number", "null"]], "acks": ["type": "integer"],
                    ],
                ],
            ],
            "next": ["type": "null"], "pending": ["type": "integer"], "acked": ["type": "integer"], "timeout": ["type": "integer"],
            "lost": ["type": "integer"], "p50_ms": ["type": ["number", "null"]], "p95_ms": ["type": ["number", "null"]],
            "p99_ms": ["type": ["number", "null"]],
        ],
    ]
}
