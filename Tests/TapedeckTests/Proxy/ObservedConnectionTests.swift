import EngineIO
import NIOCore
import NIOHTTP1
import SocketIO
import SocketIOClient
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("A session seen from between client and server")
struct ObservedConnectionTests {
    /// Notes what a tap is told, in short.
    private struct Conversation {
        var connection: ObservedConnection
        var numbers = SocketNumbers()
        var told: [String] = []
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)

        init(_ revision: EngineRevision = .four, transport: TransportKind = .webSocket, parser: (any PacketParser)? = nil) {
            let opening = ObservedConnection.Opening(
                sid: "engine", revision: revision, transport: transport, remoteAddress: nil, url: "/", headers: [],
                pingInterval: .seconds(25), pingTimeout: .seconds(20))
            connection = ObservedConnection(number: 1, opening: opening, parser: parser, now: now)
        }

        mutating func client(_ text: String) throws { try receive(text, .client) }
        mutating func server(_ text: String) throws { try receive(text, .server) }

        private mutating func receive(_ text: String, _ side: ObservedConnection.Side) throws {
            let packet = try connection.opening.revision.packet(text: ByteBuffer(string: text))
            told += connection.received(packet, from: side, at: now, &numbers).map(Self.words)
        }

        mutating func bytes(_ bytes: [UInt8], from side: ObservedConnection.Side) {
            told += connection.received(EnginePacket(binary: ByteBuffer(bytes: bytes)), from: side, at: now, &numbers).map(Self.words)
        }

        mutating func end(_ reason: EngineCloseReason) { told += connection.end(reason, nil).map(Self.words) }

        private static func words(_ kind: TapEvent.Kind) -> String {
            switch kind {
            case .enginePacket(_, let direction, let type, let payload, let bytes):
                "\(direction.rawValue) \(type) \(payload.map { String(buffer: $0) } ?? "-") \(bytes)"
            case .packet(let packet):
                "\(packet.direction.rawValue) \(packet.kind) #\(packet.socket ?? 0) \(packet.eventName ?? "-") \(packet.bytes)"
                    + (packet.offset.map { " @\($0)" } ?? "") + (packet.attachments.isEmpty ? "" : " +\(packet.attachments.count)")
            case .socketConnected(let socket):
                "connected #\(socket.number) \(socket.namespace) \(socket.sid)" + (socket.recovered ? " again" : "")
            case .socketDisconnected(let number, let reason): "disconnected #\(number) \(reason)"
            case .connectionUpgraded: "upgraded"
            case .connectionClosed(_, let reason, _, let bytesIn, let bytesOut): "closed \(reason) \(bytesIn) \(bytesOut)"
            default: "\(kind)"
            }
        }
    }

    @Test("is told as the server itself would tell it")
    func ordinary() throws {
        var talk = Conversation()
        try talk.client(#"40{"a":1}"#)
        try talk.server(#"40{"sid":"x"}"#)
        try talk.server(#"42["hello"]"#)
        try talk.client(#"451-["file",{"_placeholder":true,"num":0}]"#)
        talk.bytes([1, 2, 3], from: .client)
        try talk.client("41")
        talk.end(.transportClose)
        #expect(
            talk.told == [
                "in connect #1 - 8", "connected #1 / x", "out connect #1 - 12", "out event #1 hello 10",
                "in binaryEvent #1 file 44 +1", "in disconnect #1 - 1", "disconnected #1 client namespace disconnect",
                "closed transport close 57 24",
            ])
    }

    @Test("joins clients of Socket.IO 2 by itself, whose ids are made of the connection's")
    func legacy() throws {
        var talk = Conversation(.three, transport: .polling)
        try talk.server(#"0{"sid":"engine"}"#)
        try talk.server("40")
        try talk.client("40/chat?token=a%20b,")
        try talk.server("40/chat,")
        #expect(
            talk.told == [
                #"out open {"sid":"engine"} 17"#, "in connect #1 - 0", "connected #1 / engine", "out connect #1 - 1",
                "in connect #2 - 19", "connected #2 /chat /chat#engine", "out connect #2 - 7",
            ])
    }

    @Test("knows who may come back, and what the server's log adds to events")
    func recovery() throws {
        var talk = Conversation()
        try talk.client("40")
        try talk.server(#"40{"sid":"x","pid":"secret"}"#)
        try talk.server(#"42["news",1,"place"]"#)
        try talk.server(#"427["asked",1,"no place"]"#)
        var back = Conversation()
        back.numbers = talk.numbers
        try back.client(#"40{"pid":"secret","offset":"place"}"#)
        try back.server(#"42["missed","later"]"#)
        try back.server(#"40{"sid":"x","pid":"secret"}"#)
        #expect(Array(talk.told[3...]) == ["out event #1 news 19 @place", "out event #1 asked 24"])
        #expect(
            back.told == [
                "in connect #2 - 34", "out event #2 missed 19 @later", "connected #2 / x again", "out connect #2 - 27",
            ])
    }

    @Test("of which one packet is not understood goes on")
    func undecodable() throws {
        var talk = Conversation()
        try talk.client("4rubbish")
        talk.bytes([7], from: .server)
        try talk.client("40")
        #expect(talk.told == ["in message rubbish 7", "out message \u{7} 1", "in connect #1 - 1"])
    }

    @Test("that the server ends without a word has timed out if a ping was not answered, and was closed otherwise")
    func reasons() throws {
        var talk = Conversation()
        try talk.server("2")
        talk.now = talk.now + .seconds(20)
        #expect(talk.connection.reasonOfServer(at: talk.now) == .pingTimeout)
        try talk.client("3")
        #expect(talk.connection.reasonOfServer(at: talk.now) == .forcedClose)
        var legacy = Conversation(.three)
        #expect(legacy.connection.reasonOfServer(at: legacy.now + .seconds(44)) == .forcedClose)
        #expect(legacy.connection.reasonOfServer(at: legacy.now + .seconds(45)) == .pingTimeout)
        try legacy.server("1")
        #expect(legacy.connection.reasonOfServer(at: legacy.now + .seconds(45)) == .forcedClose)
        #expect(legacy.connection.hasServerTakenLeave)
    }

    @Test("by script elements is read too")
    func jsonp() throws {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/socket.io/?EIO=4&transport=polling&j=0&sid=a")
        let request = ProxiedRequest(head, enginePath: "/socket.io/", remoteAddress: nil)
        let answer = ByteBuffer(string: #"___eio[0]("42[\"a\",\"\u2028\"]\u001e2");"#)
        #expect(
            PollingBody.packets(ofAnswer: answer, contentType: "text/javascript; charset=UTF-8", request).map { String(buffer: $0.payload) }
                == ["2[\"a\",\"\u{2028}\"]", ""])
        let post = ByteBuffer(string: "d=42%5B%22a%22%5D")
        #expect(
            PollingBody.packets(ofPost: post, contentType: "application/x-www-form-urlencoded", request).map { String(buffer: $0.payload) }
                == [#"2["a"]"#])
        #expect(PollingBody.packets(ofAnswer: ByteBuffer(string: "rubbish"), contentType: nil, request).isEmpty)
    }

    @Test("is told from the proxy's own pages and from all else by its path alone")
    func targets() {
        func target(_ uri: String) -> ProxiedRequest.Target {
            ProxiedRequest(
                HTTPRequestHead(version: .http1_1, method: .GET, uri: uri), enginePath: "/socket.io/", remoteAddress: nil
            ).target
        }
        for uri in ["/socket.io/?EIO=4", "/socket.io?EIO=4"] { #expect(target(uri) == .engine) }
        for uri in ["/inspect", "/inspect/", "/inspect/api/packets?x=/socket.io/", "/healthz", "/metrics?a"] {
            #expect(target(uri) == .own)
        }
        for uri in ["/", "/inspector", "/socket.io/socket.io.js", "/a/inspect/", "/healthz/x"] { #expect(target(uri) == .other) }
    }

    @Test("is passed on with what the server must know, and without what is between two only")
    func heads() throws {
        let headers: HTTPHeaders = [
            "Host": "here:3000", "Origin": "http://here:3000", "Connection": "Keep-Alive, X-Secret", "X-Secret": "a", "Cookie": "b=c",
            "Accept-Encoding": "gzip", "X-Forwarded-For": "10.0.0.1",
        ]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/socket.io/?EIO=4&transport=polling", headers: headers)
        let request = ProxiedRequest(head, enginePath: "/socket.io/", remoteAddress: "10.0.0.2")
        let upstream = Upstream(
            url: try ServerURL("https://there.example"), verifiesCertificate: true, connectTimeout: .seconds(1))
        let passed = ForwardedHead.request(head, request, upstream: upstream, isSecure: false).headers
        #expect(passed["host"] == ["there.example"] && passed["origin"] == ["https://there.example"])
        #expect(passed["x-forwarded-for"] == ["10.0.0.1, 10.0.0.2"] && passed["x-forwarded-proto"] == ["http"])
        #expect(passed["x-forwarded-host"] == ["here:3000"] && passed["cookie"] == ["b=c"])
        for name in ["connection", "x-secret", "accept-encoding", "upgrade"] { #expect(passed[name].isEmpty, "\(name)") }
        let redirect = HTTPResponseHead(
            version: .http1_1, status: .found, headers: ["Location": "https://there.example/login", "Keep-Alive": "5"])
        let answer = ForwardedHead.answer(redirect, upstream: upstream, closes: true).headers
        #expect(answer["location"] == ["/login"] && answer["connection"] == ["close"] && answer["keep-alive"].isEmpty)
    }
}
