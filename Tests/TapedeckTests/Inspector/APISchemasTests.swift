import Tape
import Testing

@testable import Tapedeck

@Suite("The OpenAPI document")
struct APISchemasTests {
    @Test("knows the rows' columns, all of them and no others")
    func columns() {
        let rows: [String: [String]] = [
            "Run": RunRow.columns, "Connection": ConnectionRow.columns, "Session": SessionRow.columns, "Packet": PacketRow.columns,
            "Attachment": AttachmentRow.columns, "Broadcast": BroadcastRow.columns, "Recipient": RecipientRow.columns,
            "Ack": AckRow.columns,
            "RoomChange": RoomChangeRow.columns, "Room": RoomRow.columns, "RoomMember": RoomMemberRow.columns,
            "EventCount": EventCountRow.columns, "Gap": GapRow.columns, "Stats": TapeSummary.columns,
        ]
        #expect(Set(APISchemas.rows.map(\.name)) == Set(rows.keys))
        for row in APISchemas.rows { #expect(Set(row.columns.map(\.name)) == Set(rows[row.name] ?? []), "\(row.name)") }
    }

    @Test("explains each of Socket.IO's reasons, and says of others that it does not know them")
    func reasons() {
        for reason in [
            "client namespace disconnect", "server namespace disconnect", "forced server close", "forced close", "server shutting down",
            "transport close", "transport error", "ping timeout", "parse error", "recording ended", "recording interrupted",
        ] { #expect(EndOfConversation.told(reason) != nil, "\(reason)") }
        #expect(EndOfConversation.told("magic") == nil)
    }
}
