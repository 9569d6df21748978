import Foundation
import SocketIOWire
import TestSupport
import Testing

/// Who is answered, and who is not, whatever the request looks like.
@Suite("The inspector's fence")
struct InspectorAccessTests {
    /// Sends bytes as they are and returns the status of the first answer, or nothing if the connection just ends.
    private func status(_ server: ServerProcess, _ request: String) async throws -> [Int] {
        let port = try #require(server.url.split(separator: ":").last)
        let script = """
            import socket, sys
            s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
            s.settimeout(20)
            s.sendall(sys.argv[2].encode("latin-1"))
            s.shutdown(socket.SHUT_WR)
            data = b""
            try:
                while piece := s.recv(65536): data += piece
            except OSError: pass
            print(*[line.split()[1].decode() for line in data.split(b"\\r\\n") if line.startswith(b"HTTP/1.1 ")])
            """
        let result = try await run(TestPlaces.python, ["-c", script, String(port), request])
        #expect(result.status == 0, "\(result.errors)")
        return result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    @Test("holds against rebinding, foreign pages, other spellings of the path and smuggled headers")
    func hostile() async throws {
        let server = try await ServerProcess.tapedeck()
        let path = "/inspect/api/runs"
        #expect(try await status(server, "GET \(path) HTTP/1.1\r\nHost: localhost:3000\r\n\r\n") == [200])
        for request in [
            "GET \(path) HTTP/1.1\r\nHost: evil.example\r\n\r\n", "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", "GET \(path) HTTP/1.1\r\nHost: evil.example:localhost\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", "GET \(path) HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: [::ffff:10.0.0.1]\r\n\r\n", "GET \(path) HTTP/1.1\r\nHost: 127.1\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: 2130706433\r\n\r\n", "GET \(path) HTTP/1.1\r\nHost: \r\n\r\n", "GET \(path) HTTP/1.0\r\n\r\n",
            "GET //inspect//api/runs HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET /%69nspect/api/runs HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET /x/../inspect/api/runs HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET /inspect/api/runs/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET http://evil.example\(path) HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET HTTP://evil.example:3000/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET http://localhost@evil.example\(path) HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost.evil.example\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nForwarded: for=10.0.0.1\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n",
            "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET //metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HEAD \(path) HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost : localhost\r\n\r\n", "GET \(path) HTTP/1.1\r\n Host: localhost\r\n\r\n",
            "GET \(path) HTTP/1.1\r\nHost: localhost\u{0}.evil.example\r\n\r\n", "OPTIONS \(path) HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        ] {
            let answers = try await status(server, request)
            #expect(!answers.contains(200), "\(request.debugDescription): \(answers)")
        }
        // What one reader takes for the body and another for a second request.
        let smuggled = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for request in [
            "POST /healthz HTTP/1.1\r\nHost: evil.example\r\nContent-Length: \(smuggled.utf8.count)\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(smuggled)",
            "POST /healthz HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\nContent-Length: \(smuggled.utf8.count)\r\n\r\n\(smuggled)",
            "POST /healthz HTTP/1.1\r\nHost: evil.example\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n\(smuggled)",
            "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nX: a\rGET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ] {
            #expect(try await !status(server, request).contains(200), "\(request)")
        }
        try await server.stop()
    }

    @Test("takes the host from a target that names one, in the server and in the inspector alone")
    func absoluteTargets() async throws {
        let server = try await ServerProcess.tapedeck()
        let tape = try #require(server.tape)
        let process = try ChildProcess(TestPlaces.product("tapedeck"), ["inspect", tape.path, "--port", "0"])
        let inspector = try await ServerProcess(process: process, url: "http" + process.line(startingWith: "Listening on http"), tape: tape)
        for place in [server, inspector] {
            let local = "GET http://localhost/inspect/api/runs HTTP/1.1\r\nHost: evil.example\r\n\r\n"
            #expect(try await status(place, local) == [200])
            let foreign = "GET http://evil.example/inspect/api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n"
            #expect(try await status(place, foreign) == [403])
        }
        try await inspector.stop()
        try await server.stop()
    }

    @Test("takes the token alone: not a part of it, not twice, not in other words")
    func token() async throws {
        let server = try await ServerProcess.tapedeck(["--inspect-token", "secret"])
        func ask(_ lines: String) async throws -> [Int] {
            try await status(server, "GET /inspect/api/runs HTTP/1.1\r\nHost: anything.example\r\n\(lines)\r\n")
        }
        #expect(try await ask("Authorization: Bearer secret\r\n") == [200])
        for lines in [
            "", "Authorization: Bearer \r\n", "Authorization: Bearer secre\r\n", "Authorization: Bearer secret2\r\n",
            "Authorization: Bearer SECRET\r\n",
            "Authorization: Basic secret\r\n", "Authorization: secret\r\n",
            "Authorization: Bearer secret\r\nAuthorization: Bearer wrong\r\n",
            "Authorization: Bearer wrong\r\nAuthorization: Bearer secret\r\n", "Cookie: token=secret\r\n",
            "Authorization: Bearer secret, secret\r\n",
        ] {
            #expect(try await !ask(lines).contains(200), "\(lines)")
        }
        for path in [
            "/metrics", "/inspect/api", "/inspect/api/openapi.json", "//inspect/api/runs", "/inspect/api/live", "/inspect//api/runs",
        ] {
            #expect(try await !status(server, "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n").contains(200), "\(path)")
        }
        #expect(try await status(server, "GET /inspect/api/runs?token=secret HTTP/1.1\r\nHost: localhost\r\n\r\n") == [401])
        #expect(!server.process.errors.contains("secret") && !server.process.output.contains("secret"))
        try await server.stop()
    }

    @Test("says so on every answer: no sniffing, no frames, no foreign code, no method but GET and HEAD")
    func headers() async throws {
        let server = try await ServerProcess.tapedeck()
        for path in [
            "/inspect/", "/inspect/app.js", "/inspect/api/runs", "/inspect/api/nothing", "/inspect/api/packets?limit=0", "/metrics",
            "/healthz",
        ] {
            let result = try await run(URL(filePath: "/usr/bin/curl"), ["-s", "-D-", "-o", "/dev/null", server.url + path])
            let text = result.output.lowercased()
            for header in [
                "x-content-type-options: nosniff", "content-security-policy: default-src 'none'", "referrer-policy: no-referrer",
                "cross-origin-resource-policy: same-origin", "x-frame-options: deny", "cache-control:",
            ] {
                #expect(text.contains(header), "\(path): \(header)")
            }
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
            let result = try await run(
                URL(filePath: "/usr/bin/curl"), ["-s", "-D-", "-X", method, server.url + "/inspect/api/packets"])
            #expect(
                result.output.contains(" 405 ") && result.output.lowercased().contains("allow: get, head"), "\(method): \(result.output)")
        }
        try await server.stop()
    }

    @Test("a public address is not bound without a token")
    func publicAddress() async throws {
        for host in ["0.0.0.0", "::", "127.evil.example"] {
            for command in [["serve", "--tape", "/tmp/never.tape"], ["inspect", "/tmp/never.tape"]] {
                let process = try ChildProcess(TestPlaces.product("tapedeck"), command + ["--host", host, "--port", "0"])
                #expect(try await process.exitStatus() == 2)
                #expect(process.errors.contains("--inspect-token"))
            }
        }
    }
}
