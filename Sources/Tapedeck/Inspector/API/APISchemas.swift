import SocketIOWire

/// The rows of the API for the OpenAPI document. A test holds them against the rows' own columns.
enum APISchemas {
    /// Columns with their types; a `?` for those that may be null.
    static let rows: [(name: String, columns: [(name: String, type: String)])] = [
        (
            "Run",
            [
                ("id", "integer"), ("kind", "string"), ("host", "string?"), ("software", "string?"), ("upstream", "string?"),
                ("settings", "json"),
                ("status", "string"), ("started_at", "time"), ("ended_at", "time?"),
            ]
        ),
        (
            "Connection",
            [
                ("id", "integer"), ("sid", "string"), ("transport", "string"), ("url", "string"), ("headers", "json"),
                ("run_id", "integer"),
                ("protocol", "integer"), ("remote_address", "string?"), ("opened_at", "time"), ("upgraded_at", "time?"),
                ("closed_at", "time?"),
                ("close_reason", "string?"), ("close_detail", "string?"), ("bytes_in", "integer?"), ("bytes_out", "integer?"),
            ]
        ),
        (
            "Session",
            [
                ("id", "integer"), ("sid", "string"), ("namespace", "string"), ("auth", "json"), ("reason", "string?"),
                ("recovered", "boolean"),
                ("connection_id", "integer"), ("run_id", "integer"), ("connected_at", "time"), ("disconnected_at", "time?"),
                ("recovered_from", "integer?"), ("packets_in", "integer"), ("packets_out", "integer"),
            ]
        ),
        (
            "Packet",
            [
                ("id", "integer"), ("at", "time"), ("direction", "string"), ("layer", "string"), ("type", "string"),
                ("namespace", "string?"),
                ("event", "string?"), ("data", "json"), ("attachments", "integer"), ("bytes", "integer"), ("run_id", "integer"),
                ("connection_id", "integer"), ("session_id", "integer?"), ("at_us", "integer"), ("ack_id", "integer?"),
                ("broadcast_id", "integer?"),
            ]
        ),
        ("Attachment", [("bytes", "integer"), ("packet_id", "integer"), ("idx", "integer")]),
        (
            "Broadcast",
            [
                ("id", "integer"), ("at", "time"), ("type", "string"), ("namespace", "string"), ("event", "string?"), ("data", "json"),
                ("attachments", "integer"), ("bytes", "integer"), ("recipients", "integer"), ("ack_id", "integer?"),
            ]
        ),
        (
            "Recipient",
            [
                ("at", "time?"), ("sid", "string?"), ("dropped", "boolean"), ("broadcast_id", "integer"), ("packet_id", "integer?"),
                ("session_id", "integer"), ("connection_id", "integer"),
            ]
        ),
        (
            "Ack",
            [
                ("namespace", "string"), ("event", "string?"), ("direction", "string"), ("status", "string"), ("request_id", "integer"),
                ("response_id", "integer?"), ("session_id", "integer"), ("ack_id", "integer"), ("requested_at", "time"),
                ("acked_at", "time?"),
                ("latency_ms", "number?"),
            ]
        ),
        (
            "RoomChange",
            [
                ("id", "integer"), ("sid", "string?"), ("at", "time"), ("namespace", "string"), ("room", "string"), ("action", "string"),
                ("cause", "string?"), ("packet_id", "integer?"), ("session_id", "integer"), ("at_us", "integer"),
            ]
        ),
        ("Room", [("namespace", "string"), ("room", "string"), ("members", "integer")]),
        ("RoomMember", [("namespace", "string"), ("room", "string"), ("sid", "string?"), ("since", "time"), ("session_id", "integer")]),
        (
            "EventCount",
            [
                ("event", "string"), ("bytes", "integer"), ("packets_in", "integer"), ("packets_out", "integer"), ("per_second", "number"),
            ]
        ),
        (
            "Gap",
            [
                ("id", "integer"), ("packets", "integer"), ("reason", "string"), ("run_id", "integer"), ("from_at", "time"),
                ("to_at", "time"),
            ]
        ),
        (
            "Stats",
            [
                ("runs", "integer"), ("connections", "integer"), ("sessions", "integer"), ("packets", "integer"), ("broadcasts", "integer"),
                ("acks", "integer"), ("rooms", "integer"), ("gaps", "integer"), ("version", "integer"), ("open_connections", "integer"),
                ("open_sessions", "integer"), ("packets_in", "integer"), ("packets_out", "integer"), ("unanswered_acks", "integer"),
                ("lost_packets", "integer"), ("first_at", "time?"), ("last_at", "time?"), ("file_bytes", "integer"),
            ]
        ),
    ]

    static var all: JSONObject {
        var schemas: JSONObject = [
            "Problem": [
                "type": "object", "required": ["type", "title", "status", "detail"],
                "properties": [
                    "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"], "detail": ["type": "string"],
                    "parameter": ["type": "string", "description": "The parameter at fault, if it was one."],
                ],
            ],
            "End": [
                "type": "object", "required": ["ended", "at", "reason", "detail", "by", "explanation", "last_packets"],
                "properties": [
                    "ended": ["type": "boolean"], "at": ["type": ["string", "null"], "format": "date-time"],
                    "reason": ["type": ["string", "null"]],
                    "detail": ["type": ["string", "null"]],
                    "by": ["enum": .array(EndOfConversation.Party.allCases.map { .string($0.rawValue) } + [.null])],
                    "explanation": ["type": "string"],
                    "last_packets": ["type": "array", "items": ["$ref": "#/components/schemas/Packet"]],
                ],
            ],
        ]
        for row in rows {
            var properties = JSONObject()
            for column in row.columns { properties[column.name] = schema(column.type) }
            schemas[row.name] = [
                "type": "object", "required": .array(row.columns.map { .string($0.name) }), "properties": .object(properties),
            ]
        }
        return schemas
    }

    private static func schema(_ type: String) -> JSONValue {
        let isOptional = type.hasSuffix("?")
        let name = isOptional ? String(type.dropLast()) : type
        // JSON as it was sent: any value.
        if name == "json" { return [:] }
        let basic: JSONValue = name == "time" ? "string" : .string(name)
        var schema: JSONObject = ["type": isOptional ? [basic, "null"] : basic]
        if name == "time" { schema["format"] = "date-time" }
        return .object(schema)
    }
}
