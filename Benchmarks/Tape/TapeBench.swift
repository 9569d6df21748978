import Foundation
import NIOCore
import Tape

/// `make bench-tape`: what the tape costs and how fast it answers, next to a bare SQLite loop in the same run.
///
///     tape-bench [--packets 10000000] [--rounds 5] [--folder /tmp] [--keep]
///     tape-bench --kills 300 [--rate 20000] [--burners 0]
@main
struct TapeBench {
    private let packets: Int
    private let rounds: Int
    private let folder: URL
    private let keeps: Bool

    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        func value(_ name: String) -> String? {
            guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
            defer { arguments.removeSubrange(index...index + 1) }
            return arguments[index + 1]
        }
        let rate = value("--rate").flatMap { Int($0) } ?? 20_000
        if let tape = value("--victim"), let notes = value("--notes") {
            try Victim(tape: tape, notes: Notes(path: notes, isNew: false), rate: rate).run()
        }
        let kills = value("--kills").flatMap { Int($0) }
        let burners = value("--burners").flatMap { Int($0) } ?? 0
        let bench = TapeBench(
            packets: value("--packets").flatMap { Int($0) } ?? 10_000_000, rounds: value("--rounds").flatMap { Int($0) } ?? 5,
            folder: URL(filePath: value("--folder") ?? NSTemporaryDirectory()).appending(path: "tape-bench-\(getpid())"),
            keeps: arguments.contains("--keep"))
        try FileManager.default.createDirectory(at: bench.folder, withIntermediateDirectories: true)
        defer { if !bench.keeps { try? FileManager.default.removeItem(at: bench.folder) } }
        if let kills { return try await KillBench(kills: kills, rate: rate, burners: burners, folder: bench.folder).run() }
        try await bench.writing()
        try await bench.asking()
    }

    private init(packets: Int, rounds: Int, folder: URL, keeps: Bool) {
        self.packets = packets
        self.rounds = rounds
        self.folder = folder
        self.keeps = keeps
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    // MARK: Writing

    /// Bare loop and tape take turns, so that what else the machine does hits both.
    private func writing() async throws {
        let count = min(packets, 2_000_000)
        var bare: [(seconds: Double, cpu: Double, bytes: Int)] = []
        var echoes: [(seconds: Double, cpu: Double, bytes: Int)] = []
        for round in 1...rounds {
            bare.append(try BareLoop(path: path("bare-\(round).db")).run(rows: count))
            let plain = try await record(name: "echo-\(round).tape", packets: count, sessions: 1000, Self.echo)
            echoes.append(plain)
            for name in ["bare-\(round).db", "echo-\(round).tape"] { try FileManager.default.removeItem(atPath: path(name)) }
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        let perRow = Double(count)
        say("Writing \(count) packets of \(Traffic.payloadBytes) bytes, medians of \(rounds) rounds; CPU time of all threads")
        say(cell("", 28) + cell("bare SQLite loop", 18) + cell("tape", 18) + cell("ratio", 10))
        func line(_ name: String, _ left: Double, _ right: Double, _ digits: Int = 2) {
            say(
                name.padding(toLength: 28, withPad: " ", startingAt: 0) + cell(left.text(digits), 18) + cell(right.text(digits), 18)
                    + cell((right / left).text(), 10))
        }
        line("packets/s, sustained", median(bare.map { perRow / $0.seconds }), median(echoes.map { perRow / $0.seconds }), 0)
        line("CPU, µs per packet", median(bare.map { $0.cpu / perRow * 1e6 }), median(echoes.map { $0.cpu / perRow * 1e6 }))
        line("bytes per packet", median(bare.map { Double($0.bytes) / perRow }), median(echoes.map { Double($0.bytes) / perRow }), 1)
        say("Gaps: none; the tape redacts, links acks and counts events besides.\n")
    }

    /// One event in, one event out: what the bare loop writes.
    private static func echo(_ at: inout Int64, _ ids: inout UInt64, _ sink: (TapeRecord) -> Void) {
        let session = (ids &* 7919) % 1000 + 1
        ids += 1
        at += 2
        for direction in [TapeDirection.in, .out] {
            sink(
                TapeRecord(
                    at: at,
                    kind: .packet(
                        TapePacket(
                            connection: session, session: session, direction: direction, type: .event, namespace: "/", event: "echo",
                            payload: echoPayload, bytes: Traffic.payloadBytes))))
        }
    }

    private static let echoPayload = ByteBuffer(
        string: #"["echo",{"text":""# + String(repeating: "x", count: Traffic.payloadBytes - 21) + #""}]"#)

    /// Records as fast as the writer takes it, with nothing lost: whoever appends waits while the queues are full.
    private func record(
        name: String, packets: Int, sessions: Int, _ next: (inout Int64, inout UInt64, (TapeRecord) -> Void) -> Void
    ) async throws -> (seconds: Double, cpu: Double, bytes: Int) {
        let writer = try TapeWriter(path: path(name), run: TapeRun(kind: .embedded))
        for record in Traffic(sessions: sessions).opening() { writer.append(record) }
        let clock = Stopwatch()
        var at: Int64 = 1_790_000_000_000_000
        var ids: UInt64 = 0
        var sent = 0
        while sent < packets {
            for _ in 0..<500 { next(&at, &ids) { writer.append($0) } }
            sent += 1000
            while writer.status.queued > 50_000 { usleep(200) }
        }
        try await writer.close()
        guard writer.status.lost == 0 else { throw Failure("\(writer.status.lost) packets were lost") }
        return (clock.seconds, clock.cpu, try fileSize(path(name)))
    }

    // MARK: Asking

    private func asking() async throws {
        let tape = path("large.tape")
        let clock = Stopwatch()
        try await generate(tape)
        say(
            "\nA tape of \(packets) packets, \(try fileSize(tape) / 1_000_000) MB, made in \(clock.seconds.text(0)) s. Questions of docs/questions.md, in ms:"
        )
        say("   " + "".padding(toLength: 60, withPad: " ", startingAt: 0) + cell("first", 10) + cell("p50", 10) + cell("slowest", 10))
        let reader = try TapeReader(path: tape)
        var limits = QueryLimits()
        limits.timeout = .seconds(600)
        var medians: [Double] = []
        for question in try Question.all() {
            var times: [Double] = []
            for _ in 1...11 {
                let clock = Stopwatch()
                _ = try await reader.query(question.sql, limits: limits)
                times.append(clock.seconds * 1000)
            }
            let first = times[0]
            times.sort()
            medians.append(times[5])
            say(
                cell("\(question.number)", 2) + " " + question.title.padding(toLength: 60, withPad: " ", startingAt: 0)
                    + cell(first.text(1), 10)
                    + cell(times[5].text(1), 10) + cell(times[10].text(1), 10))
        }
        medians.sort()
        say("\nOf the twenty: median \(medians[9].text(1)) ms, slowest \(medians[19].text(1)) ms")
    }

    private func generate(_ tape: String) async throws {
        var options = TapeOptions()
        options.maxQueuedRecords = 1_000_000
        let writer = try TapeWriter(path: tape, run: TapeRun(kind: .embedded), options: options)
        var traffic = Traffic(sessions: 2000)
        for record in traffic.opening() { writer.append(record) }
        var sent = 0
        var turn = 0
        while sent < packets {
            traffic.next { writer.append($0) }
            sent += Traffic.packetsPerTurn
            turn += 1
            if turn == packets / Traffic.packetsPerTurn / 2 { interlude(writer, traffic.at) }
            if turn % 200 == 0 { while writer.status.queued > 20_000 { usleep(200) } }
        }
        for session in UInt64(1)...500 {
            writer.append(TapeRecord(at: traffic.at + 10_000, kind: .sessionDisconnected(session: session, reason: "transport close")))
            writer.append(
                TapeRecord(
                    at: traffic.at + 10_000,
                    kind: .connectionClosed(connection: session, reason: "transport close", detail: nil, bytesIn: 1, bytesOut: 1)))
        }
        try await writer.close()
        guard writer.status.lost == 0 else { throw Failure("\(writer.status.lost) packets were lost") }
    }

    /// What some questions look for: a marker, drops, somebody who leaves and comes back.
    private func interlude(_ writer: TapeWriter, _ at: Int64) {
        func change(_ action: TapeRoomChange.Action) -> TapeRecord {
            TapeRecord(at: at, kind: .roomChange(TapeRoomChange(session: 1, sid: "sid-1", namespace: "/", room: "r1", action: action)))
        }
        writer.append(TapeRecord(at: at, kind: .marker(name: "checkout begins")))
        writer.append(change(.leave))
        for number in UInt64(1)...50 {
            writer.append(TapeRecord(at: at, kind: .dropped(TapeDrop(session: number, event: "cast", bytes: 10, broadcast: 1))))
            writer.append(
                TapeRecord(
                    at: at,
                    kind: .packet(
                        TapePacket(
                            connection: number, session: number, direction: .in, type: .event, namespace: "/", event: "late",
                            ackID: 1_000_000_000, payload: ByteBuffer(string: #"["late"]"#), bytes: 12))))
        }
        writer.append(change(.join))
    }
}

/// A question of the page, with its number.
struct Question {
    let number: Int
    let title: String
    let sql: String

    static func all() throws -> [Question] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/questions.md")
        return try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n### ").dropFirst().compactMap { part in
            guard let number = Int(part.prefix { $0.isNumber }), let start = part.range(of: "```sql\n"),
                let end = part.range(of: "\n```", range: start.upperBound..<part.endIndex), let line = part.split(separator: "\n").first
            else { return nil }
            return Question(
                number: number, title: String(line.drop { $0 != " " }.dropFirst()), sql: String(part[start.upperBound..<end.lowerBound]))
        }
    }
}
