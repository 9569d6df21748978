import Foundation
import NIOCore
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// `tapedeck proxy` in front of servers of all kinds.
@Suite("A proxy")
struct ProxyTests {
    private static func proxy(_ server: ServerProcess, _ arguments: [String] = [], tape: URL? = nil) async throws -> ServerProcess {
        try await proxy(to: server.url, arguments, tape: tape)
    }

    private static func proxy(to url: String, _ arguments: [String] = [], tape: URL? = nil) async throws -> ServerProcess {
        let tape = try tape ?? TestPlaces.temporaryFolder().appending(path: "proxy.tape")
        let process = try ChildProcess(
            TestPlaces.product("tapedeck"), ["proxy", url, "--port", "0", "--tape", tape.path] + arguments)
        return try await ServerProcess(process: process, url: "http" + process.line(startingWith: "Listening on http"), tape: tape)
    }

    @Sendable
    private func sqlite(_ tape: URL?, _ sql: String) async throws -> String {
        try await AcceptanceTests.sqlite(try #require(tape), sql)
    }

    // MARK: What is on the tape

    /// One line for each packet, by connection, session and direction: what went which way in which order is the same for all who look at it.
    private static let packets = """
        SELECT p.connection_id, s.namespace, p.direction, p.layer, p.type, p.namespace, p.event, p.ack_id, p.data, p.attachments, p.bytes
        FROM packets p LEFT JOIN sessions s ON s.id = p.session_id
        ORDER BY p.connection_id, p.layer, s.namespace, p.direction, p.at_us, p.id
        """
    private static let sessions = "SELECT id, connection_id, sid, namespace, auth, reason, recovered FROM sessions ORDER BY id"
    private static let connections = "SELECT id, sid, protocol, transport, upgraded_at IS NULL, close_reason FROM connections ORDER BY id"
    private static let acks = "SELECT session_id, event, direction, ack_id, status FROM acks ORDER BY session_id, direction, ack_id"

    @Test("sees the same as the server itself: packets, sessions, acks, ends", arguments: ["json", "msgpack"])
    func sameAsTheServer(parser: String) async throws {
        let server = try await ServerProcess.tapedeck(["--redact-nothing", "--parser", parser])
        let proxy = try await Self.proxy(server, ["--redact-nothing", "--parser", parser])
        try await PlaygroundScenario.play(against: proxy.url, parser: parser == "json" ? nil : MessagePackParser())
        // Only when the server has noted the last end, both can be asked.
        let open = "SELECT count(*) FROM connections WHERE closed_at IS NULL"
        let tapes = try [#require(server.tape), #require(proxy.tape)]
        try await eventually("all connections have ended") {
            for tape in tapes where try await sqlite(tape, open) != "0" { return false }
            return true
        }
        #expect(try await proxy.stop() == 0)
        #expect(try await server.stop() == 0)
        for sql in [Self.packets, Self.sessions, Self.connections, Self.acks] {
            let (there, here) = (try await sqlite(tapes[0], sql), try await sqlite(tapes[1], sql))
            #expect(!there.isEmpty)
            let lines = (there.split(separator: "\n"), here.split(separator: "\n"))
            #expect(there == here, "\(lines.1.difference(from: lines.0))")
        }
        #expect(try await sqlite(tapes[1], "SELECT kind, upstream FROM runs") == "proxy|\(server.url)")
        #expect(try await sqlite(tapes[1], "SELECT count(*) FROM gaps") == "0")
    }

    @Test("makes a tape that is green against the foreign server it stood before, 20 times out of 20, and red when one handler is changed")
    func replayed() async throws {
        let server = try await ServerProcess.foreign()
        let proxy = try await Self.proxy(server, ["--redact-nothing"])
        try await PlaygroundScenario.play(against: proxy.url)
        #expect(try await proxy.stop() == 0)
        let tape = try #require(proxy.tape).path
        for round in 1...20 {
            let result = try await tapedeck("replay", tape, server.url, "--ignore", "$.at")
            #expect(result.status == 0, "round \(round)\n\(result.output)\(result.errors)")
        }
        try await server.stop()
        for (fault, title) in [
            ("ack-changed", "the ack of 'echo'"), ("event-missing", "'message-back'"), ("dm-wrong-sender", "'dm'"),
            ("refusal-changed", "the connect's refusal"), ("disconnect-missing", "the server's disconnect"), ("shout-missing", "'shout'"),
        ] {
            let faulty = try await ServerProcess.foreign(fault: fault)
            let result = try await tapedeck("replay", tape, faulty.url, "--ignore", "$.at", "--timeout", "4s")
            #expect(result.status == 1 && result.output.contains(title), "\(fault)\n\(result.output)\(result.errors)")
            try await faulty.stop()
        }
    }

    @Test("of a client of Socket.IO 2, over each transport, makes a tape that is green against the server")
    func legacy() async throws {
        let server = try await ServerProcess.tapedeck(["--allow-eio3", "--redact-nothing"])
        let proxy = try await Self.proxy(server, ["--redact-nothing"])
        let script = TestPlaces.root.appending(path: "Tests/Clients/legacy.py")
        let client = try await run(TestPlaces.legacyPython, [script.path, proxy.url])
        #expect(client.status == 0, "\(client.output)\(client.errors)")
        #expect(try await proxy.stop() == 0)
        let tapes = try [#require(server.tape), #require(proxy.tape)]
        let protocols = "SELECT DISTINCT protocol FROM connections"
        #expect(try await sqlite(tapes[1], protocols) == "3")
        let result = try await tapedeck("replay", tapes[1].path, server.url, "--ignore", "$.at")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        try await server.stop()
    }

    @Test("knows a client that comes back to its session")
    func recovery() async throws {
        let server = try await ServerProcess.tapedeck(["--recovery", "60s", "--redact-nothing"])
        let proxy = try await Self.proxy(server, ["--redact-nothing"])
        let bob = try await Person(proxy.url, transports: [.webSocket])
        func poll(_ connect: String) async throws -> (url: String, answer: String) {
            let handshake = try await get(proxy.url + "/socket.io/?EIO=4&transport=polling")
            let sid = try #require(JSONValue(parsing: String(handshake.body.dropFirst()))["sid"]?.stringValue)
            let url = proxy.url + "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
            #expect(try await post(url, connect).status == 200)
            return (url, try await get(url).body)
        }
        let ann = try await poll("40")
        let packets = ann.answer.split(separator: "\u{1e}")
        let welcome = try JSONValue(parsing: String(packets[0].dropFirst(2)))
        let (id, secret) = (try #require(welcome["sid"]?.stringValue), try #require(welcome["pid"]?.stringValue))
        let offset = try #require(JSONValue(parsing: String(packets[1].dropFirst(2)))[2]?.stringValue)
        #expect(try await post(ann.url, #"420["join","r1"]"#).status == 200)
        #expect(try await post(ann.url, "1").status == 200)
        try await eventually("she has left") {
            try await sqlite(proxy.tape, "SELECT reason FROM sessions WHERE sid = '\(id)'") == "transport close"
        }
        try await bob.ask("join", "r1")
        bob.say("cast", "r1", "missed")
        try await bob.receives("cast")
        let back = try await poll(#"40{"pid":"\#(secret)","offset":"\#(offset)"}"#)
        #expect(back.answer.contains("missed") && back.answer.contains(id), "\(back.answer)")
        try await eventually("both sessions are on the tape") {
            try await sqlite(proxy.tape, "SELECT count(*) FROM sessions WHERE sid = '\(id)'") == "2"
        }
        #expect(try await sqlite(proxy.tape, "SELECT recovered FROM sessions WHERE sid = '\(id)' ORDER BY id") == "0\n1")
        #expect(try await proxy.stop() == 0)
        try await server.stop()
        // What the server's log adds to events is known for what it is: replay does not compare it.
        let offsets = "SELECT count(*) FROM packets WHERE event IN ('cast', 'auth') AND direction = 'out'"
        #expect(try await sqlite(proxy.tape, offsets) == sqlite(server.tape, offsets))
        let fresh = try await ServerProcess.tapedeck(["--recovery", "60s"])
        let result = try await tapedeck("replay", try #require(proxy.tape).path, fresh.url, "--ignore", "$.at")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        try await fresh.stop()
    }

    // MARK: What clients see

    @Test("is not noticed by python-socketio", arguments: ClientTests.transports)
    func python(transports: String) async throws {
        try await check("client.py", "--transports", transports)
    }

    @Test("is not noticed by the official JavaScript client in Chromium", arguments: ClientTests.transports)
    func official(transports: String) async throws {
        try await check("javascript.py", "--client", "official", "--transports", transports)
    }

    @Test("is not noticed by Chromium, which offers permessage-deflate, before a server that takes the offer")
    func deflate() async throws {
        try await check(
            "javascript.py", "--client", "served", "--transports", "polling,websocket", server: ["--per-message-deflate"])
    }

    private func check(_ program: String, _ arguments: String..., server flags: [String] = []) async throws {
        let server = try await ServerProcess.tapedeck(flags)
        let proxy = try await Self.proxy(server)
        let script = TestPlaces.root.appending(path: "Tests/Clients/\(program)")
        let result = try await run(TestPlaces.python, [script.path, proxy.url] + arguments, within: .seconds(180))
        #expect(
            result.status == 0,
            "\(result.output.split(separator: "\n").filter { !$0.contains(#""ok": true"#) }.joined(separator: "\n"))\(result.errors)")
        #expect(try await proxy.stop() == 0)
        try await server.stop()
        // Connections are numbered, and secrets are replaced, by each tape in its own way.
        let packets =
            "SELECT sid, direction, type, event, ack_id, data FROM packets p LEFT JOIN sessions s ON s.id = p.session_id WHERE layer = 'socket'"
        let (there, here) = (try await sqlite(server.tape, packets), try await sqlite(proxy.tape, packets))
        let lines = [there, here].map { $0.replacing(/redacted-[0-9a-f]+/, with: "redacted").split(separator: "\n").sorted() }
        #expect(lines[0] == lines[1], "\(lines[1].difference(from: lines[0]))")
    }

    @Test("passes on the server's other pages: what they are, how long they are, and what is sent to them")
    func otherPages() async throws {
        let server = try await ServerProcess.tapedeck()
        let proxy = try await Self.proxy(server)
        let page = try await get(proxy.url + "/")
        #expect(page == (try await get(server.url + "/")) && page.status == 200)
        let script = try await get(proxy.url + "/socket.io/socket.io.js")
        #expect(script == (try await get(server.url + "/socket.io/socket.io.js")) && script.body.utf8.count > 10_000)
        #expect(try await get(proxy.url + "/nothing?a=b").status == 404)
        // Its own, not the server's: the runs are those of its own tape.
        #expect(try await get(proxy.url + "/inspect/api/runs").body.contains(#""kind":"proxy""#))
        #expect(try await get(proxy.url + "/inspect/api/runs", headers: ["Host: evil.example"]).status == 403)
        #expect(try await get(proxy.url + "/healthz").body.contains("recording"))
        try await server.stop()
        #expect(try await proxy.stop() == 0)
    }

    // MARK: When something goes wrong

    @Test("says that the server cannot be reached, serves on, and works once it is there")
    func unreachable() async throws {
        let gone = try await ServerProcess.foreign()
        try await gone.stop()
        let port = try #require(gone.url.split(separator: ":").last)
        let proxy = try await Self.proxy(to: gone.url)
        let answer = try await get(proxy.url + "/socket.io/?EIO=4&transport=polling")
        #expect(answer.status == 502 && answer.body.contains("does not answer"), "\(answer)")
        let script = TestPlaces.root.appending(path: "Tests/Foreign/playground.py")
        let back = try ChildProcess(TestPlaces.python, [script.path, "--port", String(port)])
        _ = try await back.line(startingWith: "Listening on http")
        let ann = try await Person(proxy.url, transports: [.polling, .webSocket])
        #expect(try await ann.ask("echo", "here") == ["here"])
        #expect(try await proxy.stop() == 0)
        back.signal(SIGKILL)
    }

    @Test("tells a server that is killed from one that ends a session, and a client that vanishes from one that leaves")
    func ends() async throws {
        let server = try await ServerProcess.foreign()
        let proxy = try await Self.proxy(server)
        let leaver = try await Person(proxy.url, transports: [.webSocket])
        let vanisher = try await Person(proxy.url, transports: [.polling])
        let kicked = try await Person(proxy.url, transports: [.webSocket])
        let staying = try await Person(proxy.url, transports: [.webSocket])
        let people = [leaver, vanisher, kicked, staying]
        let ids = people.map(\.id)
        @Sendable func ended(_ index: Int) async throws -> String {
            try await sqlite(proxy.tape, "SELECT coalesce(reason, '') FROM sessions WHERE sid = '\(ids[index])'")
        }
        leaver.client.close()
        vanisher.client.abort()
        kicked.say("kick")
        try await eventually("three have ended") {
            for index in 0..<3 where try await ended(index).isEmpty { return false }
            return true
        }
        #expect(["client namespace disconnect", "transport close"].contains(try await ended(0)))
        #expect(try await ended(1) == "transport error")
        #expect(try await ended(2) == "server namespace disconnect")
        try await server.stop()
        try await eventually("the last has ended") { try await !ended(3).isEmpty }
        #expect(try await ended(3) == "server shutting down")
        #expect(try await staying.receives("disconnect").first?.stringValue?.hasPrefix("transport") == true)
        #expect(try await proxy.stop() == 0)
    }

    @Test("ends properly while clients are connected: they are told, and the tape says why")
    func drain() async throws {
        let server = try await ServerProcess.tapedeck()
        let proxy = try await Self.proxy(server)
        let ann = try await Person(proxy.url, transports: [.webSocket])
        let bob = try await Person(proxy.url, transports: [.polling])
        #expect(try await ann.ask("echo", 1) == [1])
        #expect(try await proxy.stop() == 0)
        #expect(try await ann.receives("disconnect") == ["transport close"])
        #expect(try await bob.receives("disconnect") == ["transport close"])
        let tape = try #require(proxy.tape)
        #expect(!FileManager.default.fileExists(atPath: tape.path + "-wal"))
        #expect(try await sqlite(tape, "SELECT DISTINCT reason FROM sessions") == "server shutting down")
        try await server.stop()
    }

    @Test("loses nothing when it is killed: what had passed is on the tape, and the next start goes on")
    func killed() async throws {
        let server = try await ServerProcess.tapedeck()
        let proxy = try await Self.proxy(server)
        let ann = try await Person(proxy.url, transports: [.webSocket])
        for number in 0..<100 { try await ann.ask("echo", .integer(Int64(number))) }
        let count = "SELECT count(*) FROM packets WHERE event = 'echo'"
        try await eventually("all are on the tape") { try await sqlite(proxy.tape, count) == "100" }
        proxy.process.signal(SIGKILL)
        try await proxy.process.exitStatus()
        let next = try await Self.proxy(server, tape: proxy.tape)
        #expect(try await sqlite(proxy.tape, "SELECT status FROM runs ORDER BY id") == "interrupted\nrunning")
        #expect(try await next.stop() == 0)
        #expect(try await sqlite(proxy.tape, "PRAGMA integrity_check") == "ok")
        try await server.stop()
    }

    @Test("passes on rubbish and large things as they are, and lives")
    func rubbish() async throws {
        let server = try await ServerProcess.tapedeck(["--max-payload", "8m"])
        let proxy = try await Self.proxy(server)
        let ann = try await Person(proxy.url, transports: [.webSocket])
        let bob = try await Person(proxy.url, transports: [.polling])
        let large = JSONValue.string(String(repeating: "x", count: 5_000_000))
        for person in [ann, bob] { #expect(try await person.ask("echo", large) == [large]) }
        let handshake = try await get(proxy.url + "/socket.io/?EIO=4&transport=polling")
        let sid = try #require(JSONValue(parsing: String(handshake.body.dropFirst()))["sid"]?.stringValue)
        let poll = proxy.url + "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
        let asking = try await run(
            URL(filePath: "/usr/bin/curl"),
            ["-s", "-m", "20", "--expect100-timeout", "30", "-H", "Expect: 100-continue", "--data-binary", "40", poll])
        #expect(asking.output == "ok", "\(asking)")
        #expect(try await post(poll, "4rubbish").status == 200)
        #expect(try await post(poll, "\u{1e}\u{1e}").status >= 200)
        #expect(
            try await get(proxy.url + "/socket.io/?EIO=4&transport=pigeon") == Answer(400, #"{"code":0,"message":"Transport unknown"}"#))
        #expect(try await ann.ask("echo", "unharmed") == ["unharmed"])
        #expect(try await proxy.stop() == 0)
        #expect(try await sqlite(proxy.tape, "SELECT count(*) FROM packets WHERE bytes > 5000000") == "4")
        try await server.stop()
    }

    @Test("does not fill its memory with what one side does not take")
    func backpressure() async throws {
        // A server that sends without end, and takes nothing.
        let script = #"""
            import socket, threading
            def serve(connection):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
                piece = b"x" * 1_000_000
                try:
                    while True: connection.sendall(piece)
                except OSError: pass
            listener = socket.create_server(("127.0.0.1", 0))
            print(f"Listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
            while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
            """#
        let server = try ChildProcess(TestPlaces.python, ["-c", script])
        let proxy = try await Self.proxy(to: "http" + server.line(startingWith: "Listening on http"))
        let status = "/proc/\(proxy.process.identifier)/status"
        func memory() throws -> Int {
            let line = try String(contentsOfFile: status, encoding: .utf8).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return try #require(line.flatMap { Int($0.filter(\.isNumber)) })
        }
        let before = try memory()
        // One reads slowly, one sends more than the server takes.
        let reader = try ChildProcess(
            URL(filePath: "/usr/bin/curl"), ["-s", "--limit-rate", "100k", "-o", "/dev/null", proxy.url + "/large"])
        let writer = try ChildProcess(
            URL(filePath: "/bin/sh"),
            ["-c", "head -c 400000000 /dev/zero | curl -s -X POST -o /dev/null --limit-rate 1G -T - \(proxy.url)/up"])
        let people = try (0..<20).map { _ in
            try ChildProcess(URL(filePath: "/usr/bin/curl"), ["-s", "--limit-rate", "1k", "-o", "/dev/null", proxy.url + "/large"])
        }
        // Another client is served meanwhile, again and again.
        for _ in 0..<200 { #expect(try await get(proxy.url + "/healthz").status == 200) }
        let after = try memory()
        #expect(after - before < 100_000, "kB: \(before) before, \(after) now")
        for process in people + [reader, writer] { process.signal(SIGKILL) }
        server.signal(SIGKILL)
        #expect(try await proxy.stop() == 0)
    }

    @Test(
        "takes wrong usage with exit status 64",
        arguments: [
            ["proxy"], ["proxy", "localhost"], ["proxy", "http://a/b"], ["proxy", "http://localhost:1", "--ping-interval", "5s"],
        ])
    func wrongUsage(arguments: [String]) async throws {
        let result = try await tapedeck(arguments)
        #expect(result.status == 64, "\(result.errors)")
    }
}
