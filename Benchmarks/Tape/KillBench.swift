import Foundation
import NIOCore
import Tape

/// `make bench-kill`: how old the oldest packet was that a `kill -9` under load took with it.
///
/// A process of its own records and is killed, again and again, at any moment. It notes in shared memory when it appended which
/// packet, so that its end is known to the millisecond, and one of its threads does nothing but sleep and note how late it was
/// woken: what the machine adds to every deadline, the tape's too.
struct KillBench {
    let kills: Int
    /// Packets per second.
    let rate: Int
    /// Threads that do nothing but keep a core busy.
    let burners: Int
    let folder: URL

    private struct Outcome {
        /// In milliseconds: of the oldest packet that is missing, 0 if none is.
        var age: Double
        /// In milliseconds: the latest awakening of the last 200 ms.
        var delay: Double
        var packets: Int
    }

    func run() async throws {
        let burning = Burners(count: burners)
        defer { burning.stop() }
        var outcomes: [Outcome] = []
        for number in 0..<kills {
            let tape = folder.appending(path: "killed-\(number / 20).tape")
            outcomes.append(try await kill(tape: tape.path, run: number % 20 + 1))
            if number % 20 == 19 { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: tape.path + suffix) } }
        }
        report(outcomes)
    }

    private func report(_ outcomes: [Outcome]) {
        say("\(kills) kills at \(rate) packets/s from \(Victim.threads) threads, beside \(burners) busy threads; flush interval 50 ms.")
        say("Every file was sound and had no hole. In ms:")
        say(
            ["", "p50", "p90", "p99", "longest"].map { cell($0, 10) }.joined().replacing(/^ {10}/, with: String(repeating: " ", count: 44)))
        line("age of the oldest missing packet", outcomes.map(\.age))
        line("latest awakening of a sleeping thread", outcomes.map(\.delay))
        line("age less what the awakening was late", outcomes.map { max(0, $0.age - $0.delay) })
        say(
            "Older than the interval: \(outcomes.count { $0.age > 50 }); without such an awakening: \(outcomes.count { $0.age - $0.delay > 50 })."
        )
    }

    private func line(_ name: String, _ values: [Double]) {
        let sorted = values.sorted()
        func at(_ share: Double) -> String { cell(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))].text(1), 10) }
        say(name.padding(toLength: 44, withPad: " ", startingAt: 0) + at(0.5) + at(0.9) + at(0.99) + cell((sorted.last ?? 0).text(1), 10))
    }

    private func kill(tape: String, run: Int) async throws -> Outcome {
        let notes = try Notes(path: folder.appending(path: "notes").path, isNew: true)
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = ["--victim", tape, "--notes", notes.path, "--rate", "\(rate)"]
        try process.run()
        while notes.count(of: 0) < 100 { try await Task.sleep(for: .milliseconds(1)) }
        try await Task.sleep(for: .milliseconds(Int.random(in: 100...800)))
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()

        let end = notes.lastSign
        var outcome = Outcome(age: 0, delay: Double(notes.latestAwakening(since: end - 200_000)) / 1000, packets: 0)
        let reader = try TapeReader(path: tape)
        guard try await reader.query("SELECT count(*), max(id) FROM runs").rows == [[.integer(Int64(run)), .integer(Int64(run))]] else {
            throw Failure("a run is missing")
        }
        for thread in 0..<Victim.threads {
            let sql = """
                SELECT count(*), coalesce(max(cast(json_extract(args, '$[0]') AS INTEGER)), 0) FROM events
                WHERE session_id = (SELECT id FROM sessions WHERE run_id = \(run) AND sid = 'sid-\(thread + 1)') AND event = 'echo'
                """
            let row = try await reader.query(sql).rows.first ?? []
            guard row.count == 2, case .integer(let count) = row[0], case .integer(let last) = row[1] else { throw Failure("no answer") }
            guard count == last else { throw Failure("a hole: \(count) packets up to number \(last)") }
            outcome.packets += Int(count)
            if last < notes.count(of: thread) {
                outcome.age = max(outcome.age, Double(end - notes.time(of: Int(last), thread: thread)) / 1000)
            }
        }
        try reader.close()
        let check = Process()
        check.executableURL = URL(filePath: "/usr/bin/sqlite3")
        check.arguments = ["-readonly", tape, "PRAGMA integrity_check"]
        let output = Pipe()
        check.standardOutput = output
        try check.run()
        guard String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "ok\n" else {
            throw Failure("the file is damaged")
        }
        return outcome
    }
}

/// The process that is killed.
struct Victim {
    let tape: String
    let notes: Notes
    let rate: Int

    static let threads = 4

    func run() throws -> Never {
        let writer = try TapeWriter(path: tape, run: TapeRun(kind: .embedded))
        for record in Traffic(sessions: Self.threads).opening() { writer.append(record) }
        let notes = notes
        let parent = getppid()
        let perTurn = max(1, rate / Self.threads / 1000)
        for thread in 0..<Self.threads {
            Thread {
                var number = 0
                var due = Notes.now
                while true {
                    for _ in 0..<perTurn {
                        let at = Notes.now
                        writer.append(Self.packet(number + 1, thread))
                        notes.note(number, at: at, thread: thread)
                        number += 1
                    }
                    due += 1000
                    let rest = due - Notes.now
                    if rest > 0 { usleep(UInt32(rest)) }
                }
            }.start()
        }
        Thread {
            var tick = 0
            while true {
                let begin = Notes.now
                usleep(2000)
                notes.noteAwakening(tick, late: Notes.now - begin - 2000)
                tick += 1
                // Nobody will kill it: whoever wanted to has gone.
                if getppid() != parent { exit(1) }
            }
        }.start()
        while true { sleep(1000) }
    }

    private static let filling = String(repeating: "x", count: 90)

    private static func packet(_ number: Int, _ thread: Int) -> TapeRecord {
        TapeRecord(
            at: Int64(Date.now.timeIntervalSince1970 * 1_000_000),
            kind: .packet(
                TapePacket(
                    connection: UInt64(thread + 1), session: UInt64(thread + 1), direction: .in, type: .event, namespace: "/",
                    event: "echo",
                    payload: .init(string: #"["echo",\#(number),"\#(filling)"]"#), bytes: 114)))
    }
}

/// Memory that outlives the victim: when it appended which packet, and how late a sleeping thread was woken.
final class Notes: Sendable {
    let path: String
    // Each word has one writer, and is read when that has ended; a torn count would only end the wait for the first packets.
    nonisolated(unsafe) private let words: UnsafeMutablePointer<Int64>

    private static let ring = 1 << 18
    private static let ticks = 1 << 10
    private static let wordCount = (ring + 1) * Victim.threads + 2 * ticks

    init(path: String, isNew: Bool) throws {
        self.path = path
        if isNew { unlink(path) }
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let size = Self.wordCount * 8
        guard file >= 0, ftruncate(file, off_t(size)) == 0,
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { throw Failure("no shared memory at \(path)") }
        words = memory.bindMemory(to: Int64.self, capacity: Self.wordCount)
    }

    deinit { munmap(words, Self.wordCount * 8) }

    /// Microseconds of the clock that all processes share.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private func base(_ thread: Int) -> Int { thread * (Self.ring + 1) }
    private var awakenings: Int { Victim.threads * (Self.ring + 1) }

    func note(_ number: Int, at: Int64, thread: Int) {
        words[base(thread) + 1 + number % Self.ring] = at
        words[base(thread)] = Int64(number + 1)
    }

    func noteAwakening(_ tick: Int, late: Int64) {
        words[awakenings + 2 * (tick % Self.ticks)] = Self.now
        words[awakenings + 2 * (tick % Self.ticks) + 1] = late
    }

    func count(of thread: Int) -> Int { Int(words[base(thread)]) }

    func time(of number: Int, thread: Int) -> Int64 { words[base(thread) + 1 + number % Self.ring] }

    var lastSign: Int64 {
        let appended = (0..<Victim.threads).map { count(of: $0) == 0 ? 0 : time(of: count(of: $0) - 1, thread: $0) }
        return max(appended.max() ?? 0, (0..<Self.ticks).map { words[awakenings + 2 * $0] }.max() ?? 0)
    }

    func latestAwakening(since: Int64) -> Int64 {
        (0..<Self.ticks).lazy.filter { self.words[self.awakenings + 2 * $0] >= since }.map { self.words[self.awakenings + 2 * $0 + 1] }
            .max() ?? 0
    }
}

/// Threads that keep cores busy.
final class Burners: Sendable {
    nonisolated(unsafe) private let goesOn = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    init(count: Int) {
        goesOn.initialize(to: 1)
        for _ in 0..<count {
            Thread { [goesOn = UInt(bitPattern: goesOn)] in
                var value = 1.0
                while let flag = UnsafeMutablePointer<Int32>(bitPattern: goesOn), flag.pointee == 1 {
                    for _ in 0..<100_000 { value = (value * 1.000001).truncatingRemainder(dividingBy: 7) }
                    if value.isNaN { break }
                }
            }.start()
        }
    }

    func stop() { goesOn.pointee = 0 }
}
