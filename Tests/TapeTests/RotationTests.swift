import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Tape

@Suite("A tape that is finished while the recording goes on")
struct RotationTests {
    /// The tapes in a folder, oldest first, the one being recorded last.
    private func tapes(_ folder: TapeFolder) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".tape") && $0 != "t.tape" }
        return names.sorted().map { folder.file($0) } + [folder.tape]
    }

    private func echoes(_ range: Range<Int>) -> [TapeRecord] {
        range.flatMap { number in
            [
                packet(
                    1, 1, .in, at: Int64(number), event: "echo", ack: UInt64(number),
                    "[\"echo\",\(number),\"\(String(repeating: "x", count: 200))\"]"),
                packet(1, 1, .out, .ack, at: Int64(number), ack: UInt64(number), "[\(number)]"),
            ]
        }
    }

    @Test("goes on in a new file when it is full, with every packet on one of them and what is open on all of them")
    func size() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.maxTapeBytes = 1 << 20
        options.flushInterval = .milliseconds(2)
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, host: "h", software: "s"), options: options)
        let reader = try TapeReader(path: folder.tape)
        writer.append(connected(1) + [roomChange(1, .join, "r"), packet(1, 1, .out, event: "question", ack: 900_000, #"["question"]"#)])
        var sent = 0
        while try tapes(folder).count < 4 {
            writer.append(echoes(sent..<sent + 100))
            sent += 100
            #expect(await eventually { writer.status.packets == sent * 2 + 3 })
        }
        writer.append(packet(1, 1, .in, .ack, ack: 900_000, "[1]"))
        #expect(await eventually { writer.status.packets == sent * 2 + 4 })
        // A reader that was there before sees the newest file.
        #expect(try await reader.read { try $0.acks().items.contains { $0.event == "question" && $0.status == .acked } })
        try reader.close()
        try await writer.close()

        let files = try tapes(folder)
        var numbers: Set<Int> = []
        var lastID: Int64 = 0
        for (index, file) in files.enumerated() {
            #expect(try rows(file, "PRAGMA integrity_check") == ["ok"])
            let size = try #require(FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
            #expect(size <= 1 << 20)
            #expect(!folder.exists(URL(fileURLWithPath: file).lastPathComponent + "-wal"))
            #expect(try rows(file, "SELECT id, kind, host, software, status FROM runs") == ["\(index + 1)|serve|h|s|ended"])
            #expect(try rows(file, "SELECT id, sid, run_id FROM sessions") == ["1|socket1|\(index + 1)"])
            #expect(
                try rows(file, "SELECT close_reason FROM connections") == [
                    index < files.count - 1 ? "recording went on in another file" : "recording ended"
                ])
            let found = try rows(file, "SELECT json_extract(data, '$[1]') FROM packets WHERE event = 'echo' ORDER BY id").compactMap {
                Int($0)
            }
            #expect(found.allSatisfy { numbers.insert($0).inserted })
            let ids = try rows(file, "SELECT min(id), max(id) FROM packets")[0].split(separator: "|").compactMap { Int64($0) }
            #expect(ids[0] > lastID)
            lastID = ids[1]
        }
        #expect(numbers == Set(0..<sent))
        #expect(writer.status.packets == sent * 2 + 4)
        #expect(try rows(files.last ?? "", "SELECT status, request_id < response_id FROM acks WHERE event = 'question'") == ["acked|1"])
    }

    @Test("goes on in a new file when it is old, and keeps only so many")
    func age() async throws {
        let folder = TapeFolder()
        var options = TapeOptions()
        options.maxTapeAge = .milliseconds(1)
        options.keptTapes = 2
        options.flushInterval = .milliseconds(1)
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        writer.append(connected(1))
        for number in 0..<6 {
            writer.append(echoes(number..<number + 1))
            #expect(await eventually { writer.status.packets == number * 2 + 4 })
        }
        try await writer.close()
        let files = try tapes(folder)
        #expect(files.count == 3)
        #expect(writer.runID > 3)
        for file in files { #expect(try rows(file, "SELECT count(*) FROM sessions") == ["1"]) }
    }

    @Test("goes on in a new file when somebody moves it; the moved one is complete")
    func moved() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        writer.append(connected(1) + echoes(0..<10))
        #expect(await eventually { writer.status.packets == 22 })
        try FileManager.default.moveItem(atPath: folder.tape, toPath: folder.file("moved.tape"))
        writer.append(echoes(10..<20))
        #expect(await eventually { writer.status.packets == 42 })
        try await writer.close()
        for (file, count) in [(folder.file("moved.tape"), "10"), (folder.tape, "10")] {
            #expect(try rows(file, "PRAGMA integrity_check") == ["ok"])
            #expect(try rows(file, "SELECT count(*) FROM packets WHERE event = 'echo'") == [count])
            #expect(try rows(file, "SELECT status FROM runs") == ["ended"])
        }
        #expect(try rows(folder.tape, "SELECT count(*) FROM gaps") == ["0"])
    }

    @Test("goes on in a new file when somebody deletes it, and counts what went with it")
    func deleted() async throws {
        let folder = TapeFolder()
        let alarms = NIOLockedValueBox(0)
        var options = TapeOptions()
        options.onLoss = { alarms.withLockedValue { $0 += 1 } }
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve), options: options)
        writer.append(connected(1) + echoes(0..<10))
        #expect(await eventually { writer.status.packets == 22 })
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: folder.tape + suffix) }
        writer.append(echoes(10..<20))
        #expect(await eventually { writer.status.packets == 20 })
        try await writer.close()
        #expect((writer.status.packets, writer.status.lost) == (20, 22))
        #expect(try rows(folder.tape, "SELECT packets, reason FROM gaps") == ["22|\(TapeGap.deleted)"])
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'echo'") == ["10"])
        #expect(try rows(folder.tape, "SELECT sid, (SELECT sid FROM connections) FROM sessions") == ["socket1|engine1"])
        #expect(alarms.withLockedValue { $0 } == 1)
    }

    @Test("waits for its folder when that is gone, and goes on when it is back")
    func folderGone() async throws {
        let folder = TapeFolder()
        let inner = folder.file("inner")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
        let writer = try TapeWriter(path: inner + "/t.tape", run: TapeRun(kind: .serve))
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        try FileManager.default.removeItem(atPath: inner)
        writer.append(echoes(0..<10))
        #expect(await eventually { writer.status.state == .failing })
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
        #expect(await eventually { writer.status.packets == 20 })
        try await writer.close()
        #expect(
            try rows(inner + "/t.tape", "SELECT (SELECT count(*) FROM packets WHERE event = 'echo'), (SELECT sum(packets) FROM gaps)") == [
                "10|2"
            ])
    }
}
