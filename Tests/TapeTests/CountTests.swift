import Foundation
import Testing

@testable import Tape

@Suite("Counts that the tape keeps")
struct CountTests {
    private let folder = TapeFolder()

    /// What the rows say, without what the view adds.
    private static let stored = "SELECT id, packets_in, packets_out FROM session WHERE counted_id = \(StoredCounts.all) ORDER BY id"
    /// The same from the packets, one by one.
    private static let counted = """
        SELECT s.id, count(*) FILTER (WHERE p.direction = 'in'), count(*) FILTER (WHERE p.direction = 'out')
        FROM sessions s LEFT JOIN packets p ON p.session_id = s.id GROUP BY 1 ORDER BY 1
        """

    /// In one statement, so of one moment.
    private static let differences = "SELECT id, packets_in, packets_out FROM sessions EXCEPT SELECT * FROM (\(counted))"

    private func writer(_ path: String? = nil) throws -> TapeWriter {
        var options = TapeOptions()
        options.flushInterval = .milliseconds(1)
        return try TapeWriter(path: path ?? folder.tape, run: TapeRun(kind: .serve, startedAt: start), options: options)
    }

    /// Written in so many batches that rows are brought up in between.
    private func talk(_ writer: TapeWriter, batches: Int = 60) async {
        for session in UInt64(1)...4 { writer.append(connected(session)) }
        for batch in 0..<batches {
            let number = UInt64(batch + 1)
            let id = writer.committedID
            writer.append([
                packet(1, 1, .in, event: "e", #"["e"]"#), packet(2, 2, .out, event: "e", #"["e"]"#),
                broadcast(number), delivery(of: number, to: batch % 2 == 0 ? [1, 2, 3] : [1, 3]),
            ])
            if batch == batches / 2 { writer.append(record(1, .sessionDisconnected(session: 4, reason: "transport close"))) }
            _ = await eventually { writer.committedID > id }
        }
    }

    @Test("of packets are right at any time, and are in the rows when the recording has ended")
    func ended() async throws {
        let writer = try writer()
        await talk(writer)
        #expect(try rows(folder.tape, Self.differences) == [])
        #expect(try rows(folder.tape, Self.stored) == ["4|1|1"])
        #expect(try rows(folder.tape, "SELECT count(*) FROM session WHERE counted_id > 0") == ["4"])
        try await writer.close()
        #expect(try rows(folder.tape, Self.stored) == rows(folder.tape, Self.counted))
        #expect(try rows(folder.tape, Self.stored) == ["1|61|61", "2|1|91", "3|1|61", "4|1|1"])
    }

    @Test("of packets are in the rows once the next recording has found that the one before was cut off", arguments: [3, 60])
    func interrupted(_ batches: Int) async throws {
        let writer = try writer()
        await talk(writer, batches: batches)
        let packets = 8 + (0..<batches).reduce(0) { $0 + ($1 % 2 == 0 ? 5 : 4) }
        #expect(await eventually { writer.status.packets == packets })
        let path = folder.file("cut off.tape")
        try FileManager.default.copyItem(atPath: folder.tape, toPath: path)
        try FileManager.default.copyItem(atPath: folder.tape + "-wal", toPath: path + "-wal")
        try await writer.close()
        try await writeTape(path, [])
        #expect(try rows(path, Self.stored) == rows(path, Self.counted))
        #expect(try rows(path, Self.stored) == rows(folder.tape, Self.stored))
    }

    @Test("of packets survive a batch that was refused, and a packet that comes after the end")
    func refused() async throws {
        let writer = try writer()
        await talk(writer)
        let blocker = try SQLiteConnection(path: folder.tape, flags: 2)
        try blocker.execute("BEGIN IMMEDIATE")
        writer.append([packet(1, 1, .in, event: "e", #"["e"]"#), packet(4, 4, .in, event: "late", #"["late"]"#)])
        #expect(await eventually { writer.status.state == .failing })
        try blocker.execute("ROLLBACK")
        #expect(await eventually { writer.status.state == .recording })
        await talk2(writer)
        #expect(try rows(folder.tape, Self.differences) == [])
        try await writer.close()
        #expect(try rows(folder.tape, Self.differences) == [])
        #expect(try rows(folder.tape, "SELECT packets_in, packets_out FROM sessions WHERE id IN (1, 4)") == ["112|61", "2|1"])
    }

    private func talk2(_ writer: TapeWriter) async {
        for _ in 0..<50 {
            let id = writer.committedID
            writer.append(packet(1, 1, .in, event: "e", #"["e"]"#))
            _ = await eventually { writer.committedID > id }
        }
    }

    @Test("of packets and members are right in a cut, and in a merge of it with the whole")
    func copies() async throws {
        let writer = try writer()
        await talk(writer)
        writer.append([roomChange(1, .join, "r"), roomChange(2, .join, "r"), roomChange(1, .leave, "r")])
        try await writer.close()
        var selection = TapeSelection()
        selection.sessions = [1]
        selection.since = start
        _ = try TapeCut.cut(folder.tape, to: folder.file("cut.tape"), selection)
        #expect(try rows(folder.file("cut.tape"), Self.stored) == rows(folder.file("cut.tape"), Self.counted))
        #expect(try rows(folder.file("cut.tape"), "SELECT * FROM rooms") == ["/|r|0|1"])
        _ = try TapeMerge.merge([folder.tape, folder.file("cut.tape")], to: folder.file("merged.tape"))
        #expect(try rows(folder.file("merged.tape"), Self.stored) == rows(folder.file("merged.tape"), Self.counted))
        #expect(try rows(folder.file("merged.tape"), "SELECT room, most >= 2 FROM rooms") == ["r|1"])
    }

    @Test("of a room's members are those who are in it, and the most that were; who is cut off is no longer in it")
    func members() async throws {
        let writer = try writer()
        for session in UInt64(1)...3 { writer.append(connected(session)) }
        writer.append([
            // The room of one's own does not count as one.
            roomChange(1, .join, "socket1"), roomChange(1, .join, "r"), roomChange(1, .join, "r"), roomChange(2, .join, "r"),
            roomChange(3, .join, "r"), roomChange(2, .leave, "r"), roomChange(2, .leave, "r"), roomChange(2, .join, "other"),
            record(1, .sessionDisconnected(session: 3, reason: "transport close")),
        ])
        #expect(await eventually { writer.status.packets == 6 })
        #expect(try rows(folder.tape, "SELECT * FROM rooms ORDER BY room") == ["/|other|1|1", "/|r|1|3"])
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT * FROM rooms ORDER BY room") == ["/|other|0|1", "/|r|0|3"])
    }
}
