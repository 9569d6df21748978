import Foundation
import NIOConcurrencyHelpers
import SocketIOClient
import SocketIOWire
import Tape
import TestSupport
import Testing

/// `kill -9` under load, again and again on one tape. `TAPEDECK_KILLS=300` makes it long and prints what the kills cost.
@Suite("kill -9")
struct KillTests {
    private static let kills = ProcessInfo.processInfo.environment["TAPEDECK_KILLS"].flatMap { Int($0) } ?? 12

    @Test("leaves a sound tape that holds, without a hole, all that had been flushed; the next start marks the run")
    func kill() async throws {
        let tape = try TestPlaces.temporaryFolder().appending(path: "killed.tape")
        var missing: [Double] = []
        for round in 1...Self.kills {
            let server = try await ServerProcess.tapedeck(tape: tape)
            let run = try await sqlite(tape, "SELECT max(id) FROM runs")
            #expect(run == "\(round)")
            #expect(try await sqlite(tape, "SELECT count(*) FROM runs WHERE status = 'interrupted'") == "\(round - 1)")
            #expect(try await sqlite(tape, "SELECT count(*) FROM connections WHERE closed_at IS NULL AND run_id < \(run)") == "0")
            #expect(try await sqlite(tape, "SELECT count(*) FROM sessions WHERE disconnected_at IS NULL AND run_id < \(run)") == "0")

            let loads = [
                try await Load(server.url, [.webSocket]), try await Load(server.url, [.polling]),
                try await Load(server.url, [.polling, .webSocket]),
            ]
            let work = loads.map { load in Task { await load.run() } }
            // The moment is any: when so many packets are on the tape as the round says.
            let target = 20 + round * 37 % 400
            let count = "SELECT count(*) FROM packets WHERE event = 'echo' AND run_id = \(run)"
            let reader = try TapeReader(path: tape.path)
            let flushed = try await withDeadline("\(target) packets on the tape") {
                while true {
                    let rows = try await reader.query(count).rows
                    if case .integer(let rows)? = rows.first?.first, rows >= target { return rows }
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            server.process.signal(SIGKILL)
            let killed = ContinuousClock.now
            #expect(try await server.process.exitStatus() == -SIGKILL)
            try reader.close()
            for task in work { task.cancel() }

            #expect(try await sqlite(tape, "PRAGMA integrity_check") == "ok")
            #expect(try #require(Int64(try await sqlite(tape, count))) >= flushed)
            var echoes = 0
            for load in loads {
                // Numbers count from 1 for each client: the highest is their count if there is no hole.
                let numbers = try await sqlite(
                    tape,
                    """
                    SELECT count(*), coalesce(max(json_extract(data, '$[1]')), 0) FROM packets
                    WHERE event = 'echo' AND run_id = \(run) AND session_id = (SELECT id FROM sessions WHERE sid = '\(load.sid)')
                    """
                ).split(separator: "|").compactMap { Int($0) }
                #expect(numbers[0] == numbers[1])
                echoes += numbers[0]
                if let answered = load.answered(after: numbers[1]) { missing.append((killed - answered) / .milliseconds(1)) }
                load.person.client.close()
            }
            #expect(echoes >= flushed)
        }
        let last = try await ServerProcess.tapedeck(tape: tape)
        try await last.stop()
        #expect(try await sqlite(tape, "SELECT count(*) FROM runs WHERE status = 'interrupted'") == "\(Self.kills)")
        #expect(try await sqlite(tape, "SELECT count(*) FROM room_members") == "0")
        if Self.kills > 100, !missing.isEmpty {
            missing.sort()
            let shares = [0.5, 0.9, 0.99, 1].map { share in
                String(format: "%.0f ms", missing[min(missing.count - 1, Int(Double(missing.count) * share))])
            }
            print(
                "\(Self.kills) kills: the oldest missing packets had been answered \(shares) (p50, p90, p99, most) before; flush interval 50 ms"
            )
        }
    }

    @Test("leaves every tape of a rotation sound, and each packet on one of them")
    func rotation() async throws {
        for round in 1...max(3, Self.kills / 10) {
            let folder = try TestPlaces.temporaryFolder()
            let server = try await ServerProcess.tapedeck(["--max-tape-size", "1m"], tape: folder.appending(path: "t.tape"))
            let load = try await Load(server.url, [.webSocket], filling: 4000)
            let work = Task { await load.run() }
            @Sendable func tapes() throws -> [URL] {
                try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter {
                    $0.pathExtension == "tape"
                }
            }
            try await withDeadline("a rotation") {
                while try tapes().count < 1 + round { try await Task.sleep(for: .milliseconds(1)) }
            }
            server.process.signal(SIGKILL)
            try await server.process.exitStatus()
            work.cancel()
            var numbers: [Int] = []
            // Whatever state the kill met, the next start goes on from it.
            let next = try await ServerProcess.tapedeck(["--max-tape-size", "1m"], tape: folder.appending(path: "t.tape"))
            #expect(try await next.stop() == 0)
            for tape in try tapes() {
                #expect(try await sqlite(tape, "PRAGMA integrity_check") == "ok")
                let sql = """
                    SELECT json_extract(data, '$[1]') FROM packets
                    WHERE event = 'echo' AND session_id = (SELECT id FROM sessions WHERE sid = '\(load.sid)')
                    """
                numbers += try await sqlite(tape, sql).split(separator: "\n").compactMap { Int($0) }
            }
            #expect(numbers.sorted() == Array(1...max(1, numbers.count)))
            #expect(numbers.count > 10)
            load.person.client.close()
        }
    }
}

/// A client that echoes as fast as it can.
private final class Load: Sendable {
    let person: Person
    private let answers = NIOLockedValueBox<[ContinuousClock.Instant]>([])

    /// Which a client no longer knows when its connection has ended.
    let sid: String
    private let text: String

    init(_ url: String, _ transports: [ClientTransport], filling: Int = 60) async throws {
        text = String(repeating: "x", count: filling)
        person = try await Person(url, transports: transports)
        sid = person.id
        try await person.ask("join", "r\(person.id)")
    }

    func run() async {
        var number: Int64 = 0
        // It ends with the server: what is not answered then was not promised.
        while !Task.isCancelled {
            number += 1
            do { try await person.ask("echo", .integer(number), .string(text)) } catch { return }
            answers.withLockedValue { $0.append(.now) }
        }
    }

    /// When the server answered the packet behind the one of this number.
    func answered(after number: Int) -> ContinuousClock.Instant? {
        answers.withLockedValue { $0.indices.contains(number) ? $0[number] : nil }
    }
}
