import Foundation
import NIOCore

/// Takes values out of a tape that is being made: the same as redaction at the recording, only later.
struct TapeScrub {
    private let connection: SQLiteConnection
    private let redactor: Redactor

    /// - Returns: nil if nothing is to be taken out.
    init?(_ redaction: Redaction, on connection: SQLiteConnection) {
        guard let redactor = Redactor(redaction) else { return nil }
        self.connection = connection
        self.redactor = redactor
    }

    func scrub() throws(SQLiteError) {
        // an ack and a connect have no event of their own
        let event = "(SELECT name FROM event_name e WHERE e.id = event_id)"
        try scrubPackets("packet", attachments: "packet_attachment", key: "packet_id", event: "CASE WHEN type IN (2, 5) THEN \(event) END")
        try scrubPackets(
            "connection_packet", attachments: "packet_attachment", key: "packet_id",
            event: "CASE WHEN layer = 1 AND type IN (2, 5) THEN \(event) END")
        try scrubPackets("broadcast", attachments: "broadcast_attachment", key: "broadcast_id", event: event)
        try scrubSessions()
        try scrubConnections()
    }

    private func scrubPackets(_ table: String, attachments: String, key: String, event: String) throws(SQLiteError) {
        let rows = try connection.prepare("SELECT id, payload, \(event) FROM \(table) ORDER BY id")
        let files = try connection.prepare("SELECT idx, data FROM \(attachments) WHERE \(key) = ?1 ORDER BY idx")
        let update = try connection.prepare("UPDATE \(table) SET payload = ?2 WHERE id = ?1")
        let replace = try connection.prepare("UPDATE \(attachments) SET data = ?3 WHERE \(key) = ?1 AND idx = ?2")
        while try rows.step() {
            let id = rows.integer(0)
            var parts: [(index: Int64, bytes: ByteBuffer)] = []
            files.bind(1, id)
            while try files.step() {
                guard case .blob(let bytes) = files.value(1) else { continue }
                parts.append((files.integer(0), ByteBuffer(bytes: bytes)))
            }
            files.reset()
            let payload = rows.text(1)
            guard
                let clean = redactor.redacted(
                    payload.map { ByteBuffer(string: $0) }, parts.map(\.bytes), event: rows.text(2))
            else { continue }
            if let text = clean.payload.map({ String(buffer: $0) }), text != payload {
                update.bind(1, id)
                update.bind(2, text as String?)
                try update.run()
            }
            for (part, bytes) in zip(parts, clean.attachments) where part.bytes != bytes {
                replace.bind(1, id)
                replace.bind(2, part.index)
                replace.bind(3, TapeValue.blob(Array(bytes.readableBytesView)))
                try replace.run()
            }
        }
    }

    private func scrubSessions() throws(SQLiteError) {
        let rows = try connection.prepare("SELECT id, auth FROM session WHERE auth IS NOT NULL")
        let update = try connection.prepare("UPDATE session SET auth = ?2 WHERE id = ?1")
        while try rows.step() {
            guard let clean = redactor.redacted(auth: rows.text(1).map { ByteBuffer(string: $0) }) else { continue }
            update.bind(1, rows.integer(0))
            update.bind(2, String(buffer: clean) as String?)
            try update.run()
        }
    }

    private func scrubConnections() throws(SQLiteError) {
        let rows = try connection.prepare("SELECT id, url, headers, sid, transport FROM connection")
        let update = try connection.prepare("UPDATE connection SET url = ?2, headers = ?3 WHERE id = ?1")
        while try rows.step() {
            let old = TapeConnection(
                number: 0, sid: rows.text(3) ?? "", engineProtocol: 4, transport: rows.text(4) ?? "", remoteAddress: nil,
                url: rows.text(1) ?? "", headers: Self.headers(rows.text(2) ?? "{}"))
            let clean = redactor.redacted(old)
            update.bind(1, rows.integer(0))
            update.bind(2, clean.url as String?)
            update.bind(3, JSONText.headers(clean.headers) as String?)
            try update.run()
        }
    }

    private static func headers(_ text: String) -> [(name: String, value: String)] {
        guard let object = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else { return [] }
        return object.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
