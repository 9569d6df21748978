import NIOCore
import SocketIOWire
import Tape

extension Recording {
    /// Reads a tape, in one consistent state of it.
    /// - Throws: ``ReplayError/unreadableTape(reason:)`` if it is missing, no tape, or damaged.
    package init(tape path: String) throws(ReplayError) {
        do {
            self = try TapeReader(path: path).read { try Recording($0) }
        } catch {
            throw ReplayError.unreadableTape(reason: error.description)
        }
    }

    private static let pageSize = 5000

    private init(_ tape: TapeSnapshot) throws {
        let runs = try Self.all { try tape.runs(after: $0, limit: Self.pageSize) }
        let connections = try Self.all { try tape.connections(after: $0, limit: Self.pageSize) }
        let sessions = try Self.all { try tape.sessions(after: $0, limit: Self.pageSize) }
        let roomChanges = try Self.all { try tape.roomChanges(after: $0, limit: Self.pageSize) }
        let gaps = try Self.all { try tape.gaps(after: $0, limit: Self.pageSize) }
        let packed = Set(runs.filter { (try? JSONValue(parsing: $0.settings))?["parser"] == "msgpack" }.map(\.id))
        let legacy = Set(connections.filter { $0.engineProtocol == 3 }.map(\.id))
        let socketIDs = Dictionary(uniqueKeysWithValues: sessions.filter { legacy.contains($0.connectionID) }.map { ($0.id, $0.sid) })
        var packets: LongList<Packet> = []
        var damaged = 0
        var secrets = SecretNames()
        let store = PayloadStore()
        var names = Names()
        for connection in connections { secrets.look(into: connection.url + connection.headers) }
        var after: Int64? = 0
        while let start = after {
            let page = try tape.packets(PacketFilter(), after: start, limit: Self.pageSize)
            for row in page.items {
                guard let kind = Kind(row) else { continue }
                if let data = row.data { secrets.look(into: data) }
                do {
                    let legacyID = legacy.isEmpty ? nil : row.sessionID.flatMap { socketIDs[$0] } ?? nil
                    packets.append(try Packet(row, kind: kind, tape, legacyID: legacyID, store: store, names: &names))
                } catch is JSONError {
                    damaged += 1
                }
            }
            after = page.next
        }
        self.init(
            runs: runs.map { Run($0) }, connections: connections.map { Connection($0, usesMessagePack: packed.contains($0.runID)) },
            sessions: sessions.map { Session($0) },
            packets: packets, roomChanges: roomChanges.map { RoomChange($0) },
            gaps: gaps.map { Gap(packets: Int($0.packets), reason: $0.reason) }, secrets: secrets.names)
        if damaged > 0 { self.gaps.append(Gap(packets: damaged, reason: "what is stored of them is not JSON")) }
    }

    private static func all<Row>(_ page: (Int64) throws -> TapePage<Row>) throws -> [Row] {
        var rows: [Row] = []
        var after: Int64? = 0
        while let start = after {
            let found = try page(start)
            rows += found.items
            after = found.next
        }
        return rows
    }
}

extension Recording.Run {
    fileprivate init(_ row: RunRow) {
        self.init(
            id: row.id, kind: row.kind, software: row.software, startedAt: RecordedTime.microseconds(row.startedAt) ?? 0,
            endedAt: row.status == "interrupted" ? nil : row.endedAt.flatMap(RecordedTime.microseconds))
    }
}

extension Recording.Connection {
    fileprivate init(_ row: ConnectionRow, usesMessagePack: Bool) {
        self.init(
            id: row.id, sid: row.sid, revision: row.engineProtocol, usesMessagePack: usesMessagePack, transport: row.transport,
            url: row.url,
            headers: Self.headers(row.headers), openedAt: RecordedTime.microseconds(row.openedAt) ?? 0,
            upgradedAt: row.upgradedAt.flatMap(RecordedTime.microseconds), closedAt: row.closedAt.flatMap(RecordedTime.microseconds),
            closeReason: row.closeReason)
    }

    /// An array of pairs, or an object.
    private static func headers(_ text: String) -> [Recording.Header] {
        switch try? JSONValue(parsing: text) {
        case .array(let fields):
            fields.compactMap { field in
                guard let name = field[0]?.stringValue, let value = field[1]?.stringValue else { return nil }
                return Recording.Header(name: name, value: value)
            }
        case .object(let object):
            object.flatMap { name, value in
                (value.arrayValue ?? [value]).compactMap { $0.stringValue.map { Recording.Header(name: name, value: $0) } }
            }
        default: []
        }
    }
}

extension Recording.Session {
    fileprivate init(_ row: SessionRow) {
        self.init(
            id: row.id, connectionID: row.connectionID, sid: row.sid, namespace: row.namespace,
            disconnectedAt: row.disconnectedAt.flatMap(RecordedTime.microseconds), reason: row.reason)
    }
}

extension Recording.RoomChange {
    fileprivate init(_ row: RoomChangeRow) {
        self.init(id: row.id, sid: row.sid ?? "", namespace: row.namespace, room: row.room, isJoin: row.action == .join)
    }
}

extension Recording.Kind {
    /// `nil` for what replay has no use for: heartbeats, and engine messages that are no Socket.IO packet.
    fileprivate init?(_ row: PacketRow) {
        switch (row.layer, row.type) {
        case (.engine, "open"): self = .engineOpen
        case (.engine, "close"): self = .engineClose
        case (.engine, "upgrade"): self = .engineUpgrade
        case (.socket, "connect"): self = .connect
        case (.socket, "connect_error"): self = .connectError
        case (.socket, "disconnect"): self = .disconnect
        case (.socket, "event"), (.socket, "binary_event"): self = .event
        case (.socket, "ack"), (.socket, "binary_ack"): self = .ack
        default: return nil
        }
    }
}

extension Recording.Packet {
    /// - Parameter legacyID: the id of the packet's socket if its client speaks Socket.IO 2. Such a client is not told it, it makes it itself;
    ///   here it is put where newer clients are told it, and ``LaneClient`` does the same.
    fileprivate init(
        _ row: PacketRow, kind: Recording.Kind, _ tape: TapeSnapshot, legacyID: String?, store: PayloadStore, names: inout Recording.Names
    ) throws {
        var attachments: [ByteBuffer] = []
        for index in 0..<row.attachments {
            guard let bytes = try tape.attachment(of: row.id, index: index) else { break }
            attachments.append(bytes)
        }
        var content = RecordedArguments([])
        if var data = row.data {
            switch kind {
            case .event, .ack:
                content = try data.withUTF8 { utf8 in
                    let text = UnsafeRawBufferPointer(utf8)
                    let elements = try JSONTokens.elements(of: text, dropping: kind == .event ? 1 : 0, attachments: attachments.count)
                    let arguments = UnsafeRawBufferPointer(rebasing: text[elements ?? 0..<0])
                    return RecordedArguments(storing: arguments, attachments: attachments, in: store)
                }
            case .connect, .connectError: content = RecordedArguments([try JSONValue(parsing: data, attachments: attachments)])
            default: break
            }
        }
        if kind == .connect, row.direction == .out, let legacyID { content = RecordedArguments([["sid": .string(legacyID)]]) }
        self.init(
            id: row.id, connectionID: row.connectionID, sessionID: row.sessionID, at: row.atMicroseconds,
            direction: row.direction == .in ? .incoming : .outgoing, kind: kind,
            namespace: names.shared(row.namespace ?? "/"), event: row.event.map { names.shared($0) },
            ackID: row.ackID.flatMap { UInt64(exactly: $0) }, content: content, broadcastID: row.broadcastID,
            hasOffset: row.recoveryOffset != nil)
    }
}

extension Recording {
    /// Names that come again and again share their bytes.
    fileprivate struct Names {
        private var known: Set<String> = []

        mutating func shared(_ name: String) -> String {
            // so short a name has no bytes of its own
            name.utf8.count < 16 ? name : known.insert(name).memberAfterInsert
        }
    }
}

/// Reads the times of the views, such as `2026-11-23T04:14:17.123456Z`.
enum RecordedTime {
    static func microseconds(_ text: String) -> Int64? {
        var numbers: [Int64] = []
        for part in text.utf8.split(whereSeparator: { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") }) {
            guard let number = Int64(String(Substring(part))) else { return nil }
            numbers.append(number)
        }
        guard numbers.count == 7 else { return nil }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        // days since 1970, in years that begin in March
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return ((days * 24 + numbers[3]) * 60 + numbers[4]) * 60_000_000 + numbers[5] * 1_000_000 + numbers[6]
    }
}

/// Collects what stands on a tape in the place of secrets.
private struct SecretNames {
    private(set) var names: [String] = []
    private var seen: Set<String> = []

    mutating func look(into text: String) {
        // most tapes and most texts hold none, so this is as quick as it gets
        guard Self.mayHold(text) else { return }
        for hash in RedactedValue.hashes(in: text) where seen.insert(hash).inserted { names.append(RedactedValue.prefix + hash) }
    }

    private static func mayHold(_ text: String) -> Bool {
        var text = text
        let prefix = Array(RedactedValue.prefix.utf8)
        return text.withUTF8 { bytes in
            var index = 0
            while index + prefix.count <= bytes.count {
                // its last byte is rarer than its first
                if bytes[index + prefix.count - 1] == prefix[prefix.count - 1], bytes[index..<index + prefix.count].elementsEqual(prefix) {
                    return true
                }
                index += 1
            }
            return false
        }
    }
}
