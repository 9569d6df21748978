import Testing

@testable import SocketIOClient

@Suite("Addresses of servers")
struct ServerURLTests {
    @Test(
        "are taken apart",
        arguments: [
            ("http://localhost:3000", false, "localhost", 3000, "/", ""),
            ("https://example.org", true, "example.org", 443, "/", ""),
            ("ws://example.org/chat", false, "example.org", 80, "/chat", ""),
            ("wss://example.org:8443/a/b?token=x&y=1#part", true, "example.org", 8443, "/a/b", "token=x&y=1"),
            ("HTTP://[::1]:80/", false, "::1", 80, "/", ""),
            ("http://10.0.0.1?x=/y", false, "10.0.0.1", 80, "/", "x=/y"),
        ])
    func parts(text: String, isSecure: Bool, host: String, port: Int, namespace: String, query: String) throws {
        let url = try ServerURL(text)
        #expect(url.isSecure == isSecure)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.namespace == namespace)
        #expect(url.query == query)
    }

    @Test(
        "that cannot be read are refused",
        arguments: [
            "", "localhost:3000", "ftp://x", "http://", "http://:80", "http://x:0", "http://x:65536", "http://x:y", "http://[::1",
            "http://[::1]x",
            "http://me:secret@x", "http://x y", "http://x\r\nEvil: 1",
        ])
    func refused(text: String) {
        #expect(throws: EngineClientError.self) { try ServerURL(text) }
    }

    @Test("appear in the Host header without the scheme's own port")
    func hostHeader() throws {
        #expect(try ServerURL("http://x").hostHeader == "x")
        #expect(try ServerURL("http://x:443").hostHeader == "x:443")
        #expect(try ServerURL("https://[::1]:444").hostHeader == "[::1]:444")
    }

    @Test("make request targets whose values are encoded")
    func targets() throws {
        var configuration = try EngineClient.Configuration(url: "http://x/chat?a=b c".replacing(" ", with: "%20"))
        configuration.query = [("name", "ä&b=c d")]
        configuration.path = "rt/"
        var target = RequestTarget(configuration)
        let first = target.next(.polling, sid: nil)
        #expect(first.hasPrefix("/rt/?a=b%20c&name=%C3%A4%26b%3Dc%20d&EIO=4&transport=polling&t="))
        let second = target.next(.polling, sid: "s+d")
        #expect(second.hasSuffix("&sid=s%2Bd"))
        #expect(second != first + "&sid=s%2Bd")
        #expect(target.next(.webSocket, sid: "x").hasSuffix("EIO=4&transport=websocket&sid=x"))
    }
}
