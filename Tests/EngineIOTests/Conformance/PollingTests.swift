import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

/// Rows C1 to C11 of the behaviour notes.
@Suite("Long-polling")
struct PollingTests {
    @Test("takes packets in a POST and answers a waiting poll with what comes of them")
    func roundTrip() async throws {
        try await TestEngine.run { engine in
            let (poll, post) = (try await engine.connect(), try await engine.connect())
            let target = try await engine.handshake(poll)
            try await poll.request("GET", target)
            try await post.request("POST", target, body: "4echo 1\u{1e}4echo 2\u{1e}bAQID")
            let answer = try await post.response()
            #expect((answer.status, answer.body) == (200, "ok"))
            #expect(answer.head.contains("Content-Type: text/html"))
            #expect(try await poll.response().body == "42[\"e\",\"echo 1\"]\u{1e}42[\"e\",\"echo 2\"]")
            #expect(try await engine.noted("[1, 2, 3]") == "[1, 2, 3]")
        }
    }

    @Test("keeps what comes between two polls for the next one")
    func queued() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "4echo 1")
            _ = try await connection.response()
            try await connection.request("GET", target)
            #expect(try await connection.response().body == "42[\"e\",\"echo 1\"]")
        }
    }

    @Test("lets a large answer leave as a whole before the connection ends")
    func largeLastAnswer() async throws {
        try await TestEngine.run { engine in
            let (post, poll) = (try await engine.connect(), try await engine.connect())
            let target = try await engine.handshake(post)
            try await post.request("POST", target, body: "4megabytes 10")
            #expect(try await post.response().status == 200)
            try await poll.request("GET", target, headers: ["Connection: close"])
            try await poll.received(bytes: 10 << 20)
            #expect(try await poll.binaryResponse().body.readableBytes == 10 << 20 + 10)
            try await poll.waitUntilClosed()
        }
    }

    @Test("ends a session that polls twice at once: the second gets 400, the first the close")
    func doubledPoll() async throws {
        try await TestEngine.run { engine in
            let (one, other) = (try await engine.connect(), try await engine.connect())
            let target = try await engine.handshake(one)
            try await one.request("GET", target)
            try await other.request("GET", target)
            // Which of the two connections is read first is the system's business.
            let answers = [try await one.response(), try await other.response()].sorted { $0.status < $1.status }
            #expect(answers.map(\.status) == [200, 400])
            #expect(answers.map(\.body) == ["1", ""])
            #expect(try await engine.noted("closed").contains("overlap from client"))
        }
    }

    @Test("ends a session whose poll is cut")
    func abortedPoll() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("GET", target)
            try await connection.close()
            #expect(try await engine.noted("closed") == "closed: transport error (poll connection closed prematurely)")
        }
    }

    @Test("ends a session that posts twice at once: the second gets 400")
    func doubledPost() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            // The server says when it has begun with the first: the second must not be quicker.
            try await connection.send("POST \(target) HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await connection.response().status == 100)
            try await connection.send("4begun")
            let other = try await engine.connect()
            try await other.request("POST", target, body: "4second")
            #expect(try await other.response().status == 400)
            #expect(try await engine.noted("closed").contains("overlap from client"))
        }
    }

    @Test("ends a session whose POST is cut")
    func abortedPost() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.send("POST \(target) HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n4begun")
            try await connection.close()
            #expect(try await engine.noted("closed") == "closed: transport error (data request connection closed prematurely)")
        }
    }

    @Test("refuses a body over the limit with 413, and the session lives on", arguments: [true, false])
    func tooLarge(isAnnounced: Bool) async throws {
        try await TestEngine.run({ $0.maxHTTPBufferSize = 100 }) { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            let body = "4" + String(repeating: "x", count: 200)
            if isAnnounced {
                try await connection.request("POST", target, body: body)
            } else {
                try await connection.send(
                    "POST \(target) HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nc9\r\n\(body)\r\n0\r\n\r\n")
            }
            #expect(try await connection.response().status == 413)
            try await connection.request("POST", target, body: "4echo 1")
            #expect(try await connection.response().status == 200)
            try await connection.request("GET", target)
            #expect(try await connection.response().body == "42[\"e\",\"echo 1\"]")
        }
    }

    @Test("takes a malformed body as a parse error, after the packets before it", arguments: ["", "4fine\u{1e}zzz", "4fine\u{1e}"])
    func malformed(body: String) async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: body)
            #expect(try await connection.response().status == 200)
            if !body.isEmpty { #expect(try await engine.noted("fine") == "fine") }
            #expect(try await engine.noted("closed").hasPrefix("closed: parse error"))
        }
    }

    @Test("does not take octet streams in revision 4")
    func octetStream() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, headers: ["Content-Type: application/octet-stream"], body: "4a")
            #expect(try await connection.response().status == 400)
            #expect(try await engine.noted("closed").contains("invalid content"))
        }
    }

    @Test("is ended by the client's close packet, and the hanging poll answered")
    func clientCloses() async throws {
        try await TestEngine.run { engine in
            let (poll, post) = (try await engine.connect(), try await engine.connect())
            let target = try await engine.handshake(poll)
            try await poll.request("GET", target)
            try await post.request("POST", target, body: "4echo 1")
            _ = try await poll.response()
            _ = try await post.response()
            try await post.request("POST", target, body: "1")
            #expect(try await post.response().body == "ok")
            #expect(try await engine.noted("closed").hasPrefix("closed: transport close"))
        }
    }

    @Test("tells a close with no poll hanging at the next poll, after the last words")
    func serverCloses() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "4last words")
            _ = try await connection.response()
            try await connection.request("GET", target)
            #expect(try await connection.response().body == "42[\"e\",\"bye\"]")
            try await connection.request("GET", target)
            #expect(try await connection.response().body == "6\u{1e}1")
            try await connection.request("GET", target)
            #expect(try await connection.response().body == #"{"code":1,"message":"Session ID unknown"}"#)
        }
    }

    @Test("answers PUT for a session with 500")
    func otherMethod() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("PUT", target, body: "")
            #expect(try await connection.response().status == 500)
        }
    }

    @Test("takes a ping from the client as an error: in revision 4 the server pings")
    func pingDirection() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "2")
            _ = try await connection.response()
            #expect(try await engine.noted("closed").contains("invalid heartbeat direction"))
        }
    }

    @Test("answers a hanging poll at shutdown")
    func shutdown() async throws {
        try await TestEngine.run { engine in
            let (poll, post) = (try await engine.connect(), try await engine.connect())
            let target = try await engine.handshake(poll)
            try await post.request("POST", target, body: "4seen")
            _ = try await engine.noted("seen")
            try await poll.request("GET", target)
            await engine.engine?.shutdown()
            #expect(["1", "6\u{1e}1", #"{"code":1,"message":"Session ID unknown"}"#].contains(try await poll.response().body))
            #expect(try await engine.noted("closed") == "closed: server shutting down")
        }
    }
}
