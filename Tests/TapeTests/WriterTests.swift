import Foundation
import NIOCore
import Testing

@testable import Tape

@Suite("The tape's writer")
struct WriterTests {
    @Test("loses nothing that many threads append, and keeps each one's order")
    func threads() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        let each = 5000
        await withTaskGroup(of: Void.self) { group in
            for number in UInt64(1)...8 {
                group.addTask {
                    writer.append(connected(number))
                    for index in 0..<each {
                        writer.append(packet(number, number, .in, at: Int64(index), event: "e\(index % 7)", "[\"e\(index % 7)\",\(index)]"))
                    }
                }
            }
        }
        try await writer.close()
        let status = writer.status
        #expect((status.state, status.packets, status.lost, status.queued) == (.closed, 8 * (each + 2), 0, 0))
        #expect(try rows(folder.tape, "SELECT count(*), count(DISTINCT session_id) FROM packets WHERE type = 'event'") == ["\(8 * each)|8"])
        #expect(
            try rows(
                folder.tape,
                "SELECT count(*) FROM (SELECT at_us - lag(at_us) OVER (PARTITION BY session_id ORDER BY id) AS step FROM packets WHERE type = 'event') WHERE step < 1"
            ) == ["0"])
        #expect(try rows(folder.tape, "SELECT DISTINCT packets_in FROM sessions") == ["\(each + 1)"])
        #expect(try rows(folder.tape, "SELECT sum(packets_in), sum(packets_out) FROM event_block") == ["\(8 * each)|0"])
        #expect(try rows(folder.tape, "PRAGMA integrity_check") == ["ok"])
    }

    @Test("holds a small payload without the large network buffer that it came in")
    func detached() throws {
        var network = ByteBuffer(repeating: 0x20, count: 65_536)
        network.setString(#"["e"]"#, at: 0)
        let payload = try #require(network.getSlice(at: 0, length: 5))
        let queues = RecordQueues(nextID: 1, maxBytes: 1_000_000, maxRecords: 10, wakeAt: 10, wake: {})
        queues.append(
            record(
                0,
                .packet(
                    TapePacket(
                        connection: 1, session: 1, direction: .in, type: .event, namespace: "/", event: "e", payload: payload, bytes: 6))))
        var spare: [[RecordQueues.Entry]] = []
        let entries = queues.take(reusing: &spare).queues.flatMap { $0 }
        guard case .packet(let packet)? = entries.first?.record.kind, let held = packet.payload else {
            Issue.record("the packet is not there")
            return
        }
        #expect(String(buffer: held) == #"["e"]"#)
        #expect(held.storageCapacity < 100)
    }

    @Test("shows a record soon after it was appended, without a close")
    func flush() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        writer.append(connected(1))
        #expect(try await eventually { try rows(folder.tape, "SELECT count(*) FROM packets") == ["2"] })
        // After a rest, too.
        writer.append(packet(1, 1, .in, event: "late", #"["late"]"#))
        #expect(try await eventually { try rows(folder.tape, "SELECT count(*) FROM packets") == ["3"] })
        #expect(await eventually { writer.status.packets == 3 })
        try await writer.close()
    }

    @Test("counts what does not fit into the queue, and keeps what opens and closes")
    func gaps() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.maxQueuedRecords = 100
        options.flushInterval = .seconds(60)
        options.batchSize = 1_000_000
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        // From one thread, so into one queue; the first may be taken at once.
        for index in 0..<1000 { writer.append(packet(1, 1, .in, at: Int64(index), event: "e", #"["e"]"#)) }
        writer.append(record(2000, .sessionDisconnected(session: 1, reason: "bye")))
        try await writer.close()
        let written = try #require(Int(rows(folder.tape, "SELECT count(*) FROM packet")[0]))
        let lost = try #require(Int(rows(folder.tape, "SELECT sum(packets) FROM gaps")[0]))
        #expect(written + lost == 1000)
        #expect(lost > 0)
        #expect(writer.status.lost == lost)
        // Where the gap ends depends on when the writer took the first records; it lies within what was appended.
        let gaps = try rows(folder.tape, "SELECT DISTINCT run_id, substr(from_at, 1, 23), substr(to_at, 1, 23), reason FROM gaps")
        #expect(gaps == ["1|2026-09-21T14:13:20.000|2026-09-21T14:13:20.000|\(TapeGap.queueFull)"])
        #expect(try rows(folder.tape, "SELECT reason FROM session") == ["bye"])
    }

    @Test("counts a row that the database refuses and goes on")
    func refusedRow() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, connected(1) + connected(1) + [packet(1, 1, .in, event: "e", #"["e"]"#)])
        #expect(try rows(folder.tape, "SELECT count(*) FROM connections") == ["1"])
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["1"])
        let gap = try rows(folder.tape, "SELECT reason FROM gaps")
        #expect(gap.count == 1 && gap[0].hasPrefix("refused by the database"))
    }

    @Test("leaves a sound file with all but the last moment when it is cut off")
    func crash() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        writer.append(connected(1))
        let copies = 10
        for copy in 0..<copies {
            for index in 0..<3000 {
                writer.append(packet(1, 1, .in, at: Int64(copy * 3000 + index), event: "e", "[\"e\",\(index)]", attachments: [[1, 2, 3]]))
            }
            let safe = writer.committedID
            // What a killed process leaves: the file and its WAL as they stand, the WAL first read after the file.
            try FileManager.default.copyItem(atPath: folder.tape, toPath: folder.file("\(copy).tape"))
            try FileManager.default.copyItem(atPath: folder.tape + "-wal", toPath: folder.file("\(copy).tape-wal"))
            let path = folder.file("\(copy).tape")
            #expect(try rows(path, "PRAGMA integrity_check") == ["ok"])
            // A beginning of what was appended, without holes.
            #expect(try rows(path, "SELECT coalesce(max(id) - min(id) + 1, 0) = count(*) FROM packet WHERE event_id > 0") == ["1"])
            let last = try #require(Int64(rows(path, "SELECT coalesce(max(id), 0) FROM packet")[0]))
            #expect(last >= safe)
            // The next recording marks the run and ends what it left open.
            try await writeTape(path, [])
            #expect(try rows(path, "SELECT status, ended_at IS NOT NULL FROM runs WHERE id = 1") == ["interrupted|1"])
            #expect(
                try rows(path, "SELECT count(*) FROM sessions WHERE disconnected_at IS NULL OR reason <> 'recording interrupted'") == ["0"])
            #expect(try rows(path, "SELECT count(*) FROM connections WHERE closed_at IS NULL") == ["0"])
        }
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["\(copies * 3000)"])
    }

    @Test("is read by the sqlite3 program while it writes", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")))
    func concurrentReader() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        writer.append(connected(1) + [roomChange(1, .join, "r1")])
        var seen = 0
        for round in 1...10 {
            for index in 0..<500 {
                writer.append(packet(1, 1, .in, event: "ask", ack: UInt64(index), #"["ask"]"#))
                writer.append(packet(1, 1, .out, .ack, at: Int64(index), ack: UInt64(index), "[]"))
            }
            let answer = try sqlite3(
                folder.tape,
                "SELECT count(*) FROM packets WHERE session_id = 1; SELECT max(latency_ms) FROM acks; SELECT sid FROM room_changes WHERE room = 'r1'"
            )
            let count = try #require(Int(answer.split(separator: "\n").first ?? "0"))
            #expect(count >= seen && count <= round * 1000 + 2)
            seen = count
        }
        try await writer.close()
        #expect(try sqlite3(folder.tape, "SELECT count(*) FROM packets WHERE session_id = 1") == "10002\n")
        #expect(
            try sqlite3(folder.tape, "SELECT event, latency_ms, status FROM acks ORDER BY latency_ms DESC LIMIT 2")
                == "ask|0.499|acked\nask|0.499|acked\n")
        #expect(!folder.exists("t.tape-wal"))
    }

    private func sqlite3(_ path: String, _ sql: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = ["-cmd", ".timeout 5000", "-readonly", path, sql]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test("keeps recording over a disk that was full for a while")
    func fullDisk() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.maxQueuedRecords = 500
        options.flushInterval = .milliseconds(5)
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })

        // A lock that does not go away refuses writes as a full disk does, without needing one.
        let blocker = try SQLiteConnection(path: folder.tape, flags: 2)
        try blocker.execute("BEGIN IMMEDIATE")
        writer.append(packet(1, 1, .in, event: "held", #"["held"]"#))
        #expect(await eventually { writer.status.state == .failing })
        #expect(writer.status.lastError != nil)
        for index in 0..<5000 { writer.append(packet(1, 1, .in, at: Int64(index), event: "e", #"["e"]"#)) }
        try blocker.execute("ROLLBACK")

        #expect(await eventually { writer.status.state == .recording && writer.status.queued == 0 })
        writer.append(packet(1, 1, .in, event: "after", #"["after"]"#))
        try await writer.close()
        let written = try #require(Int(rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'")[0]))
        let lost = try #require(Int(rows(folder.tape, "SELECT coalesce(sum(packets), 0) FROM gaps")[0]))
        #expect(written + lost == 5000)
        #expect(lost > 0)
        #expect(try rows(folder.tape, "SELECT event FROM events WHERE event <> 'e'") == ["held", "after"])
        #expect(try rows(folder.tape, "SELECT packets_in FROM sessions") == ["\(written + 3)"])
    }

    @Test("says at the end what it could not write")
    func unwritten() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.closeTimeout = .milliseconds(10)
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        let blocker = try SQLiteConnection(path: folder.tape, flags: 2)
        try blocker.execute("BEGIN IMMEDIATE")
        writer.append(packet(1, 1, .in, event: "e", #"["e"]"#))
        await #expect(throws: TapeError.self) { try await writer.close() }
        #expect(writer.status.state == .closed)
        #expect(writer.status.lost == 1)
        try blocker.execute("ROLLBACK")
        #expect(try rows(folder.tape, "PRAGMA integrity_check") == ["ok"])
    }
}
