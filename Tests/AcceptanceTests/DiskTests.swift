import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// `tapedeck serve` on a small disk of its own, that is filled up and emptied again.
@Suite("A full disk", .enabled(if: SmallDisk.isPossible, "a file system can be mounted here"), .serialized)
struct DiskTests {
    @Test("with --on-loss mark: the server serves on, and the tape counts exactly what is missing")
    func mark() async throws {
        let disk = try await SmallDisk(["--ping-interval", "10m"])
        let ann = try await Person(disk.url, transports: [.webSocket])
        try await ann.ask("echo", "before")
        try await disk.recorded("SELECT count(*) FROM packets WHERE event = 'echo'", as: "1")

        try disk.fill()
        let long = JSONValue.string(String(repeating: "x", count: 500_000))
        var sent = 1
        // More than the queue holds: every echo is answered all the same.
        while try await disk.health()["recorder"]?["lost"]?.integerValue == 0 {
            for _ in 1...20 { try await ann.ask("echo", long) }
            sent += 20
        }
        #expect(try await disk.health()["status"] == "degraded")
        #expect(disk.process.errors.contains("the tape cannot be written"))
        try disk.empty()
        try await disk.recorded("SELECT count(*) > 0 FROM gaps", as: "1")
        try await ann.ask("echo", "after")
        sent += 1
        try await disk.recorded("SELECT count(*) FROM packets WHERE event = 'echo' AND data LIKE '%after%'", as: "1")
        #expect(try await disk.health()["status"] == "ok")
        let metrics = try await get(disk.url + "/metrics").body
        #expect(try #require(metrics.firstMatch(of: /tapedeck_recorder_lost_packets_total (\d+)/)).1 != "0")
        // Each echo is two packets: the event and its ack.
        let counted =
            "SELECT sum(n) FROM (SELECT count(*) AS n FROM packets WHERE event = 'echo' OR type = 'ack' UNION ALL SELECT sum(packets) FROM gaps)"
        try await disk.recorded(counted, as: "\(2 * sent)")
        #expect(try await disk.integrity() == "ok\n")
        #expect(disk.process.errors.contains("packets are missing on the tape"))
        disk.process.signal(SIGTERM)
        #expect(try await disk.process.exitStatus() == 0)
    }

    @Test("that stays full to the end: the exit says how many packets are missing, and the tape counts them")
    func unwritten() async throws {
        let disk = try await SmallDisk(["--ping-interval", "10m"])
        let ann = try await Person(disk.url, transports: [.webSocket])
        try await ann.ask("echo", "before")
        try await disk.recorded("SELECT count(*) FROM packets WHERE event = 'echo'", as: "1")
        try disk.fill()
        for _ in 1...10 { try await ann.ask("echo", .string(String(repeating: "x", count: 500_000))) }
        // While they wait, the tape says so already.
        try await disk.recorded("SELECT packets > 0 AND reason LIKE 'waiting in memory%' FROM gaps", as: "1")
        let keeper = try await disk.keep()
        disk.process.signal(SIGTERM)
        #expect(try await disk.process.exitStatus() != 0)
        let said = try #require(disk.process.errors.firstMatch(of: /(\d+) packets could not be written to the tape/)?.1)
        let missing = try #require(Int(said))
        // Echoes and their acks, at least; the goodbye is more.
        #expect(missing >= 20)
        let answer = try await keeper.ask("SELECT sum(packets) || ' ' || max(reason) FROM gaps")
        #expect(answer.hasPrefix("\(missing) the disk refused it until the recording ended"))
        #expect(try await keeper.ask("PRAGMA integrity_check") == "ok\n")
        #expect(try await keeper.ask("SELECT count(*) FROM packets WHERE event = 'echo'") == "1\n")
    }

    @Test("and a kill -9 while it is full: the tape says what was waiting")
    func killed() async throws {
        let disk = try await SmallDisk(["--ping-interval", "10m"])
        let ann = try await Person(disk.url, transports: [.webSocket])
        try disk.fill()
        for _ in 1...10 { try await ann.ask("echo", .string(String(repeating: "x", count: 500_000))) }
        try await disk.recorded("SELECT packets >= 10 FROM gaps", as: "1")
        let keeper = try await disk.keep()
        disk.process.signal(SIGKILL)
        #expect(try await disk.process.exitStatus() == -SIGKILL)
        #expect(try await keeper.ask("PRAGMA integrity_check") == "ok\n")
        #expect(try await keeper.ask("SELECT packets >= 10 AND reason LIKE 'waiting in memory%' FROM gaps") == "1\n")
    }

    @Test("with --on-loss refuse: takes no new connections until it can record again, and keeps those it has")
    func refuse() async throws {
        let disk = try await SmallDisk(["--on-loss", "refuse"])
        let ann = try await Person(disk.url, transports: [.webSocket])
        try disk.fill()
        try await ann.ask("echo", .string(String(repeating: "x", count: 500_000)))
        let handshake = disk.url + "/socket.io/?EIO=4&transport=polling"
        try await withDeadline("a refusal") {
            while try await get(handshake).status != 403 { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(try await ann.ask("echo", 1) == [1])
        try disk.empty()
        try await withDeadline("a welcome") {
            while try await get(handshake).status != 200 { try await Task.sleep(for: .milliseconds(100)) }
        }
        disk.process.signal(SIGTERM)
        #expect(try await disk.process.exitStatus() == 0)
    }

    @Test("with --on-loss stop: drains and says why, exit status 2")
    func stop() async throws {
        let disk = try await SmallDisk(["--on-loss", "stop"])
        let ann = try await Person(disk.url, transports: [.webSocket])
        try disk.fill()
        try await ann.ask("echo", .string(String(repeating: "x", count: 500_000)))
        #expect(try await ann.receives("disconnect") == ["transport close"])
        #expect(try await disk.process.exitStatus() == 2)
        #expect(disk.process.errors.contains("could not be"))
    }
}

/// A server whose tape lies on a file system in memory, mounted for that process alone.
private struct SmallDisk {
    let process: ChildProcess
    let url: String
    private let place: String
    /// The folder as the process sees it, seen from outside.
    private let folder: URL

    static let isPossible: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "unshare -m mount -t tmpfs -o size=1m tmpfs /mnt 2>/dev/null"]
        do {
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus == 0
        } catch {
            return false
        }
    }()

    init(_ arguments: [String]) async throws {
        place = try TestPlaces.temporaryFolder().path
        let server = TestPlaces.product("tapedeck").path
        let script = #"mount -t tmpfs -o size=200m tmpfs "$0" && exec "$@""#
        process = try ChildProcess(
            URL(filePath: "/usr/bin/unshare"),
            ["-m", "sh", "-c", script, place, server, "serve", "--port", "0", "--tape", place + "/t.tape"] + arguments)
        url = try await "http" + process.line(startingWith: "Listening on http")
        folder = URL(filePath: "/proc/\(process.identifier)/root" + place)
    }

    func fill() throws {
        let path = folder.appending(path: "filler").path
        let file = fopen(path, "w")
        defer { fclose(file) }
        // In small pieces at the end, so that no page is left.
        for size in [1 << 20, 4096] {
            let piece = [UInt8](repeating: 0x20, count: size)
            setvbuf(file, nil, _IONBF, 0)
            while fwrite(piece, 1, size, file) == size {}
        }
    }

    func empty() throws { try FileManager.default.removeItem(at: folder.appending(path: "filler")) }

    /// Keeps the file system after the server's end.
    func keep() async throws -> Keeper { try await Keeper(process.identifier, tape: place + "/t.tape") }

    func health() async throws -> JSONValue { try JSONValue(parsing: await get(url + "/healthz").body) }

    func integrity() async throws -> String {
        try await run(
            URL(filePath: "/usr/bin/nsenter"),
            ["-t", "\(process.identifier)", "-m", "sqlite3", "-readonly", place + "/t.tape", "PRAGMA integrity_check"]
        ).output
    }

    func recorded(_ sql: String, as answer: String) async throws {
        var components = URLComponents(string: url + "/inspect/api/sql")
        components?.queryItems = [URLQueryItem(name: "q", value: sql), URLQueryItem(name: "format", value: "csv")]
        let question = try #require(components?.string)
        try await withDeadline("'\(answer)' from \(sql)") {
            while try await get(question).body.split(whereSeparator: \.isNewline).last.map(String.init) != answer {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}

/// A shell that sees the server's file system, and keeps it for as long as the test lives.
private final class Keeper: Sendable {
    private let process: ChildProcess
    private let tape: String

    init(_ server: Int32, tape: String) async throws {
        self.tape = tape
        process = try ChildProcess(
            URL(filePath: "/usr/bin/nsenter"), ["-t", "\(server)", "-m", "sh", "-c", "echo inside; exec sleep 300"])
        _ = try await process.line(startingWith: "inside")
    }

    /// Makes room, without which SQLite cannot open what a killed process left, and asks.
    func ask(_ sql: String) async throws -> String {
        try await run(
            URL(filePath: "/usr/bin/nsenter"),
            [
                "-t", "\(process.identifier)", "-m", "sh", "-c", #"rm -f "$(dirname "$0")/filler"; exec sqlite3 -readonly "$0" "$1""#, tape,
                sql,
            ]
        ).output
    }
}
