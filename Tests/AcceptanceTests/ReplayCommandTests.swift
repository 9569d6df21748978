import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// What surrounds a replay on the command line: reports, rules, secrets, repetition, commands before and after, recording.
@Suite("The replay command", .serialized)
struct ReplayCommandTests {
    /// A short conversation with a secret in it, recorded as `serve` does it unless told otherwise: without the secret.
    private static let recording = Task {
        let server = try await ServerProcess.tapedeck()
        let ann = try await Person(server.url, auth: ["user": "ann", "token": "letmein"], transports: [.webSocket])
        let bob = try await Person(server.url, auth: ["user": "bob"], transports: [.polling])
        #expect(try await ann.ask("echo", "one", 2) == ["one", 2])
        ann.say("chat message", "hello")
        for person in [ann, bob] { try await person.receives("chat message") }
        try await bob.ask("time")
        await ann.client.closeAndWait()
        await bob.client.closeAndWait()
        #expect(try await server.stop() == 0)
        return try #require(server.tape).path
    }

    private static let flags = ["--set", "connect:$.token=letmein"]

    private func replay(_ server: ServerProcess, _ flags: [String]) async throws -> (status: Int32, output: String, errors: String) {
        let tape = try await Self.recording.value
        return try await run(TestPlaces.product("tapedeck"), ["replay", tape, server.url] + flags)
    }

    @Test("names the secrets that are missing before it opens a connection: exit status 2")
    func missingSecret() async throws {
        let tape = try await Self.recording.value
        // nobody listens there, and nobody is asked
        let result = try await tapedeck("replay", tape, "http://127.0.0.1:9")
        #expect(result.status == 2)
        #expect(result.errors.contains("the auth of ann (session 1) at $[0].token: redacted-"), "\(result.errors)")
    }

    @Test("takes secrets and rules from a file, and names the line of a wrong one")
    func rulesFile() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let folder = try TestPlaces.temporaryFolder()
        let rules = folder.appending(path: "rules.yaml")
        try Data("match:\n  '$.at': iso8601\nset:\n  'connect:$.token': letmein\n".utf8).write(to: rules)
        let result = try await replay(server, ["--rules", rules.path])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("rule '$.at=iso8601' accepted 3 differences"), "\(result.output)")
        #expect(!result.output.contains("letmein"))
        try Data("ignore:\n  - '$.at'\nsett:\n".utf8).write(to: rules)
        let wrong = try await replay(server, ["--rules", rules.path])
        #expect(wrong.status == 2)
        #expect(wrong.errors.contains("rules.yaml:3: 'sett' is none of"), "\(wrong.errors)")
        try await server.stop()
    }

    @Test("writes JSON, JUnit, HTML and annotations, and fails on the grade that it is told")
    func reports() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let folder = try TestPlaces.temporaryFolder()
        let (json, junit, html) = ("report.json", "report.xml", "report.html")
        let files = ["--json", json, "--junit", junit, "--html", html].map { $0.hasPrefix("--") ? $0 : folder.appending(path: $0).path }
        let result = try await replay(server, Self.flags + files + ["--github"])
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("::error file="), "\(result.output)")
        func text(_ name: String) throws -> String { try String(contentsOf: folder.appending(path: name), encoding: .utf8) }
        let report = try JSONValue(parsing: text(json))
        #expect(report["verdict"] == "different")
        #expect(report["findings"]?[0]?["event"] == "chat message")
        #expect(try text(junit).contains("<failure type=\"changed\" message=\"'chat message' to ann (session 1) has changed\">"))
        #expect(try text(html).contains("<h3>'chat message' to ann (session 1) has changed</h3>"))
        let schema = TestPlaces.root.appending(path: "docs/replay-report.schema.json")
        try checkNames(of: report, in: JSONValue(parsing: String(contentsOf: schema, encoding: .utf8)))
        #expect(try await replay(server, Self.flags + ["--fail-on", "high"]).status == 0)
        try await server.stop()
    }

    /// The report and its schema name the same members.
    private func checkNames(of report: JSONValue, in schema: JSONValue) {
        let definitions = schema["$defs"]
        let names = definitions?["report"]?["properties"]?.objectValue?.map(\.key)
        #expect(report.objectValue?.map(\.key).sorted() == names?.sorted())
        let finding = definitions?["finding"]?["properties"]?.objectValue?.map(\.key)
        #expect(report["findings"]?[0]?.objectValue?.map(\.key).sorted() == finding?.sorted())
    }

    @Test("runs commands around each run, waits for the server and repeats")
    func surroundings() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let log = try TestPlaces.temporaryFolder().appending(path: "log")
        let result = try await replay(
            server,
            Self.flags + [
                "--ignore", "$.at", "--repeat", "3", "--before", "echo before >> \(log.path)", "--after", "echo after >> \(log.path)",
                "--wait-for", "\(server.url)/healthz",
            ])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("3 of 3 runs: same; the same verdict every time"), "\(result.output)")
        let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
        #expect(lines == ["before", "after", "before", "after", "before", "after"])
        let failed = try await replay(server, Self.flags + ["--before", "exit 3"])
        #expect(failed.status == 2 && failed.errors.contains("--before ended with status 3"), "\(failed.errors)")
        let absent = try await replay(server, Self.flags + ["--wait-for", "http://127.0.0.1:9/", "--wait-timeout", "200ms"])
        #expect(absent.status == 2 && absent.errors.contains("http://127.0.0.1:9/ is not ready"), "\(absent.errors)")
        try await server.stop()
    }

    @Test("tries a run with differences again when it is told to: what comes out right then is flaky, and no pass")
    func retries() async throws {
        let report = try TestPlaces.temporaryFolder().appending(path: "report.json")
        func replay(_ fault: String?) async throws -> (status: Int32, output: String, verdict: JSONValue?, tries: JSONValue?) {
            let server = try await ServerProcess.foreign(fault: fault)
            let result = try await self.replay(
                server, Self.flags + ["--ignore", "$.at", "--retry", "2", "--json", report.path, "--before", "echo again >&2"])
            try await server.stop()
            let json = try JSONValue(parsing: String(contentsOf: report, encoding: .utf8))
            #expect(
                result.errors.components(separatedBy: "again").count - 1 == json["tries"]?.integerValue.map(Int.init), "\(result.errors)")
            return (result.status, result.output, json["verdict"], json["tries"])
        }
        let flaky = try await replay("ack-changed-once")
        #expect(flaky.status == 1 && flaky.verdict == "flaky" && flaky.tries == 2, "\(flaky.output)")
        #expect(flaky.output.contains("1. the ack of 'echo' to ann") && flaky.output.contains("flaky: 1 finding at first, and none"))
        let red = try await replay("ack-changed")
        #expect(red.status == 1 && red.verdict == "different" && red.tries == 3, "\(red.output)")
        #expect(red.output.contains("in the first of 3 runs, all of them different"), "\(red.output)")
        let green = try await replay(nil)
        #expect(green.status == 0 && green.verdict == "same" && green.tries == 1, "\(green.output)")
    }

    @Test("records a run as a tape that names the first and can be replayed itself")
    func recordsItself() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let copy = try TestPlaces.temporaryFolder().appending(path: "copy.tape")
        let result = try await replay(server, Self.flags + ["--ignore", "$.at", "--record", copy.path])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let query = try await tapedeck(
            "query", copy.path, "--format", "csv",
            """
            SELECT r.kind, json_extract(r.settings, '$.replay_of.tape') = '\(Self.recording.value)',
                json_extract(r.settings, '$.replay_of.sessions'),
                (SELECT count(*) FROM packets WHERE event = 'chat message' AND direction = 'out') FROM runs r
            """)
        #expect(query.output.contains("replay,1,\"[1,2]\",2"), "\(query.output)\(query.errors)")
        let again = try await tapedeck("replay", copy.path, server.url, "--ignore", "$.at", "--set", "connect:$.token=letmein")
        #expect(again.status == 0, "\(again.output)\(again.errors)")
        let exists = try await replay(server, Self.flags + ["--record", copy.path])
        #expect(exists.status == 2 && exists.errors.contains("exists"), "\(exists.errors)")
        try await server.stop()
    }

    @Test("learns rules from a good server, into a new file, and not in CI")
    func learns() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let rules = try TestPlaces.temporaryFolder().appending(path: "learned.yaml")
        let tape = try await Self.recording.value
        func learn(_ environment: [String: String]) async throws -> (Int32, String) {
            let process = try ChildProcess(
                TestPlaces.product("tapedeck"), ["replay", tape, server.url, "--learn", rules.path] + Self.flags,
                environment: environment)
            return (try await process.exitStatus(within: .seconds(60)), process.output + process.errors)
        }
        let (refused, reason) = try await learn(["CI": "true"])
        #expect(refused == 2 && reason.contains("CI"), "\(reason)")
        #expect(!FileManager.default.fileExists(atPath: rules.path))
        let (status, output) = try await learn(["CI": ""])
        #expect(status == 0, "\(output)")
        let text = try String(contentsOf: rules, encoding: .utf8)
        #expect(text.contains("\"chat message:$[0].at\": iso8601"), "\(text)")
        #expect(try await replay(server, Self.flags + ["--rules", rules.path]).status == 0)
        #expect(try await learn(["CI": ""]).0 == 2)
        try await server.stop()
    }

    @Test("is a load test with copies of the clients, and tells how long the server took")
    func copies() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let result = try await replay(server, Self.flags + ["--ignore", "$.at", "--clients", "5"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("10 connections"), "\(result.output)")
        #expect(result.output.contains("\nack of echo"), "\(result.output)")
        try await server.stop()
    }

    @Test("does in another order what was concurrent, the same for the same seed, over another transport too")
    func chaos() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        for flags in [["--chaos", "1"], ["--chaos", "2", "--pace", "recorded", "--speed", "100"], ["--pace", "flood"]] {
            let result = try await replay(server, Self.flags + ["--ignore", "$.at"] + flags)
            #expect(result.status == 0, "\(flags) \(result.output)\(result.errors)")
        }
        for transport in ["polling", "websocket", "upgrade"] {
            let result = try await replay(server, Self.flags + ["--ignore", "$.at", "--transport", transport])
            #expect(result.status == 0, "\(transport) \(result.output)\(result.errors)")
        }
        try await server.stop()
    }

    @Test("that is interrupted gives a partial report: exit status 2")
    func interrupted() async throws {
        let server = try await ServerProcess.foreign(fault: "mute")
        let tape = try await Self.recording.value
        let process = try ChildProcess(
            TestPlaces.product("tapedeck"), ["replay", tape, server.url, "--timeout", "100s", "--before", "echo ready >&2"] + Self.flags)
        // the server accepts connections and never answers, so the replay waits
        try await eventually("the run to begin") { process.errors.contains("ready") }
        process.signal(SIGINT)
        #expect(try await process.exitStatus(within: .seconds(60)) == 2)
        #expect(
            process.output.contains("interrupted: after ") || process.errors.contains("interrupted"), "\(process.output)\(process.errors)")
        try await server.stop()
    }

    @Test("compares only what is chosen, and refuses to compare nothing")
    func selection() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record"])
        // what differs is outside of each of these
        for flags in [["--event", "echo"], ["--until", "1ms"], ["--session", "2", "--event", "auth"]] {
            let result = try await replay(server, Self.flags + flags)
            #expect(result.status == (flags[0] == "--until" ? 2 : 0), "\(flags) \(result.output)\(result.errors)")
        }
        let nothing = try await replay(server, Self.flags + ["--namespace", "/nowhere"])
        #expect(nothing.status == 2 && nothing.errors.contains("no expectation for this selection"), "\(nothing.errors)")
        try await server.stop()
    }
}
