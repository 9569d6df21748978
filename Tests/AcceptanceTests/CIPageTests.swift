import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// docs/ci.md and what it leads to: the example repository and the reusable workflow, as far as they go without GitHub.
@Suite("Replay in CI")
struct CIPageTests {
    private static func follow(_ arguments: String...) async throws -> (status: Int32, output: String, folder: URL) {
        let folder = try TestPlaces.temporaryFolder()
        let script = TestPlaces.root.appending(path: "Tests/Clients/follow_page.py").path
        let all = [script, arguments[0], TestPlaces.product("tapedeck").path, folder.path] + arguments.dropFirst()
        let result = try await run(TestPlaces.python, all, within: .seconds(300))
        return (result.status, result.output + result.errors, folder.appending(path: "example"))
    }

    @Test("in five minutes: the page's commands do what the page says, word by word")
    func page() async throws {
        let (status, output, folder) = try await Self.follow("page")
        #expect(status == 0, "\(output)")
        for file in ["tapes/chat.tape", "tapes/rules.yaml", "report.html", "report.xml"] {
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: file).path), "\(file)")
        }
        #expect(output.contains("$[0].text: expected \"Hello Ben\", got \"HELLO BEN\""), "\(output)")
        // the fixture that is committed is one that the page makes
        let committed = TestPlaces.root.appending(path: "Examples/CI/tapes")
        let count = "SELECT count(*), count(DISTINCT session_id) FROM events"
        #expect(try await sqlite(committed.appending(path: "chat.tape"), count) == sqlite(folder.appending(path: "tapes/chat.tape"), count))
    }

    @Test("by the reusable workflow's own steps is green on the good server and red on the faulty one")
    func workflow() async throws {
        let good = try await Self.follow("workflow")
        #expect(good.status == 0 && good.output.contains("same: "), "\(good.output)")
        let bad = try await Self.follow("workflow", "--broken")
        #expect(bad.status == 1 && bad.output.contains("::error"), "\(bad.output)")
        for report in ["chat.html", "chat.xml", "server.log"] {
            #expect(FileManager.default.fileExists(atPath: bad.folder.appending(path: "replay-reports/\(report)").path), "\(report)")
        }
    }

    @Test("leaves a report in one HTML file that shows payloads as text and asks the network for nothing")
    func report() async throws {
        let folder = try TestPlaces.temporaryFolder()
        let server = try await ServerProcess.tapedeck(["--redact-nothing"])
        let attack = "<img src=x onerror=alert(1)><script>alert(2)</script> & \"quotes\" " + String(repeating: "long", count: 100)
        let ann = try await Person(server.url, auth: ["user": "<b>ann</b>"], transports: [.webSocket])
        ann.say("chat message", .string(attack))
        try await ann.receives("chat message")
        ann.socket.disconnect()
        #expect(try await server.stop() == 0)
        let broken = try await ServerProcess.foreign(fault: "field-missing")
        let html = folder.appending(path: "report.html").path
        let tape = try #require(server.tape).path
        let result = try await tapedeck("replay", tape, broken.url, "--set", "chat message:$[0]=\(attack)", "--html", html)
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        try await broken.stop()
        let shots = TestPlaces.root.appending(path: "screenshots")
        try FileManager.default.createDirectory(at: shots, withIntermediateDirectories: true)
        let script = TestPlaces.root.appending(path: "Tests/Clients/html_report.py").path
        let page = try await run(
            TestPlaces.python, [script, html, "<img src=x onerror=alert(1)>", shots.appending(path: "report.png").path],
            within: .seconds(120))
        #expect(page.status == 0, "\(page.output)\(page.errors)")
    }

    @Test("needs a tape that a cut has made and that lint finds nothing in, but the clock")
    func fixture() async throws {
        let folder = try TestPlaces.temporaryFolder()
        let server = try await ServerProcess.tapedeck(["--redact-nothing"])
        let ann = try await Person(server.url, auth: ["user": "ann"], transports: [.webSocket])
        let ben = try await Person(server.url, transports: [.webSocket])
        let eve = try await Person(server.url, transports: [.webSocket])
        ben.say("dm", .string(ann.id), "your card: 4111 1111 1111 1111", ["iban": "DE00123456"])
        try await ann.receives("dm")
        try await eve.ask("echo", "alone")
        for person in [ann, ben, eve] { person.socket.disconnect() }
        #expect(try await server.stop() == 0)
        let whole = try #require(server.tape).path
        #expect(try await tapedeck("lint", whole, "--skip", "secrets").status == 0)
        let found = try await tapedeck("lint", whole, "--json")
        #expect(found.status == 0, "\(found.output)")
        let small = folder.appending(path: "small.tape").path
        let made = try await tapedeck(
            "cut", whole, small, "--session", "1", "--with-causes", "--scrub", "iban", "--scrub", "dm:$[1]", "--plan")
        #expect(made.status == 0 && made.output.contains("2 sessions") && made.output.contains("emit 'dm'"), "\(made)")
        #expect(try await sqlite(URL(filePath: small), "SELECT group_concat(id) FROM sessions") == "1,2")
        let bytes = try Data(contentsOf: URL(filePath: small))
        for secret in ["4111 1111", "DE00123456", "alone"] { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)") }
        #expect(try await tapedeck("cut", whole, folder.appending(path: "x.tape").path, "--with-causes").status == 64)
        #expect(try await tapedeck("cut", whole, folder.appending(path: "x.tape").path, "--scrub", "a:").status == 64)
        #expect(try await tapedeck("lint", folder.path).status == 2)
    }
}
