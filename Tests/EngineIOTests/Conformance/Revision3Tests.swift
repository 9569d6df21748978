import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

/// Rows H1 to H6 and H12 of the behaviour notes.
@Suite("A client of Engine.IO 3")
struct Revision3Tests {
    private static let open = #"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#

    private func run(_ body: (TestEngine) async throws -> Void) async throws {
        try await TestEngine.run(
            {
                $0.allowEIO3 = true
                $0.generateID = { _ in "abc" }
            }, body)
    }

    private func handshake(_ connection: RawConnection, _ query: String = "EIO=3") async throws -> String {
        try await connection.request("GET", "/socket.io/?\(query)&transport=polling")
        _ = try await connection.response()
        return "/socket.io/?\(query)&transport=polling&sid=abc"
    }

    @Test("is let in when that is allowed, also without an EIO, and gets lengths before its packets", arguments: ["EIO=3&", ""])
    func polling(version: String) async throws {
        try await run { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?\(version)transport=polling")
            let response = try await connection.response()
            #expect(response.body == "\(Self.open.utf8.count):\(Self.open)")
            #expect(engine.connections.withLockedValue { $0.first?.protocolVersion } == 3)
        }
    }

    @Test("counts lengths in UTF-16 units, in both directions")
    func lengths() async throws {
        try await run { engine in
            let connection = try await engine.connect()
            let target = try await handshake(connection)
            // The letter takes two units, and so does the smiley.
            try await connection.request("POST", target, body: "10:4echo é😀12:4x")
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("echo") == "echo é😀1")
            #expect(try await engine.noted("x") == "x")
            try await connection.request("GET", target)
            #expect(try await connection.response().body == "19:42[\"e\",\"echo é😀1\"]")
        }
    }

    @Test("gets bytes in a binary body, and sends them in one")
    func binary() async throws {
        try await run { engine in
            let connection = try await engine.connect()
            let target = try await handshake(connection)
            let text: [UInt8] = [0, 7, 0xff] + Array("4binary".utf8)
            try await connection.request(
                "POST", target, headers: ["Content-Type: application/octet-stream"],
                body: ByteBuffer(bytes: text + [1, 3, 0xff, 4, 8, 9]))
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("[8") == "[8, 9]")
            try await connection.request("GET", target)
            let (head, body) = try await connection.binaryResponse()
            #expect(head.contains("application/octet-stream"))
            let packet = Array(#"451-["b",{"_placeholder":true,"num":0}]"#.utf8)
            let expected = [0, UInt8(packet.count / 10), UInt8(packet.count % 10), 0xff] + packet + [1, 3, 0xff, 4, 1, 2]
            #expect(Array(body.readableBytesView) == expected)
        }
    }

    @Test("that wants base64 gets it, and may send it")
    func base64() async throws {
        try await run { engine in
            let connection = try await engine.connect()
            let target = try await handshake(connection, "EIO=3&b64=1")
            try await connection.request("POST", target, body: "7:4binary6:b4CAk=")
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("[8") == "[8, 9]")
            try await connection.request("GET", target)
            #expect(try await connection.response().body == #"39:451-["b",{"_placeholder":true,"num":0}]6:b4AQI="#)
        }
    }

    @Test("pings, and is answered; over polling with the next poll")
    func ping() async throws {
        try await run { engine in
            let connection = try await engine.connect()
            let target = try await handshake(connection)
            try await connection.request("POST", target, body: "1:2")
            #expect(try await connection.response().body == "ok")
            try await connection.request("GET", target)
            #expect(try await connection.response().body == "1:3")
        }
    }

    @Test("that does not ping is given up after interval and timeout")
    func silence() async throws {
        try await TestEngine.run({
            $0.allowEIO3 = true
            $0.pingInterval = .milliseconds(60)
            $0.pingTimeout = .milliseconds(60)
        }) { engine in
            let connection = try await engine.connect()
            _ = try await handshake(connection)
            #expect(
                try await engine.noted("closed") == "closed: ping timeout (no ping of the client in time over polling, no poll was hanging)"
            )
        }
    }

    @Test("over WebSocket has the type before its bytes, in both directions")
    func webSocket() async throws {
        try await run { engine in
            let connection = try await engine.connect()
            #expect(try await connection.openWebSocket("/socket.io/?EIO=3&transport=websocket").status == 101)
            guard case .text = try await connection.message() else { throw CancellationError() }
            try await connection.sendFrame(.binary, bytes: [4, 8, 9])
            #expect(try await engine.noted("[8") == "[8, 9]")
            try await connection.sendFrame(.text, "b4CAo=")
            #expect(try await engine.noted("[8") == "[8, 10]")
            try await connection.sendFrame(.text, "4binary")
            #expect(try await connection.message() == .text(ByteBuffer(string: #"451-["b",{"_placeholder":true,"num":0}]"#)))
            #expect(try await connection.message() == .binary(ByteBuffer(bytes: [4, 1, 2])))
            try await connection.sendFrame(.text, "2")
            #expect(try await connection.message() == .text(ByteBuffer(string: "3")))
        }
    }

    @Test("changes from polling to WebSocket")
    func upgrade() async throws {
        try await run { engine in
            let connection = try await engine.connect()
            let target = try await handshake(connection)
            try await connection.request("GET", target)
            let other = try await engine.connect()
            #expect(try await other.openWebSocket("/socket.io/?EIO=3&transport=websocket&sid=abc").status == 101)
            try await other.sendFrame(.text, "2probe")
            #expect(try await other.message() == .text(ByteBuffer(string: "3probe")))
            #expect(try await connection.response().body == "1:6")
            try await other.sendFrame(.text, "5")
            try await other.sendFrame(.text, "4echo 1")
            #expect(try await other.message() == .text(ByteBuffer(string: "42[\"e\",\"echo 1\"]")))
        }
    }

    @Test("that closes gets its poll answered, and its lengths are held against what came", arguments: ["1:1", "5:4x", "x:4", "1:", ":"])
    func badPayload(body: String) async throws {
        try await run { engine in
            let connection = try await engine.connect()
            let target = try await handshake(connection)
            try await connection.request("POST", target, body: body)
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("closed").hasPrefix(body == "1:1" ? "closed: transport close" : "closed: parse error"))
        }
    }
}

/// Row C15 of the behaviour notes.
@Suite("Polling by scripts")
struct JSONPTests {
    @Test("is answered with a call of the page's function, and takes forms")
    func roundTrip() async throws {
        try await TestEngine.run({ $0.generateID = { _ in "abc" } }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling&j=3%22%29%3B")
            let open = try await connection.response()
            #expect(open.body.hasPrefix(#"___eio[3]("0{\"sid\":\"abc\""#))
            #expect(open.body.hasSuffix(");"))
            #expect(open.head.contains("text/javascript; charset=UTF-8"))
            let target = "/socket.io/?EIO=4&transport=polling&sid=abc&j=4"
            try await connection.request(
                "POST", target, headers: ["Content-Type: application/x-www-form-urlencoded"], body: "d=4echo+%E2%80%A8%5Cnb%5C%5Cnc")
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("echo") == "echo \u{2028}\nb\\nc")
            try await connection.request("GET", target)
            #expect(try await connection.response().body == #"___eio[4]("42[\"e\",\"echo \u2028\\nb\\\\nc\"]");"#)
        }
    }

    @Test("with a form that has no payload is a parse error")
    func emptyForm() async throws {
        try await TestEngine.run({ $0.generateID = { _ in "abc" } }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling&j=0")
            _ = try await connection.response()
            try await connection.request("POST", "/socket.io/?EIO=4&transport=polling&sid=abc&j=0", body: "e=1")
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("closed").hasPrefix("closed: parse error"))
        }
    }
}
