import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// The inspection API of a server that records real traffic, asked by `curl`.
@Suite("The inspection API")
struct InspectorTests {
    @Test("lists runs, connections, sessions, packets, acks, room changes and rooms of a running server")
    func lists() async throws {
        try await withTraffic { server, ann, bob in
            let run = try await items(server, "runs")[0]
            #expect(run["kind"] == "serve")
            #expect(run["host"]?.stringValue == String(server.url.dropFirst("http://".count)))
            #expect(run["ended_at"] == .null)
            #expect(run["settings"]?["path"] == "/socket.io/")
            let connections = try await items(server, "connections")
            #expect(connections.map { $0["transport"] } == ["websocket", "polling"])
            #expect(connections[0]["headers"]?["host"] != nil)
            let sessions = try await items(server, "sessions")
            #expect(sessions.map { $0["sid"]?.stringValue } == [ann.id, bob.id])
            #expect(sessions[0]["auth"] == ["user": "ann"])
            #expect(sessions[0]["disconnected_at"] == .null)
            #expect(try await get(server, "sessions/2")["sid"]?.stringValue == bob.id)
            #expect(try await items(server, "acks?status=acked&event=join").count == 2)
            #expect(try await items(server, "acks?min_latency_ms=100000").isEmpty)
            #expect(try await items(server, "room-changes?room=r1").map { $0["action"] } == ["join", "join", "leave"])
            #expect(try await items(server, "rooms") == [["namespace": "/", "room": "r1", "members": 1]])
            #expect(try await items(server, "rooms/r1/members").map { $0["sid"]?.stringValue } == [ann.id])
            #expect(try await items(server, "sessions/1/rooms").contains { $0["room"] == "r1" })
            #expect(try await items(server, "events").contains { $0["event"] == "cast" && $0["packets_out"] == 2 })
            #expect(try await items(server, "gaps").isEmpty)
            #expect(try await get(server, "stats")["sessions"] == 2)
        }
    }

    @Test("filters packets, one filter at a time and together")
    func filters() async throws {
        try await withTraffic { server, _, _ in
            let cast = try await items(server, "packets?event=cast")
            #expect(cast.map { $0["direction"] } == ["in", "out", "out"])
            #expect(cast.map { $0["data"] } == Array(repeating: ["cast", "r1", "hello"], count: 3))
            #expect(cast[1]["broadcast_id"] == cast[2]["broadcast_id"])
            #expect(try await items(server, "packets?event=cast&direction=out&session=2").count == 1)
            #expect(try await items(server, "sessions/2/packets?event=cast").count == 1)
            #expect(try await items(server, "packets?connection=1&layer=engine&type=open").count == 1)
            #expect(try await items(server, "packets?namespace=/nowhere").isEmpty)
            for name in ["chat+message", "chat%20message"] { #expect(try await items(server, "packets?event=\(name)").count == 3) }
            #expect(try await items(server, "packets?q=hello").count == 3)
            #expect(try await items(server, "packets?event=cast&since=2000-01-01T00:00:00Z&until=2001-01-01T00:00:00Z").isEmpty)
            let id = try #require(cast[0]["id"]?.integerValue)
            #expect(try await get(server, "packets/\(id)") == cast[0])
        }
    }

    @Test("pages through a list without a gap or a double")
    func pages() async throws {
        try await withTraffic { server, _, _ in
            let all = try await items(server, "packets?limit=1000")
            var collected: [JSONValue] = []
            var path = "packets?limit=3"
            while true {
                let page = try await get(server, path)
                collected += page["items"]?.arrayValue ?? []
                guard let next = page["next"]?.stringValue else { break }
                path = "packets?limit=3&after=\(next)"
            }
            #expect(collected == all)
        }
    }

    @Test("answers SQL that reads, and refuses all other")
    func sql() async throws {
        try await withTraffic { server, _, _ in
            let answer = try await get(server, "sql?q=SELECT%20sid%20FROM%20sessions%20ORDER%20BY%20id")
            #expect(answer["columns"] == ["sid"])
            #expect(answer["rows"]?.arrayValue?.count == 2)
            for statement in [
                "DELETE FROM run", "ATTACH 'x' AS y", "PRAGMA user_version=9", "SELECT 1; SELECT 2", "SELECT load_extension('x')",
            ] {
                let query = statement.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                let refusal = try await AcceptanceTests.get(server.url + "/inspect/api/sql?q=\(query)")
                #expect(refusal.status == 400, "\(statement): \(refusal)")
            }
        }
    }

    @Test("says what is wrong with a request in a problem document")
    func problems() async throws {
        try await withTraffic { server, _, _ in
            for (path, status, word) in [
                ("packets?limit=0", 400, "limit"), ("packets?direction=up", 400, "direction"), ("packets?colour=red", 400, "colour"),
                ("packets?since=soon", 400, "since"), ("acks?status=maybe", 400, "status"), ("sessions/99", 404, "99"),
                ("sessions/one", 404, "one"), ("packets/999999999", 404, "999999999"), ("nothing", 404, "nothing"),
            ] {
                let answer = try await AcceptanceTests.get(server.url + "/inspect/api/" + path)
                #expect(answer.status == status, "\(path): \(answer)")
                let problem = try JSONValue(parsing: answer.body)
                #expect(problem["status"]?.integerValue == Int64(status))
                #expect(problem["detail"]?.stringValue?.contains(word) == true, "\(path): \(answer)")
            }
            #expect(try await post(server.url + "/inspect/api/packets", "").status == 405)
        }
    }

    @Test("answers this machine only, under its own name and to its own pages")
    func fence() async throws {
        let server = try await ServerProcess.tapedeck()
        let url = server.url + "/inspect/api/runs"
        #expect(try await AcceptanceTests.get(url).status == 200)
        #expect(try await AcceptanceTests.get(url, headers: ["Host: evil.example"]).status == 403)
        #expect(try await AcceptanceTests.get(url, headers: ["Origin: http://evil.example"]).status == 403)
        #expect(try await AcceptanceTests.get(url, headers: ["Origin: http://localhost:3000"]).status == 200)
        #expect(try await AcceptanceTests.get(server.url + "/healthz", headers: ["Host: evil.example"]).status == 200)
        try await server.stop()
        let guarded = try await ServerProcess.tapedeck(["--inspect-token", "secret"])
        let path = guarded.url + "/inspect/api/runs"
        #expect(try await AcceptanceTests.get(path).status == 401)
        #expect(try await AcceptanceTests.get(guarded.url + "/inspect/").status == 200)
        #expect(try await AcceptanceTests.get(path, headers: ["Authorization: Bearer wrong"]).status == 401)
        #expect(try await AcceptanceTests.get(path, headers: ["Authorization: Bearer secret"]).status == 200)
        #expect(try await AcceptanceTests.get(path, headers: ["Authorization: Bearer secret", "Host: example.com"]).status == 200)
        try await guarded.stop()
    }

    /// Ann (WebSocket) and Bob (polling) join r1, Ann casts to it, Bob leaves; then `body` asks.
    private func withTraffic(_ body: (ServerProcess, Person, Person) async throws -> Void) async throws {
        let server = try await ServerProcess.tapedeck()
        let ann = try await Person(server.url, auth: ["user": "ann"], transports: [.webSocket])
        let bob = try await Person(server.url, transports: [.polling])
        try await ann.ask("join", "r1")
        try await bob.ask("join", "r1")
        ann.say("chat message", "hi")
        try await bob.receives("chat message")
        ann.say("cast", "r1", "hello")
        try await bob.receives("cast")
        try await bob.ask("leave", "r1")
        try await withDeadline("the last ack on the tape") {
            while try await items(server, "acks?status=acked&event=leave").isEmpty { try Task.checkCancellation() }
        }
        try await body(server, ann, bob)
        #expect(try await server.stop() == 0)
    }
}

private func get(_ server: ServerProcess, _ path: String) async throws -> JSONValue {
    let answer = try await AcceptanceTests.get(server.url + "/inspect/api/" + path)
    #expect(answer.status == 200, "\(path): \(answer.body)")
    return try JSONValue(parsing: answer.body)
}

private func items(_ server: ServerProcess, _ path: String) async throws -> [JSONValue] {
    try await get(server, path)["items"]?.arrayValue ?? []
}
