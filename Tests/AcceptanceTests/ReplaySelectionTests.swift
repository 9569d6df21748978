import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// Which part of a tape is replayed, with what auth and headers, and what a replay shows on a terminal and elsewhere.
@Suite("A chosen part of a tape", .serialized)
struct ReplaySelectionTests {
    /// Ann asks and chats on `/`, bob is inside `/private`; the time is asked last.
    private static let recording = Task {
        let server = try await ServerProcess.tapedeck()
        let ann = try await Person(server.url, auth: ["user": "ann"], transports: [.webSocket])
        let bob = try await Person(server.url, "/private", auth: ["token": "letmein"], transports: [.polling])
        #expect(try await ann.ask("echo", "one") == ["one"])
        ann.say("chat message", "hello")
        try await ann.receives("chat message")
        #expect(try await bob.ask("echo", "inside") == ["inside"])
        try await ann.ask("time")
        for person in [ann, bob] { await person.client.closeAndWait() }
        #expect(try await server.stop() == 0)
        return try #require(server.tape).path
    }

    private static let secret = ["--auth", #"/private={"token":"letmein"}"#]

    private func replay(_ server: ServerProcess, _ flags: [String]) async throws -> (status: Int32, output: String, errors: String) {
        try await tapedeck(["replay", try await Self.recording.value, server.url] + flags)
    }

    /// When the client sent the event.
    private func time(of event: String) async throws -> String {
        let sql = "SELECT at FROM packets WHERE event = '\(event)' AND direction = 'in'"
        let result = try await tapedeck("query", try await Self.recording.value, sql, "--format", "csv")
        return try #require(result.output.split(whereSeparator: \.isNewline).last.map { $0.trimmingCharacters(in: ["\""]) })
    }

    @Test("is a span of time: what differs outside of it is neither sent nor judged")
    func span() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let (chat, time) = (try await time(of: "chat message"), try await time(of: "time"))
        // each tells the time
        #expect(try await replay(server, Self.secret).status == 1)
        let before = try await replay(server, Self.secret + ["--until", chat])
        #expect(before.status == 0, "\(before.output)\(before.errors)")
        let after = try await replay(server, Self.secret + ["--since", time, "--ignore", "time:$[0].at"])
        #expect(after.status == 0, "\(after.output)\(after.errors)")
        #expect(after.output.contains("2 connections"), "\(after.output)")
        let both = try await replay(server, Self.secret + ["--since", time])
        #expect(both.status == 1 && both.output.contains("the ack of 'time'") && !both.output.contains("'chat message'"), "\(both.output)")
        let spans = try await replay(server, Self.secret + ["--since", "0s", "--until", "10m", "--ignore", "$.at"])
        #expect(spans.status == 0, "\(spans.output)\(spans.errors)")
        #expect(try await replay(server, ["--since", "yesterday"]).status == 64)
        try await server.stop()
    }

    @Test("is a session, a namespace or an event")
    func selection() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let session = try await replay(server, ["--session", "1", "--ignore", "$.at"])
        #expect(session.status == 0 && session.output.contains("1 connection,"), "\(session.output)\(session.errors)")
        let namespace = try await replay(server, Self.secret + ["--namespace", "/private"])
        #expect(namespace.status == 0, "\(namespace.output)\(namespace.errors)")
        let event = try await replay(server, Self.secret + ["--event", "time"])
        #expect(event.status == 1 && !event.output.contains("'chat message' to"), "\(event.output)")
        #expect(try await replay(server, Self.secret + ["--event", "time", "--ignore", "time:$[0].at"]).status == 0)
        try await server.stop()
    }

    @Test("is sent with the auth that was given, and is refused with a wrong one")
    func auth() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let missing = try await replay(server, ["--ignore", "$.at"])
        #expect(missing.status == 2 && missing.errors.contains("token"), "\(missing.errors)")
        #expect(try await replay(server, Self.secret + ["--ignore", "$.at"]).status == 0)
        let wrong = try await replay(server, ["--auth", #"/private={"token":"guess"}"#, "--ignore", "$.at"])
        #expect(wrong.status == 1 && wrong.output.contains("the connect's acceptance"), "\(wrong.output)\(wrong.errors)")
        let everywhere = try await replay(server, ["--auth", #"{"token":"letmein","more":1}"#, "--ignore", "$.at"])
        #expect(everywhere.status == 1 && everywhere.output.contains("'auth' to"), "\(everywhere.output)\(everywhere.errors)")
        #expect(try await replay(server, ["--auth", "no json"]).status == 64)
        try await server.stop()
    }

    @Test("is sent with the headers that were given, on each connection")
    func headers() async throws {
        let server = try await ServerProcess.tapedeck(["--redact-nothing"])
        let result = try await replay(
            server, Self.secret + ["--ignore", "$.at", "--header", "X-Replay: by hand", "--header", "Cookie: a=b"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        try await server.stop()
        let sql = "SELECT count(*) AS n FROM connections WHERE headers LIKE '%by hand%' AND headers LIKE '%a=b%'"
        let query = try await tapedeck("query", try #require(server.tape).path, sql, "--format", "csv")
        #expect(query.output.split(whereSeparator: \.isNewline).last == "2", "\(query.output)\(query.errors)")
        #expect(try await replay(server, ["--header", "no header"]).status == 64)
    }

    @Test("has colour and a line of progress on a terminal, and neither elsewhere")
    func terminal() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let plain = try await replay(server, Self.secret)
        #expect(plain.status == 1 && !plain.output.contains("\u{1B}") && !plain.errors.contains("acts"), "\(plain.output)\(plain.errors)")
        func onTerminal(_ environment: [String: String]) async throws -> String {
            // both its outputs are the terminal's
            let script = """
                import os, pty, sys
                sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 4096))))
                """
            let arguments = ["-c", script, TestPlaces.product("tapedeck").path, "replay", try await Self.recording.value, server.url]
            let process = try ChildProcess(TestPlaces.python, arguments + Self.secret, environment: environment)
            #expect(try await process.exitStatus(within: .seconds(60)) == 1)
            return process.output
        }
        let coloured = try await onTerminal(["NO_COLOR": "", "TERM": "xterm"])
        #expect(coloured.contains("\u{1B}[3") || coloured.contains("\u{1B}[1"), "\(coloured)")
        #expect(coloured.contains(" acts\u{1B}[K"), "\(coloured)")
        let sober = try await onTerminal(["NO_COLOR": "1", "TERM": "xterm"])
        #expect(!sober.contains("\u{1B}[3") && !sober.contains("\u{1B}[1"), "\(sober)")
        try await server.stop()
    }

    @Test("that is interrupted in the middle reports what came until then, in each report: exit status 2")
    func interrupted() async throws {
        let server = try await ServerProcess.tapedeck()
        let folder = try TestPlaces.temporaryFolder()
        let json = folder.appending(path: "report.json")
        let process = try ChildProcess(
            TestPlaces.product("tapedeck"),
            ["replay", try await Self.recording.value, server.url, "--pace", "recorded", "--speed", "0.0001", "--json", json.path]
                + Self.secret)
        // the recorded clock goes so slowly now that the next act is far away
        try await eventually("the first connection") {
            let query = try await tapedeck(
                "query", try #require(server.tape).path, "SELECT count(*) AS n FROM connections", "--format", "csv")
            return query.output.split(whereSeparator: \.isNewline).last == "1"
        }
        process.signal(SIGTERM)
        #expect(try await process.exitStatus(within: .seconds(60)) == 2)
        #expect(process.output.contains("interrupted: after "), "\(process.output)\(process.errors)")
        let report = try JSONValue(parsing: String(contentsOf: json, encoding: .utf8))
        #expect(report["verdict"] == "interrupted", "\(report)")
        try await server.stop()
    }

    @Test("writes nothing that a later run would be judged by in CI")
    func nothingInCI() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let folder = try TestPlaces.temporaryFolder()
        let rules = folder.appending(path: "rules.yaml")
        let text = "ignore:\n  - '$.at'\n"
        try Data(text.utf8).write(to: rules)
        let tape = try await Self.recording.value
        for flags in [["--rules", rules.path], ["--learn", folder.appending(path: "learned.yaml").path]] {
            let process = try ChildProcess(
                TestPlaces.product("tapedeck"), ["replay", tape, server.url] + Self.secret + flags, environment: ["CI": "1"],
                directory: folder)
            #expect(
                try await process.exitStatus(within: .seconds(60)) == (flags[0] == "--rules" ? 0 : 2), "\(process.output)\(process.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["rules.yaml"])
        #expect(try String(contentsOf: rules, encoding: .utf8) == text)
        try await server.stop()
    }
}
