import Foundation
import NIOCore
import SocketIO
import TestSupport
import Testing

/// Section 1.G of the behaviour notes.
@Suite("The browser client's files")
struct ClientFileTests {
    @Test(
        "are served below the path with their types, whatever the query (G1, G2, G5)",
        arguments: ["js", "min.js", "esm.min.js", "msgpack.min.js"])
    func served(name: String) async throws {
        try await withServer { _, port in
            let script = try await RawHTTP.get("/socket.io/socket.io.\(name)?v=4.8.3", port: port)
            #expect(script.status == 200)
            #expect(script.field("content-type") == "application/javascript; charset=utf-8")
            #expect(script.field("cache-control") == "public, max-age=0")
            #expect(script.body.readableBytes > 10_000)
            let map = try await RawHTTP.get("/socket.io/socket.io.\(name).map", port: port)
            #expect(map.status == 200 && map.field("content-type") == "application/json; charset=utf-8")
        }
    }

    @Test("are not sent again to who has them (G3)")
    func revalidation() async throws {
        try await withServer { _, port in
            let first = try await RawHTTP.get("/socket.io/socket.io.js", port: port)
            let tag = try #require(first.field("etag"))
            for known in [tag, "W/\(tag)", "\"x\", \(tag)"] {
                let again = try await RawHTTP.get("/socket.io/socket.io.js", port: port, headers: ["If-None-Match: \(known)"])
                #expect(again.status == 304 && again.body.readableBytes == 0)
            }
        }
    }

    @Test("are compressed for who asks (G4)")
    func compressed() async throws {
        try await withServer { _, port in
            let plain = try await RawHTTP.get("/socket.io/socket.io.js", port: port)
            let small = try await RawHTTP.get("/socket.io/socket.io.js", port: port, headers: ["Accept-Encoding: gzip, deflate, br"])
            #expect(small.field("content-encoding") == "gzip" && small.field("vary") == "Accept-Encoding")
            #expect(small.body.readableBytes < plain.body.readableBytes / 2)
        }
    }

    @Test("are as small as brotli makes them for who asks for that, and gzip where that is liked as well and stands first (G4)")
    func brotli() async throws {
        try await withServer { _, port in
            let gzip = try await RawHTTP.get("/socket.io/socket.io.min.js", port: port, headers: ["Accept-Encoding: gzip"])
            for wish in ["br", "gzip;q=0.5, br", "br, gzip"] {
                let small = try await RawHTTP.get("/socket.io/socket.io.min.js", port: port, headers: ["Accept-Encoding: \(wish)"])
                #expect(small.field("content-encoding") == "br" && small.body.readableBytes < gzip.body.readableBytes, "\(wish)")
                #expect(small.field("etag") == gzip.field("etag"))
            }
        }
        let folder = try TestPlaces.temporaryFolder()
        try "mine".write(to: folder.appending(path: "socket.io.js"), atomically: true, encoding: .utf8)
        try await withServer({ $0.clientDirectory = folder.path }) { _, port in
            let mine = try await RawHTTP.get("/socket.io/socket.io.js", port: port, headers: ["Accept-Encoding: br, gzip"])
            #expect(mine.field("content-encoding") == "gzip", "no brotli lies ready there")
        }
    }

    @Test("come with cross-origin headers where those are on (G7); an unknown name is the engine's (G6)")
    func others() async throws {
        try await withServer({ $0.engine.cors = .any }) { _, port in
            #expect(try await RawHTTP.get("/socket.io/socket.io.js", port: port).field("access-control-allow-origin") == "*")
            let unknown = try await RawHTTP.get("/socket.io/socket.io.exe", port: port)
            #expect(unknown.status == 400 && String(buffer: unknown.body) == #"{"code":0,"message":"Transport unknown"}"#)
        }
    }

    @Test("are not served with serveClient off, and come from a directory where one is given")
    func options() async throws {
        try await withServer({ $0.serveClient = false }) { _, port in
            let answer = try await RawHTTP.get("/socket.io/socket.io.js", port: port)
            #expect(answer.status == 400)
        }
        let folder = try TestPlaces.temporaryFolder()
        try "mine".write(to: folder.appending(path: "socket.io.js"), atomically: true, encoding: .utf8)
        try "secret".write(to: folder.appending(path: "other.js"), atomically: true, encoding: .utf8)
        try await withServer({ $0.clientDirectory = folder.path }) { _, port in
            let mine = try await RawHTTP.get("/socket.io/socket.io.js", port: port)
            #expect(String(buffer: mine.body) == "mine")
            for path in ["/socket.io/socket.io.min.js", "/socket.io/other.js", "/socket.io/../other.js"] {
                let answer = try await RawHTTP.get(path, port: port)
                #expect(answer.status != 200, "\(path)")
            }
        }
    }
}
