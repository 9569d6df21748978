import Foundation
import SocketIOWire
import Tape
import Testing

@testable import Tapedeck

@Suite("A page of packets")
struct PacketTextTests {
    /// Through their JSON form, for rows are made by the reader alone.
    private static func row(_ change: [String: Any]) throws -> PacketRow {
        var columns: [String: Any] = [
            "id": 7, "at": "2026-11-23T18:00:00.000001Z", "direction": "in", "layer": "socket", "type": "event", "namespace": "/a\"b",
            "event": "ev\u{e9}nt\n", "data": #"["x", {"_placeholder":true,"num":0}, 1e3]"#, "attachments": 1, "bytes": 40, "run_id": 2,
            "connection_id": 3, "session_id": 4, "at_us": 1_795_456_800_000_001, "ack_id": 5, "broadcast_id": 6,
        ]
        for (name, value) in change { columns[name] = value is NSNull ? nil : value }
        return try JSONDecoder().decode(PacketRow.self, from: JSONSerialization.data(withJSONObject: columns))
    }

    @Test("is written as its rows are, whatever stands in their columns")
    func sameAsRows() throws {
        let rows = try [
            Self.row([:]),
            Self.row(["namespace": NSNull(), "event": NSNull(), "data": NSNull(), "session_id": NSNull(), "ack_id": NSNull()]),
            Self.row(["broadcast_id": NSNull(), "data": "no JSON \"at all\u{1}", "direction": "out", "layer": "engine", "type": "open"]),
            Self.row(["data": "[1,2", "event": ""]), Self.row(["data": #"{"sid":"x"}"#, "ack_id": 0]),
        ]
        for next in [nil, 12345] as [Int64?] {
            let text = PacketText(page: TapePage(items: rows, next: next)).text
            let value = try JSONValue(parsing: text)
            #expect(try value == JSONValue(page: TapePage(items: rows, next: next)))
            #expect(value["items"]?[0]?.objectValue?.map { $0.key }.sorted() == PacketRow.columns.sorted())
        }
        #expect(try JSONValue(parsing: PacketText(page: TapePage(items: [], next: nil)).text) == ["items": [], "next": nil])
    }
}
