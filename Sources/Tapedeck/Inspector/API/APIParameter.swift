import SocketIOWire
import Tape

/// A query parameter of the API: how it is checked and how the OpenAPI document describes it, from one declaration.
struct APIParameter: Sendable {
    enum Kind: Sendable {
        case text
        case id
        case cursor
        /// Of a list that is ordered by two values; the pattern of the first.
        case pairCursor(first: String)
        case limit
        case number
        case flag
        case time
        case choice([String])
    }

    /// The end of the year 9999 in microseconds since 1970.
    static let lastTime: Int64 = 253_402_300_799_999_999

    let name: String
    let kind: Kind
    let about: String
    var isRequired = false

    init(_ name: String, _ kind: Kind, _ about: String, isRequired: Bool = false) {
        self.name = name
        self.kind = kind
        self.about = about
        self.isRequired = isRequired
    }

    var schema: JSONValue {
        switch kind {
        case .text: ["type": "string"]
        case .id: ["type": "integer", "format": "int64", "minimum": 0, "maximum": .integer(.max)]
        case .cursor: ["type": "string", "pattern": "^[0-9]{1,18}$"]
        case .pairCursor(let first): ["type": "string", "pattern": .string("^\(first)\\.([0-9a-f]{2})*$")]
        case .limit: ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100]
        case .number: ["type": "number", "minimum": 0]
        case .flag: ["type": "string", "enum": ["true", "false", "1", "0"]]
        case .time:
            [
                "anyOf": [
                    ["type": "string", "format": "date-time"],
                    ["type": "integer", "format": "int64", "minimum": 0, "maximum": .integer(Self.lastTime)],
                ]
            ]
        case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
        }
    }
}

extension APIParameter {
    static let after = APIParameter("after", .cursor, "The value of 'next' of the page before.")
    static let afterRoom = APIParameter("after", .pairCursor(first: "([0-9a-f]{2})*"), after.about)
    static let afterEvent = APIParameter("after", .pairCursor(first: "[0-9]{1,18}"), after.about)
    static let limit = APIParameter(
        "limit", .limit, "How many items a page holds. Of an export: how many rows at most, all of them unless given.")
    static let run = APIParameter("run", .id, "Of this run.")
    static let session = APIParameter("session", .id, "Of this session.")
    static let connection = APIParameter("connection", .id, "Of this connection.")
    static let namespace = APIParameter("namespace", .text, "Of this namespace.")
    static let event = APIParameter("event", .text, "Of events with this name.")
    static let room = APIParameter("room", .text, "Of sessions while they were in a room of this name.")
    static let since = APIParameter("since", .time, "At this time or later.")
    static let until = APIParameter("until", .time, "Before this time.")
    static let at = APIParameter("at", .time, "As it was at this time; now unless given.")
    static let direction = APIParameter(
        "direction", .choice(TapeDirection.allCases.map(\.rawValue)), "in: from the client, out: to it.")
    static let order = APIParameter("order", .choice(["asc", "desc"]), "asc: the oldest first; desc: the newest.")
    static let format = APIParameter(
        "format", .choice(["json", "ndjson", "csv"]), "json: a page. ndjson and csv: all rows from the cursor on, streamed.")
    static let packetFilters: [APIParameter] = [
        .run, .session, .connection, .namespace, .event, .direction,
        APIParameter("layer", .choice(["engine", "socket"]), "Engine.IO packets or Socket.IO packets."),
        APIParameter(
            "type", .choice(TapePacketType.allCases.map(\.rawValue) + TapeEnginePacketType.allCases.map(\.rawValue)), "Of this type."),
        .room, .since, .until, APIParameter("q", .text, "With this text inside the payload; ASCII letters match in either case."),
        APIParameter("heartbeats", .flag, "Pings and pongs too."), APIParameter("broadcast", .id, "Of this broadcast."),
    ]
    /// What only a tape can tell, not a packet as it happens.
    static let ackFilters: [APIParameter] = [
        APIParameter("ack_status", .choice(AckRow.Status.allCases.map(\.rawValue)), "Packets that asked for an ack, by what became of it."),
        APIParameter("min_ack_ms", .number, "Packets whose ack came after this many milliseconds or later."),
    ]
}
