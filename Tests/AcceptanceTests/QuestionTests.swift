import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// The plain program `sqlite3` asks the tape while the server records on it.
@Suite("A growing tape")
struct QuestionTests {
    @Test("answers the plain sqlite3 program: slowest acks, who was in a room, all that a session received")
    func questions() async throws {
        let server = try await ServerProcess.tapedeck()
        let tape = try #require(server.tape)
        let ann = try await Person(server.url, transports: [.webSocket])
        let bob = try await Person(server.url, transports: [.polling])
        try await ann.ask("join", "r1")
        try await bob.ask("join", "r1")
        ann.say("cast", "r1", "hello")
        try await bob.receives("cast")
        try await bob.ask("leave", "r1")
        try await recorded("SELECT count(*) FROM acks WHERE event = 'leave' AND status = 'acked'", as: "1", on: tape)

        let acks = try await sqlite(tape, "SELECT event FROM acks WHERE status = 'acked' ORDER BY latency_ms DESC")
        #expect(acks.split(separator: "\n").sorted() == ["join", "join", "leave"])
        #expect(try await sqlite(tape, "SELECT sid FROM room_members WHERE room = 'r1'") == ann.id)
        let changes = try await sqlite(tape, "SELECT sid, action FROM room_changes WHERE room = 'r1' ORDER BY id")
        #expect(changes == "\(ann.id)|join\n\(bob.id)|join\n\(bob.id)|leave")
        let session = try await sqlite(tape, "SELECT id FROM sessions WHERE sid = '\(bob.id)'")
        let received = try await sqlite(
            tape,
            "SELECT type, event, data FROM packets WHERE session_id = \(session) AND direction = 'out' AND layer = 'socket' ORDER BY id")
        #expect(
            received == """
                connect||{"sid":"\(bob.id)"}
                event|auth|["auth",{}]
                ack||[["r1"]]
                event|cast|["cast","r1","hello"]
                ack||[[]]
                """)
        try await server.stop()
    }

    @Test("is read by Datasette and DuckDB while it grows, in all its views")
    func otherPrograms() async throws {
        let server = try await ServerProcess.tapedeck()
        let tape = try #require(server.tape)
        let ann = try await Person(server.url, transports: [.webSocket])
        let load = Task {
            // It ends with the server.
            for number in Int64(0)... { try await ann.ask("echo", .integer(number)) }
        }
        let script = TestPlaces.root.appending(path: "Tests/Clients/other_programs.py")
        let result = try await run(TestPlaces.python, [script.path, tape.path])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "datasette saw the tape grow\nduckdb saw the tape grow\n")
        load.cancel()
        try await server.stop()
    }

    @Test("loses nothing that is older than the flush interval when the server is killed")
    func kill() async throws {
        let server = try await ServerProcess.tapedeck()
        let tape = try #require(server.tape)
        let ann = try await Person(server.url, transports: [.webSocket])
        for number in 1...200 { try await ann.ask("echo", .integer(Int64(number))) }
        try await recorded("SELECT count(*) FROM packets WHERE event = 'echo'", as: "200", on: tape)
        server.process.signal(SIGKILL)
        try await server.process.exitStatus()
        #expect(try await sqlite(tape, "PRAGMA integrity_check") == "ok")
        #expect(try await sqlite(tape, "SELECT count(*) FROM packets WHERE event = 'echo'") == "200")
        let next = try await ServerProcess.tapedeck(tape: tape)
        #expect(try await sqlite(tape, "SELECT status FROM runs ORDER BY id").hasPrefix("interrupted"))
        try await next.stop()
    }

    /// Asks until the writer has written, for as long as a deadline allows.
    private func recorded(_ sql: String, as answer: String, on tape: URL) async throws {
        try await withDeadline("'\(answer)' from \(sql)") {
            while try await sqlite(tape, sql) != answer { try Task.checkCancellation() }
        }
    }
}
