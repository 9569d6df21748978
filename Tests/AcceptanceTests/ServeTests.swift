import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

@Suite("tapedeck serve")
struct ServeTests {
    @Test("ends in order when it is asked to as soon as it has said that it listens")
    func earlySignal() async throws {
        for _ in 0..<10 {
            let server = try await ServerProcess.tapedeck(["--no-record"])
            #expect(try await server.stop() == 0)
        }
    }

    @Test("drains at SIGTERM: exit status 0, one finished file that passes the integrity check")
    func drain() async throws {
        let server = try await ServerProcess.tapedeck()
        let ann = try await Person(server.url, transports: [.webSocket])
        #expect(try await ann.ask("echo", 1) == [1])
        #expect(try await server.stop() == 0)
        #expect(try await ann.receives("disconnect") == ["transport close"])
        let tape = try #require(server.tape)
        #expect(!FileManager.default.fileExists(atPath: tape.path + "-wal"))
        #expect(try await sqlite(tape, "PRAGMA integrity_check") == "ok")
        #expect(try await sqlite(tape, "SELECT count(*) FROM packets WHERE event = 'echo' AND direction = 'in'") == "1")
        #expect(try await sqlite(tape, "SELECT status FROM acks WHERE event = 'echo'") == "acked")
        #expect(try await sqlite(tape, "SELECT ended_at IS NOT NULL FROM runs") == "1")
    }

    @Test("drains within seconds, although somebody does not take its answer")
    func untakenAnswer() async throws {
        let server = try await ServerProcess.tapedeck(["--no-record", "--max-payload", "30000000"])
        let port = try #require(server.url.split(separator: ":").last)
        let script = #"""
            import re, socket, sys, time
            def ask(request):
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                s.connect(("127.0.0.1", int(sys.argv[1])))
                s.sendall(request.encode())
                return s
            def post(body):
                ask(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}").recv(1000)
            path = "/socket.io/?EIO=4&transport=polling"
            path += "&sid=" + re.search('"sid":"([^"]+)"', ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").recv(4000).decode())[1]
            post("40")
            post('42["message","' + "x" * 10_000_000 + '"]')
            poll = ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
            print(poll.recv(10).decode(), flush=True)
            time.sleep(60)
            """#
        let lazy = try ChildProcess(TestPlaces.python, ["-c", script, String(port)])
        _ = try await lazy.line(startingWith: "HTTP/1.1 2")
        server.process.signal(SIGTERM)
        #expect(try await server.process.exitStatus() == 0)
        lazy.signal(SIGKILL)
    }

    @Test("says in one sentence that its port is taken: exit status 2")
    func portTaken() async throws {
        let server = try await ServerProcess.tapedeck()
        let port = try #require(URL(string: server.url)?.port)
        let second = try await tapedeck("serve", "--port", "\(port)", "--no-record")
        #expect(second.status == 2)
        #expect(second.errors.contains("taken"))
        try await server.stop()
    }

    @Test("refuses a file that is no tape, and leaves it as it is")
    func notATape() async throws {
        let file = try TestPlaces.temporaryFolder().appending(path: "letter.tape")
        try Data("Dear Ann, this is no tape.".utf8).write(to: file)
        for command in [["serve", "--port", "0", "--tape", file.path], ["info", file.path], ["replay", file.path, "http://127.0.0.1:9"]] {
            let process = try ChildProcess(TestPlaces.product("tapedeck"), command)
            #expect(try await process.exitStatus() == 2)
            #expect(process.errors.contains("not a tape"))
        }
        #expect(try Data(contentsOf: file) == Data("Dear Ann, this is no tape.".utf8))
    }

    @Test(
        "takes wrong usage with exit status 64",
        arguments: [["serve", "--port", "many"], ["serve", "--ping-interval", "soon"], ["fly"], ["query"]])
    func wrongUsage(arguments: [String]) async throws {
        let process = try ChildProcess(TestPlaces.product("tapedeck"), arguments)
        #expect(try await process.exitStatus() == 64)
    }

    @Test("does not offer a tape to other machines without a token: exit status 2")
    func publicAddress() async throws {
        let refused = try await tapedeck("serve", "--host", "0.0.0.0", "--port", "0")
        #expect(refused.status == 2)
        #expect(refused.errors.contains("--inspect-token"))
    }

    @Test("takes settings from the environment; a flag wins")
    func environment() async throws {
        let process = try ChildProcess(
            TestPlaces.product("tapedeck"), ["serve", "--port", "0"], environment: ["TAPEDECK_PORT": "1", "TAPEDECK_NO_RECORD": "true"])
        _ = try await process.line(startingWith: "Listening on http://127.0.0.1:")
        _ = try await process.line(startingWith: "Not recording")
        process.signal(SIGTERM)
        #expect(try await process.exitStatus() == 0)
    }

    @Test("answers rubbish with a clear error each, and serves on")
    func rubbish() async throws {
        let server = try await ServerProcess.tapedeck(["--max-payload", "1000"])
        let ann = try await Person(server.url, transports: [.webSocket])
        #expect(try await get(server.url + "/nothing/here").status == 404)
        #expect(
            try await get(server.url + "/socket.io/?EIO=4&transport=pigeon") == Answer(400, #"{"code":0,"message":"Transport unknown"}"#))
        #expect(
            try await get(server.url + "/socket.io/?EIO=4&transport=polling&sid=unknown")
                == Answer(400, #"{"code":1,"message":"Session ID unknown"}"#))
        #expect(try await get(server.url + "/socket.io/?EIO=3&transport=polling").status == 400)
        let problem = try await get(server.url + "/inspect/api/packets?limit=many")
        #expect(problem.status == 400)
        #expect(problem.body.contains("limit"))
        let handshake = try await get(server.url + "/socket.io/?EIO=4&transport=polling")
        let sid = try #require(JSONValue(parsing: String(handshake.body.dropFirst()))["sid"]?.stringValue)
        let poll = server.url + "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
        #expect(try await post(poll, String(repeating: "x", count: 5000)).status == 413)
        #expect(try await post(poll, "4rubbish") == Answer(200, "ok"))
        #expect(try await ann.ask("echo", "unharmed") == ["unharmed"])
        try await server.stop()
    }
}

struct Answer: Equatable {
    let status: Int
    let body: String

    init(_ status: Int, _ body: String) {
        self.status = status
        self.body = body
    }
}

/// A request by the plain program `curl`, so that no code of ours is on both ends.
private func curl(_ arguments: [String]) async throws -> Answer {
    let result = try await run(URL(filePath: "/usr/bin/curl"), ["-s", "-m", "20", "-w", "\n%{http_code}"] + arguments)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    return Answer(Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
}

func get(_ url: String, headers: [String] = []) async throws -> Answer {
    try await curl(headers.flatMap { ["-H", $0] } + [url])
}

func post(_ url: String, _ body: String) async throws -> Answer {
    try await curl(["-X", "POST", "-H", "Content-Type: text/plain;charset=UTF-8", "--data-binary", body, url])
}

/// What the plain program `sqlite3` answers.
func sqlite(_ tape: URL, _ sql: String) async throws -> String {
    let result = try await run(URL(filePath: "/usr/bin/sqlite3"), ["-readonly", tape.path, sql])
    #expect(result.status == 0, "\(result.errors)")
    return result.output.trimmingCharacters(in: .newlines)
}
