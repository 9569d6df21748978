import Foundation
import Testing

@testable import Tape

/// Faults of the disk below SQLite; `AcceptanceTests.DiskTests` fills a real one.
@Suite("A tape on a bad disk")
struct DiskFaultTests {
    private let folder = TapeFolder()
    private let disk = FaultyDisk()

    private func options(_ change: (inout TapeOptions) -> Void = { _ in }) -> TapeOptions {
        var options = TapeOptions()
        options.vfs = disk.name
        options.flushInterval = .milliseconds(1)
        change(&options)
        return options
    }

    private func event(_ number: Int, filling: Int = 0) -> TapeRecord {
        packet(1, 1, .in, at: Int64(number), event: "e", "[\"e\",\(number),\"\(String(repeating: "x", count: filling))\"]")
    }

    @Test("syncs each batch with durability full, and none without", arguments: [TapeOptions.Durability.full, .normal])
    func durability(_ durability: TapeOptions.Durability) async throws {
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options { $0.durability = durability })
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        for batch in 1...5 {
            let before = disk.syncs(of: "-wal")
            writer.append(event(batch))
            #expect(await eventually { writer.status.packets == 2 + batch })
            let syncs = disk.syncs(of: "-wal") - before
            #expect(durability == .full ? syncs >= 1 : syncs == 0)
        }
        try await writer.close()
        // What is finished is safe from a power cut either way.
        #expect(disk.syncs(of: ".tape") > 0)
    }

    @Test("writes on while a checkpoint waits for the disk")
    func slow() async throws {
        let writer = try TapeWriter(
            path: folder.tape, run: TapeRun(kind: .serve), options: options { $0.checkpoints = .init(begin: 100, wait: 100_000) })
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        disk.set { $0.holdsSyncs = true }
        for number in 1...150 {
            writer.append(event(number, filling: 5000))
            #expect(await eventually { writer.status.packets == 2 + number })
        }
        #expect(await eventually { disk.isHolding })
        for number in 151...170 {
            writer.append(event(number))
            #expect(await eventually { writer.status.packets == 2 + number })
        }
        #expect(disk.isHolding)
        disk.set { $0.holdsSyncs = false }
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["170"])
        #expect(writer.status.lost == 0)
    }

    @Test("keeps the WAL bounded: checkpoints that batches overtake are followed by others")
    func boundedWAL() async throws {
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options())
        writer.append(connected(1))
        var sent = 0
        // 60 MB, and a checkpoint is due after 16.
        for _ in 0..<60 {
            for _ in 0..<500 {
                writer.append(event(sent, filling: 2000))
                sent += 1
            }
            #expect(await eventually { writer.status.packets == sent + 2 })
        }
        let size = try #require(FileManager.default.attributesOfItem(atPath: folder.tape + "-wal")[.size] as? Int)
        #expect(size < 16 * 4000 * 4096)
        #expect(disk.syncs(of: "-wal") > 0)
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["\(sent)"])
    }

    @Test("waits for the disk when the WAL has become very large, and goes on when the disk does not answer at all")
    func overdue() async throws {
        let bounds = Checkpointer.Bounds(begin: 200, wait: 400)
        let (connection, lock) = try TapeFile.openForRecording(folder.tape, options: options())
        defer { lock.unlock() }
        let checkpointer = try Checkpointer(path: folder.tape, bounds: bounds, vfs: disk.name)
        let wal = WALSize(of: connection)
        disk.set { $0.holdsSyncs = true }
        try connection.execute("CREATE TABLE filling (x)")
        while wal.pages < 420 {
            try connection.execute("INSERT INTO filling VALUES (randomblob(8000))")
            checkpointer.committed(pages: wal.pages)
        }
        #expect(await eventually { disk.isHolding })
        #expect(checkpointer.isOverdue)
        checkpointer.waitForRound(within: .milliseconds(50))
        // It was of no use, so it is not tried again at once.
        #expect(!checkpointer.isOverdue)
        disk.set { $0.holdsSyncs = false }
        checkpointer.waitForRound(within: .seconds(10))
        // All is in the file: the next commit begins the WAL anew.
        try connection.execute("INSERT INTO filling VALUES (1)")
        #expect(wal.pages < 200)
        checkpointer.close()
    }

    @Test("that is full: says on the tape what waits, and takes it back once it is written")
    func full() async throws {
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options())
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        // Room for a few pages, not for the packet.
        disk.set { $0.room = 40_000 }
        writer.append(event(1, filling: 200_000))
        #expect(try await eventually { try rows(folder.tape, "SELECT packets FROM gaps WHERE reason LIKE 'waiting in memory%'") == ["1"] })
        #expect(writer.status.state == .failing)
        for number in 2...5 { writer.append(event(number)) }
        #expect(try await eventually { try rows(folder.tape, "SELECT packets >= 2 FROM gaps") == ["1"] })
        disk.set { $0.room = nil }
        #expect(await eventually { writer.status.packets == 7 })
        #expect(try rows(folder.tape, "SELECT count(*) FROM gaps") == ["0"])
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["5"])
    }

    @Test("that is full to the end: counts on the tape exactly what was never written")
    func fullAtTheEnd() async throws {
        let writer = try TapeWriter(
            path: folder.tape, run: TapeRun(kind: .serve), options: options { $0.closeTimeout = .milliseconds(10) })
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        disk.set { $0.room = 40_000 }
        for number in 1...7 { writer.append(event(number, filling: 200_000)) }
        do {
            try await writer.close()
            Issue.record("it was written, where there was no room")
        } catch {
            guard case .unwritten(7, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(writer.status.lost == 7)
        let gap = try rows(folder.tape, "SELECT packets, reason, from_at <= to_at FROM gaps")
        #expect(gap.count == 1 && gap[0].hasPrefix("7|the disk refused it until the recording ended") && gap[0].hasSuffix("|1"))
        #expect(try rows(folder.tape, "PRAGMA integrity_check") == ["ok"])
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets") == ["2"])
    }

    @Test("that is gone for a while: loses nothing that fits into memory")
    func gone() async throws {
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options())
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        disk.set { $0.isGone = true }
        for number in 1...100 { writer.append(event(number)) }
        #expect(await eventually { writer.status.state == .failing })
        #expect(writer.status.lastError != nil)
        disk.set { $0.isGone = false }
        #expect(await eventually { writer.status.state == .recording && writer.status.packets == 102 })
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'e'") == ["100"])
        #expect(try rows(folder.tape, "SELECT count(*) FROM gaps") == ["0"])
    }
}
