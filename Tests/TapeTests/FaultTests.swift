import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Tape

@Suite("A tape in trouble")
struct FaultTests {
    @Test("says that it is damaged when what SQLite reads first is broken, and is left as it was")
    func damagedOnOpen() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, connected(1))
        var data = try Data(contentsOf: URL(fileURLWithPath: folder.tape))
        // The header stands, the schema behind it does not.
        data.replaceSubrange(100..<4096, with: Data(repeating: 0xAA, count: 3996))
        try data.write(to: URL(fileURLWithPath: folder.tape))
        for isWriter in [false, true] {
            let error = #expect(throws: TapeError.self) {
                if isWriter {
                    _ = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
                } else {
                    _ = try TapeReader(path: folder.tape)
                }
            }
            #expect(error?.description.contains("is damaged") == true)
            #expect(error?.description.contains("Move it away") == true)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.tape)) == data)
    }

    @Test("never crashes on a file with a broken page: it opens or says why, and reads what it can")
    func damagedAnywhere() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, connected(1) + (0..<2000).map { packet(1, 1, .in, event: "e\($0 % 9)", "[\"e\($0 % 9)\",\($0)]") })
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.tape))
        let pages = whole.count / 4096
        for page in stride(from: 1, to: pages, by: max(1, pages / 40)) {
            var data = whole
            data.replaceSubrange(
                page * 4096..<(page + 1) * 4096, with: Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ page) }))
            let path = folder.file("\(page).tape")
            try data.write(to: URL(fileURLWithPath: path))
            do {
                let reader = try TapeReader(path: path)
                do { _ = try await reader.query("SELECT count(*), sum(length(data)) FROM packets") } catch {
                    #expect(error.description.contains("malformed") || error.description.contains("damaged"), "\(error)")
                }
                try reader.close()
                let writer = try TapeWriter(path: path, run: TapeRun(kind: .serve))
                writer.append(connected(1))
                try await writer.close()
                // On the file that was there, or on a new one with the damaged one beside it.
                #expect(
                    try rows(path, "SELECT count(*) FROM connections WHERE sid = 'engine1' AND run_id = (SELECT max(id) FROM runs)") == [
                        "1"
                    ])
            } catch let error as TapeError {
                guard case .damaged = error else {
                    Issue.record("page \(page): \(error)")
                    continue
                }
            }
        }
    }

    @Test("is put aside when SQLite finds it damaged while it is written; nothing that was waiting is lost")
    func damagedWhileWriting() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.flushInterval = .milliseconds(1)
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        // Every page but the first is overwritten below SQLite, in the file and in the WAL.
        let aside = try SQLiteConnection(path: folder.tape, flags: 2)
        #expect(try aside.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
        let size = try #require(FileManager.default.attributesOfItem(atPath: folder.tape)[.size] as? Int)
        let file = try #require(FileHandle(forWritingAtPath: folder.tape))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0x5A, count: size - 4096))
        // A change that makes SQLite look at the pages again.
        try aside.execute(
            "PRAGMA application_id = \(TapeMigrations.applicationID); PRAGMA user_version = 98; PRAGMA user_version = \(TapeMigrations.latest)"
        )
        writer.append((0..<100).map { packet(1, 1, .in, at: Int64($0), event: "e", "[\"e\",\($0)]") })
        #expect(await eventually { writer.status.packets == 102 && writer.status.queued == 0 })
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["100"])
        #expect(try rows(folder.tape, "PRAGMA integrity_check") == ["ok"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).contains { $0.hasPrefix("t-damaged-") })
    }

    @Test("is blind while packets are lost or writing fails, says so once, and sees again")
    func blind() async throws {
        let folder = TapeFolder()
        let alarms = NIOLockedValueBox(0)
        var options = TapeOptions()
        options.flushInterval = .milliseconds(5)
        options.blindAfter = .zero
        options.maxQueuedRecords = 100
        options.onLoss = { alarms.withLockedValue { $0 += 1 } }
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        #expect(!writer.status.isBlind)
        let blocker = try SQLiteConnection(path: folder.tape, flags: 2)
        try blocker.execute("BEGIN IMMEDIATE")
        writer.append(packet(1, 1, .in, event: "held", #"["held"]"#))
        #expect(await eventually { writer.status.isBlind })
        for index in 0..<1000 { writer.append(packet(1, 1, .in, at: Int64(index), event: "e", #"["e"]"#)) }
        #expect(writer.status.lost > 0)
        try blocker.execute("ROLLBACK")
        #expect(await eventually { writer.status.state == .recording && !writer.status.isBlind })
        #expect(alarms.withLockedValue { $0 } == 1)
        try await writer.close()
        let counts = try rows(folder.tape, "SELECT (SELECT count(*) FROM packets WHERE event = 'e') + (SELECT sum(packets) FROM gaps)")
        #expect(counts == ["1000"])
    }

    @Test("does not end before it began, or go backwards, when the clock was set back")
    func clock() async throws {
        let folder = TapeFolder()
        // The run began at a time that the clock, set back since, has not reached yet.
        let later = UnixTime.now() + 3_600_000_000
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: later))
        writer.append(connected(1).map { TapeRecord(at: later + ($0.at - start), kind: $0.kind) })
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT ended_at >= started_at FROM runs") == ["1"])
        #expect(try rows(folder.tape, "SELECT closed_at >= opened_at FROM connections") == ["1"])
        // The next run begins earlier than that; its ids and rows come after all the same.
        try await writeTape(folder.tape, connected(1))
        #expect(try rows(folder.tape, "SELECT id FROM runs ORDER BY id") == ["1", "2"])
        #expect(
            try rows(folder.tape, "SELECT (SELECT max(id) FROM packets WHERE run_id = 1) < (SELECT min(id) FROM packets WHERE run_id = 2)")
                == ["1"])
        // A run that was cut off does not end before it began either.
        try SQLiteConnection(path: folder.tape, flags: 2).execute(
            "UPDATE run SET status = 'running', ended_us = NULL, started_us = \(later) WHERE id = 2")
        try await writeTape(folder.tape, [])
        #expect(try rows(folder.tape, "SELECT status, ended_at >= started_at FROM runs WHERE id = 2") == ["interrupted|1"])
    }
}
