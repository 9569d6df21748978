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

    @Test("tells why a session and a connection ended, who ended it, and the last packets before")
    func ends() async throws {
        try await withTraffic { server, ann, bob in
            #expect(try await get(server, "sessions/1/end")["ended"] == false)
            ann.say("kick")
            try await ann.receives("disconnect")
            bob.socket.disconnect()
            try await withDeadline("the ends on the tape") {
                while try await items(server, "sessions?open=false").count < 2 { try Task.checkCancellation() }
            }
            let kicked = try await get(server, "sessions/1/end")
            #expect(kicked["reason"] == "server namespace disconnect" && kicked["by"] == "server")
            #expect(kicked["last_packets"]?.arrayValue?.contains { $0["event"] == "kick" } == true)
            let left = try await get(server, "sessions/2/end?limit=3")
            #expect(left["reason"] == "client namespace disconnect" && left["by"] == "client")
            #expect(left["last_packets"]?.arrayValue?.count == 3)
            #expect(left["last_packets"]?.arrayValue?.last?["type"] == "disconnect")
            #expect(try await get(server, "connections/1/end")["last_packets"]?.arrayValue?.count == 10)
        }
    }

    @Test("tells who received a broadcast, and who was in the room and did not")
    func recipients() async throws {
        try await withTraffic { server, _, _ in
            let cast = try #require(try await items(server, "broadcasts").first { $0["event"] == "cast" }?["id"]?.integerValue)
            #expect(try await get(server, "broadcasts/\(cast)")["recipients"] == 2)
            #expect(try await items(server, "broadcasts/\(cast)/recipients").map { $0["session_id"] } == [1, 2])
            #expect(try await items(server, "broadcasts/\(cast)/missed?room=r1").isEmpty)
            #expect(try await AcceptanceTests.get(server.url + "/inspect/api/broadcasts/99/missed").status == 404)
        }
    }

    @Test("gives rooms and their members as they were at a time")
    func past() async throws {
        try await withTraffic { server, _, _ in
            let changes = try await items(server, "room-changes?room=r1")
            let times = changes.compactMap { $0["at"]?.stringValue }
            for (time, members) in zip(times, [1, 2, 1]) {
                #expect(
                    try await items(server, "rooms?at=\(time)") == [["namespace": "/", "room": "r1", "members": .integer(Int64(members))]])
                #expect(try await items(server, "rooms/r1/members?at=\(time)").count == members)
                #expect(try await items(server, "rooms/r1/members?at=\(time)&namespace=/custom").isEmpty)
            }
            #expect(try await items(server, "sessions/2/rooms?at=\(times[1])").contains { $0["room"] == "r1" })
            #expect(try await !items(server, "sessions/2/rooms").contains { $0["room"] == "r1" })
            var collected: [JSONValue] = []
            var path: String? = "rooms?own=true&limit=1"
            while let next = path {
                let page = try await get(server, next)
                collected += page["items"]?.arrayValue ?? []
                path = page["next"]?.stringValue.map { "rooms?own=true&limit=1&after=\($0)" }
            }
            #expect(try await collected == items(server, "rooms?own=true"))
            #expect(collected.count == 3)
            path = "events?limit=1"
            collected = []
            while let next = path {
                let page = try await get(server, next)
                collected += page["items"]?.arrayValue ?? []
                path = page["next"]?.stringValue.map { "events?limit=1&after=\($0)" }
            }
            #expect(try await collected == items(server, "events"))
        }
    }

    @Test("filters acks by state, latency, event, direction, session and time, alone and together")
    func acks() async throws {
        try await withTraffic { server, ann, _ in
            ann.say("ask", "x")
            try await ann.receives("answer")
            try await withDeadline("the ack of the question") {
                while try await items(server, "acks?event=question&status=acked").isEmpty { try Task.checkCancellation() }
            }
            let all = try await items(server, "acks")
            #expect(try await items(server, "acks?direction=out") == all.filter { $0["direction"] == "out" })
            #expect(try await items(server, "acks?direction=in&session=2") == all.filter { $0["session_id"] == 2 })
            #expect(try await items(server, "acks?event=join&session=1&status=acked&namespace=/&min_latency_ms=0").count == 1)
            #expect(try await items(server, "acks?namespace=/custom").isEmpty)
            let time = try #require(all[1]["requested_at"]?.stringValue)
            #expect(try await items(server, "acks?since=\(time)") == Array(all.dropFirst()))
            #expect(try await items(server, "acks?until=\(time)") == Array(all.prefix(1)))
            for status in ["pending", "timeout", "lost"] { #expect(try await items(server, "acks?status=\(status)").isEmpty) }
        }
    }

    @Test("streams a list as CSV and NDJSON, with the same rows")
    func exports() async throws {
        try await withTraffic { server, _, _ in
            let all = try await items(server, "packets?limit=1000&heartbeats=true")
            let lines = try await AcceptanceTests.get(server.url + "/inspect/api/packets?format=ndjson&heartbeats=true")
            #expect(try lines.body.split(separator: "\n").map { try JSONValue(parsing: String($0)) } == all)
            let table = try await AcceptanceTests.get(server.url + "/inspect/api/packets?format=csv&heartbeats=true")
            let rows = table.body.components(separatedBy: "\r\n").dropLast()
            #expect(rows.count == all.count + 1)
            #expect(rows.first?.hasPrefix("id,at,direction") == true)
            #expect(rows.contains { $0.contains(#""[""cast"",""r1"",""hello""]""#) })
            for list in [
                "runs", "connections", "sessions", "acks", "room-changes", "gaps", "broadcasts", "rooms/r1/members", "sessions/1/packets",
            ] {
                let answer = try await AcceptanceTests.get(server.url + "/inspect/api/\(list)?format=ndjson")
                #expect(answer.status == 200)
                #expect(
                    try answer.body.split(separator: "\n").map { try JSONValue(parsing: String($0)) } == (try await items(server, list)),
                    "\(list)")
            }
        }
    }

    @Test("marks with an ETag what cannot change, and answers 304 to who has it")
    func etags() async throws {
        try await withTraffic { server, _, _ in
            let id = try #require(try await items(server, "packets?event=cast")[0]["id"]?.integerValue)
            for path in [
                "packets/\(id)", "packets?limit=2", "sessions?limit=1", "runs", "acks?limit=1", "room-changes?limit=1", "openapi.json",
            ] {
                let url = server.url + "/inspect/api/" + path
                let first = try await run(URL(filePath: "/usr/bin/curl"), ["-s", "-D-", "-o", "/dev/null", url])
                let tag = try #require(
                    first.output.split(separator: "\r\n").first { $0.lowercased().hasPrefix("etag: ") }?.dropFirst(6), "\(path)")
                #expect(try await AcceptanceTests.get(url, headers: ["If-None-Match: \(tag)"]).status == 304, "\(path)")
                #expect(try await AcceptanceTests.get(url, headers: ["If-None-Match: \"other\""]).status == 200, "\(path)")
            }
            let open = try await run(
                URL(filePath: "/usr/bin/curl"), ["-s", "-D-", "-o", "/dev/null", server.url + "/inspect/api/sessions/1"])
            #expect(!open.output.lowercased().contains("etag"))
        }
    }

    @Test("stands over a growing and over a finished tape without a server, and answers the same")
    func inspect() async throws {
        let server = try await ServerProcess.tapedeck()
        let tape = try #require(server.tape)
        let process = try ChildProcess(TestPlaces.product("tapedeck"), ["inspect", tape.path, "--port", "0"])
        let inspector = try await ServerProcess(process: process, url: "http" + process.line(startingWith: "Listening on http"), tape: tape)
        let live = try LiveStream(inspector, "live?event=echo&direction=in")
        try await live.receives("ready")
        let ann = try await Person(server.url, transports: [.webSocket])
        try await ann.ask("echo", "hi")
        try await live.receives("packet")
        #expect(live.events.last?.data["data"] == ["echo", "hi"])
        #expect(try await get(inspector, "packets") == (try await get(server, "packets")))
        #expect(try await AcceptanceTests.get(inspector.url + "/inspect/").status == 200)
        try await server.stop()
        #expect(try await items(inspector, "runs")[0]["status"] == "ended")
        #expect(try await get(inspector, "sessions/1/end")["reason"] != .null)
        #expect(try await inspector.stop() == 0)
        let missing = try await tapedeck("inspect", "/nowhere.tape")
        #expect(missing.status == 2 && missing.errors.contains("/nowhere.tape"))
    }

    @Test("shows the recorder in /healthz and in /metrics, in Prometheus text")
    func metrics() async throws {
        try await withTraffic { server, _, _ in
            let health = try JSONValue(parsing: try await AcceptanceTests.get(server.url + "/healthz").body)
            #expect(health["status"] == "ok" && health["recorder"]?["state"] == "recording" && health["recorder"]?["lost"] == 0)
            #expect(health["recorder"]?["last_flush"]?.stringValue?.hasSuffix("Z") == true)
            let text = try await AcceptanceTests.get(server.url + "/metrics").body
            for line in text.split(separator: "\n") {
                #expect(
                    try line.wholeMatch(
                        of: Regex(#"# TYPE [a-zA-Z_:][\w:]* (counter|gauge|histogram)|[a-zA-Z_:][\w:]*(\{[^{}]*\})? [-+0-9.eEInfNa]+"#))
                        != nil, "\(line)")
            }
            for name in [
                "tapedeck_recorder_packets_total",
                "tapedeck_recorder_queued_records", "tapedeck_recorder_lost_packets_total",
                "tapedeck_inspector_request_seconds_count", "tapedeck_tape_bytes", "tapedeck_inspector_live_listeners",
            ] { #expect(text.contains("\n\(name)"), "\(name)") }
        }
    }

    @Test("is what its OpenAPI document says, as schemathesis finds")
    func openAPI() async throws {
        try await withTraffic { server, _, _ in
            let program = TestPlaces.root.appending(path: ".tools/venv/bin/schemathesis")
            let document = server.url + "/inspect/api/openapi.json"
            let folder = try TestPlaces.temporaryFolder()
            // The stream has no end, and no schema says which texts are a SELECT.
            for arguments in [
                ["--exclude-path", "/inspect/api/live", "--exclude-path", "/inspect/api/sql"],
                ["--include-path", "/inspect/api/sql", "--exclude-checks", "positive_data_acceptance"],
            ] {
                let process = try ChildProcess(
                    program,
                    ["run", document, "--phases", "examples,coverage,fuzzing", "-n", "8", "--seed", "7", "--checks", "all"] + arguments,
                    directory: folder)
                let status = try await process.exitStatus(within: .seconds(280))
                #expect(status == 0, "\(process.output.suffix(5000))")
            }
        }
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
