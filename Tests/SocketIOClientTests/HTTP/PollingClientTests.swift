import NIOCore
import Testing

@testable import SocketIOClient

/// The client against a server that says what a test wants.
@Suite("Polling, against scripted servers")
struct PollingClientTests {
    typealias Server = ScriptedServer

    /// Answers the handshake properly, everything else as the script says.
    static func afterHandshake(_ handshake: String = Server.handshake, _ script: @escaping Server.Script) -> Server.Script {
        { request in
            request.target.contains("sid=") ? script(request) : .bytes(Server.response("200 OK", handshake))
        }
    }

    static func client(_ server: Server, _ change: (inout EngineClient.Configuration) -> Void = { _ in }) throws -> Watched {
        try Watched(server.url) {
            $0.upgrade = .never
            change(&$0)
        }
    }

    @Test("a refused connection says so")
    func unreachable() async throws {
        let server = try await Server.start { _ in .hold }
        try await server.stop()
        let watched = try Self.client(server)
        await #expect(throws: EngineClientError.self) { try await watched.client.open() }
        let end = try await watched.end()
        #expect(end.contains("cannot connect to 127.0.0.1:"))
        #expect(end.lowercased().contains("refused"))
        await watched.client.waitUntilEnded()
    }

    @Test("a handshake answered with an error tells the status and the server's message")
    func errorBody() async throws {
        let server = try await Server.start { _ in
            .bytes(Server.response("400 Bad Request", #"{"code":5,"message":"Unsupported protocol version"}"#))
        }
        let watched = try Self.client(server)
        await #expect(throws: EngineClientError.refused(status: 400, code: 5, message: "Unsupported protocol version")) {
            try await watched.client.open()
        }
        #expect(try await watched.end() == "closed transport error: the server answered 400, code 5: Unsupported protocol version")
    }

    @Test(
        "an error whose body is something else shows its beginning",
        arguments: [
            ("404 Not Found", "", "", EngineClientError.refused(status: 404, code: nil, message: "Not Found")),
            ("502 Bad Gateway", "<html>\r\n  nginx\u{7}</html>", "", .refused(status: 502, code: nil, message: "<html> nginx </html>")),
            ("301 Moved Permanently", "", "Location: /there\r\n", .refused(status: 301, code: nil, message: "it moved to /there")),
        ])
    func otherErrors(status: String, body: String, headers: String, error: EngineClientError) async throws {
        let server = try await Server.start { _ in .bytes(Server.response(status, body, headers: headers)) }
        let watched = try Self.client(server)
        await #expect(throws: error) { try await watched.client.open() }
    }

    @Test("a response that comes byte by byte is read like any other")
    func byteByByte() async throws {
        let server = try await Server.start { request in
            if !request.target.contains("sid=") { return .bytes(Server.response("200 OK", Server.handshake), pieces: 1) }
            guard request.method == "GET" else { return .bytes(Server.response("200 OK", "ok"), pieces: 1) }
            return .bytes(Server.response("200 OK", "4grüße\u{1E}bAQID\u{1E}1"), pieces: 1)
        }
        let watched = try Self.client(server)
        #expect(try await watched.client.open().maxPayload == 1_000_000)
        #expect(try await watched.end() == "closed transport close")
        #expect(watched.events.values == ["opened s1", "text grüße", "binary [1, 2, 3]", "closed transport close"])
    }

    @Test("a response may be chunked")
    func chunked() async throws {
        let body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n4a\u{1E}4\r\n2\r\nb\u{1E}\r\n1\r\n1\r\n0\r\n\r\n"
        let server = try await Server.start(Self.afterHandshake { _ in .bytes(ByteBuffer(string: body), pieces: 3) })
        let watched = try Self.client(server)
        watched.client.connect()
        _ = try await watched.end()
        #expect(watched.events.values == ["opened s1", "text a", "text b", "closed transport close"])
    }

    @Test("a response that is cut anywhere is an error, never a wait or a crash")
    func cut() async throws {
        let whole = Server.response("200 OK", Server.handshake)
        for length in 0..<whole.readableBytes {
            let part = try #require(whole.getSlice(at: whole.readerIndex, length: length))
            let server = try await Server.start { _ in .last(part) }
            let watched = try Self.client(server)
            await #expect(throws: EngineClientError.self, "cut after \(length) bytes") { try await watched.client.open() }
            #expect(try await watched.end().hasPrefix("closed transport error: "))
            try await server.stop()
        }
    }

    @Test("a response with wrong bytes in it ends the connection or passes, and does no harm")
    func mutated() async throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<300 {
            var reply = Server.response("200 OK", Server.handshake)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = reply.readerIndex + Int.random(in: 0..<reply.readableBytes, using: &random)
                reply.setInteger(UInt8.random(in: 0...255, using: &random), at: at)
            }
            let bytes = reply
            let server = try await Server.start { $0.target.contains("sid=") ? .close : .last(bytes) }
            let watched = try Self.client(server) { $0.connectTimeout = .seconds(5) }
            watched.client.connect()
            #expect(try await watched.end().hasPrefix("closed transport"))
            try await server.stop()
        }
    }

    @Test("a body above the limit is not read")
    func tooLarge() async throws {
        for headers in ["Content-Length: 5000\r\n\r\n", "Connection: close\r\n\r\n"] {
            let reply = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(headers)" + String(repeating: "4", count: 5000))
            let server = try await Server.start(Self.afterHandshake { _ in .last(reply) })
            let watched = try Self.client(server) { $0.maximumMessageSize = 4096 }
            watched.client.connect()
            #expect(try await watched.end() == "closed transport error: \(EngineClientError.tooLarge(limit: 4096))")
        }
    }

    @Test("messages go out in as many POSTs as maxPayload asks for, in their order")
    func splitting() async throws {
        let handshake = #"0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#
        let server = try await Server.start(
            Self.afterHandshake(handshake) { $0.method == "POST" ? .bytes(Server.response("200 OK", "ok")) : .hold })
        let watched = try Self.client(server)
        try await watched.client.open()
        var expected: [String] = []
        for index in 0..<40 {
            let text = "\(index)" + String(repeating: "x", count: index % 7 * 9)
            watched.client.send(ByteBuffer(string: text), attachments: index % 5 == 0 ? [ByteBuffer(repeating: 0, count: index)] : [])
            expected.append("4" + text)
            if index % 5 == 0 { expected.append("b" + String(repeating: "A", count: index / 3 * 4) + ["", "AA==", "AAA="][index % 3]) }
        }
        // One packet that is too big goes alone: it cannot be split.
        watched.client.send(ByteBuffer(string: String(repeating: "y", count: 200)))
        expected.append("4" + String(repeating: "y", count: 200))
        let posts: @Sendable ([Server.Request]) -> [Server.Request] = { $0.filter { $0.method == "POST" } }
        let all = expected
        try await server.requests.wait(for: "all messages") { requests in
            posts(requests).flatMap { String(buffer: $0.body).split(separator: "\u{1E}") }.count == all.count
        }
        let bodies = posts(server.requests.values).map { String(buffer: $0.body) }
        #expect(bodies.flatMap { $0.split(separator: "\u{1E}").map(String.init) } == expected)
        #expect(bodies.dropLast().allSatisfy { $0.utf8.count <= 100 })
        #expect(bodies.count < expected.count / 2)
        watched.client.abort()
    }

    @Test("a server that closes each connection after its answer is served by new ones")
    func noKeepAlive() async throws {
        let polls = Collected<Int>()
        let server = try await Server.start { request in
            if !request.target.contains("sid=") {
                return .last(Server.response("200 OK", Server.handshake, headers: "Connection: close\r\n"))
            }
            if request.method == "POST" { return .last(Server.response("200 OK", "ok", headers: "Connection: close\r\n")) }
            polls.append(0)
            let count = polls.values.count
            return .last(Server.response("200 OK", count < 5 ? "4\(count)" : "1", headers: "Connection: close\r\n"))
        }
        let watched = try Self.client(server)
        watched.client.connect()
        _ = try await watched.end()
        #expect(watched.events.values == ["opened s1", "text 1", "text 2", "text 3", "text 4", "closed transport close"])
    }

    @Test("a connection that the server closed while it was idle is replaced without a word")
    func idleClose() async throws {
        let polls = Collected<Int>()
        let server = try await Server.start(
            Self.afterHandshake { request in
                guard request.method == "GET" else { return .bytes(Server.response("200 OK", "ok")) }
                polls.append(0)
                // The second request over a connection finds it closed.
                return polls.values.count == 1 ? .close : .bytes(Server.response("200 OK", "4again\u{1E}1"))
            })
        let watched = try Self.client(server)
        watched.client.connect()
        _ = try await watched.end()
        #expect(watched.events.values == ["opened s1", "text again", "closed transport close"])
    }

    @Test("a session that the server has forgotten ends with the server's words")
    func forgotten() async throws {
        let body = #"{"code":1,"message":"Session ID unknown"}"#
        let server = try await Server.start(Self.afterHandshake { _ in .bytes(Server.response("400 Bad Request", body)) })
        let watched = try Self.client(server)
        watched.client.connect()
        #expect(try await watched.end() == "closed transport error: the server answered 400, code 1: Session ID unknown")
    }

    @Test("a ping is answered, and the lack of one noticed")
    func pings() async throws {
        let handshake = #"0{"sid":"s1","upgrades":[],"pingInterval":700,"pingTimeout":700}"#
        let polls = Collected<Int>()
        let server = try await Server.start(
            Self.afterHandshake(handshake) { request in
                guard request.method == "GET" else { return .bytes(Server.response("200 OK", "ok")) }
                polls.append(0)
                return polls.values.count == 1 ? .bytes(Server.response("200 OK", "2")) : .hold
            })
        let watched = try Self.client(server)
        watched.client.connect()
        #expect(try await watched.end().hasPrefix("closed ping timeout: the server sent no ping within"))
        #expect(server.requests.values.contains { $0.method == "POST" && String(buffer: $0.body) == "3" })
    }

    @Test("a server that never answers is given up")
    func silent() async throws {
        let server = try await Server.start { _ in .hold }
        let watched = try Self.client(server) { $0.connectTimeout = .milliseconds(200) }
        await #expect(throws: EngineClientError.timedOut("no connection was opened", after: .milliseconds(200))) {
            try await watched.client.open()
        }
    }

    @Test("the user's headers and query go with each request")
    func headers() async throws {
        let server = try await Server.start(Self.afterHandshake { _ in .hold })
        let watched = try Self.client(server) {
            $0.headers = [("X-Token", "a"), ("x-token", "b"), ("Host", "other")]
            $0.query = [("room", "ä b")]
        }
        try await watched.client.open()
        let requests = try await server.requests.wait(count: 2)
        for request in requests {
            #expect(request.headers.filter { $0.name.lowercased() == "x-token" }.map(\.value) == ["a", "b"])
            #expect(request.headers.filter { $0.name == "Host" }.map(\.value) == ["other"])
            #expect(request.target.contains("?room=%C3%A4%20b&EIO=4&transport=polling&t="))
        }
        watched.client.abort()
        #expect(try await watched.end() == "closed forced close")
    }

    @Test("closing says goodbye in a POST after everything else, and leaves the GET to the server")
    func goodbye() async throws {
        let server = try await Server.start(
            Self.afterHandshake { $0.method == "POST" ? .bytes(Server.response("200 OK", "ok")) : .hold })
        let watched = try Self.client(server) { $0.closeTimeout = .seconds(3) }
        try await watched.client.open()
        watched.client.send(ByteBuffer(string: "a"))
        watched.client.close()
        watched.client.send(ByteBuffer(string: "late"))
        #expect(try await watched.end() == "closed forced close")
        await watched.client.waitUntilEnded()
        let posts = server.requests.values.filter { $0.method == "POST" }.map { String(buffer: $0.body) }
        #expect(posts == ["4a", "1"])
    }
}
