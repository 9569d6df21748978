import Hummingbird
import HummingbirdHTTP2
import HummingbirdTesting
import NIOSSL
import SocketIO
import SocketIOHummingbird
import Testing

/// Row D13 of the behaviour notes.
@Suite("Over HTTP/2")
struct HTTP2Tests {
    @Test("polling works beside the host's routes, and a WebSocket over HTTP/1.1 on the same port")
    func polling() async throws {
        let (certificate, key) = try await TestCertificate.make()
        let io = SocketIOServer()
        io.onConnection { socket in socket.emit("welcome", "\(socket.connection.transport)") }
        let router = Router()
        router.get("hello") { _, _ in "Hello" }
        let tls = TLSConfiguration.makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        let app = Application(
            router: router,
            server: try .http2Upgrade(tlsConfiguration: tls, configuration: .init(streamConfiguration: .socketIO(io))),
            services: [io.service])
        try await app.test(.live) { client in
            let base = "https://localhost:\(client.port ?? 0)"
            let polling = base + "/socket.io/?EIO=4&transport=polling"
            #expect(try await TestCertificate.curl("--http2", base + "/hello", "--write-out", " %{http_version}") == "Hello 2")
            let open = try await TestCertificate.curl("--http2", polling, "--write-out", " %{http_version}")
            #expect(open.hasSuffix(" 2"))
            let sid = try #require(open.firstMatch(of: /"sid":"([^"]*)"/)?.1)
            let ok = try await TestCertificate.curl(
                "--http2", "\(polling)&sid=\(sid)", "--data-raw", "40", "--header", "Content-Type: text/plain")
            #expect(ok == "ok")
            let events = try await TestCertificate.curl("--http2", "\(polling)&sid=\(sid)")
            #expect(events.contains(#"42["welcome","polling"]"#))
            let upgrade = try await TestCertificate.curl(
                "--http1.1", base + "/socket.io/?EIO=4&transport=websocket", "--include", "--max-time", "2", "--header",
                "Connection: Upgrade",
                "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Version: 13", "--header",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "--output", "-", "--write-out", "%{http_code}", allowingTimeout: true)
            #expect(upgrade.hasPrefix("HTTP/1.1 101") && upgrade.contains("0{\"sid\":"))
        }
    }
}
