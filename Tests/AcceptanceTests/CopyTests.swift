import Foundation
import NIOCore
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

@Suite("tapedeck cut and merge")
struct CopyTests {
    /// Ann and Bob talk in a room, Cy talks to himself.
    private func record(_ folder: URL, _ name: String) async throws -> (tape: URL, half: String) {
        let server = try await ServerProcess.tapedeck(["--redact-nothing"], tape: folder.appending(path: name))
        let ann = try await Person(server.url, auth: ["user": "ann"], transports: [.webSocket])
        let bob = try await Person(server.url, transports: [.polling, .webSocket])
        let cy = try await Person(server.url, transports: [.polling])
        try await ann.ask("join", "r1")
        try await bob.ask("join", "r1")
        try await cy.ask("echo", "mumble")
        let half = try await ann.ask("time")[0]["at"]?.stringValue ?? ""
        ann.say("cast", "r1", "hello", .binary(.init(string: "wave")))
        try await ann.receives("cast")
        try await bob.receives("cast")
        try await bob.ask("echo", 1, [2, "three"])
        try await cy.ask("echo", "mumble again")
        for person in [ann, bob, cy] { person.socket.disconnect() }
        try await server.stop()
        return (folder.appending(path: name), half)
    }

    @Test("a cut tape replays green: sessions that belong together, one event, a span of time")
    func cut() async throws {
        let folder = try TestPlaces.temporaryFolder()
        let (tape, half) = try await record(folder, "whole.tape")
        let server = try await ServerProcess.tapedeck(["--no-record"])
        for (index, choice) in [["--session", "1", "--session", "2"], ["--session", "3"], ["--event", "echo"], ["--since", half]]
            .enumerated()
        {
            let out = folder.appending(path: "\(index).tape")
            let made = try await tapedeck(["cut", tape.path, out.path] + choice)
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.output.contains(" sessions, "))
            let replayed = try await tapedeck("replay", out.path, server.url, "--ignore", "$[0].at")
            #expect(replayed.status == 0, "\(choice): \(replayed.output)\(replayed.errors)")
        }
        try await server.stop()
        #expect(try await sqlite(folder.appending(path: "3.tape"), "SELECT count(*) FROM packets WHERE event = 'cast'") == "3")
        #expect(
            try await sqlite(folder.appending(path: "3.tape"), "SELECT count(*) FROM packets WHERE event = 'echo' AND direction = 'in'")
                == "2")
    }

    @Test("a merged tape holds both, in order; nothing is overwritten: exit status 2")
    func merge() async throws {
        let folder = try TestPlaces.temporaryFolder()
        let first = try await record(folder, "a.tape").tape
        let second = try await record(folder, "b.tape").tape
        let out = folder.appending(path: "both.tape")
        #expect(try await tapedeck("merge", first.path, second.path, "--output", out.path).status == 0)
        #expect(try await sqlite(out, "SELECT count(*), count(DISTINCT run_id) FROM packets WHERE event = 'cast'") == "6|2")
        #expect(
            try await sqlite(
                out,
                "SELECT count(*) FROM (SELECT at_us < lag(at_us) OVER (PARTITION BY run_id ORDER BY id) AS back FROM packets WHERE direction = 'in') WHERE back"
            ) == "0")
        let again = try await tapedeck("merge", first.path, second.path, "--output", out.path)
        #expect(again.status == 2)
        #expect(again.errors.contains("Choose another name"))
        #expect(try await tapedeck("merge", first.path).status == 64)
        #expect(try await tapedeck("cut", first.path, out.path).status == 2)
        #expect(try await tapedeck("cut", first.path, folder.appending(path: "x").path, "--since", "noon").status == 64)
    }

    @Test("a tape of a later version is refused by every command, with a sentence: exit status 2")
    func newer() async throws {
        let folder = try TestPlaces.temporaryFolder()
        let (tape, _) = try await record(folder, "later.tape")
        _ = try await run(URL(filePath: "/usr/bin/sqlite3"), [tape.path, "PRAGMA user_version = 99"])
        let out = folder.appending(path: "out.tape").path
        for arguments in [
            ["info", tape.path], ["query", tape.path, "SELECT 1"], ["cut", tape.path, out], ["merge", tape.path, tape.path, "-o", out],
            ["replay", tape.path, "http://127.0.0.1:9"], ["serve", "--port", "0", "--tape", tape.path],
        ] {
            let result = try await tapedeck(arguments)
            #expect(result.status == 2, "\(arguments)")
            #expect(result.errors.contains("Update tapedeck"), "\(arguments): \(result.errors)")
        }
    }
}
