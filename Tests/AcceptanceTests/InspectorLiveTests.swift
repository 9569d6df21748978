import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// `/inspect/api/live`, read by `curl`.
@Suite("The live stream of the inspection API")
struct InspectorLiveTests {
    @Test("tells packets, room changes and sessions as they happen, and goes on after Last-Event-ID without a loss or a double")
    func resumes() async throws {
        let server = try await ServerProcess.tapedeck()
        let whole = try LiveStream(server, "live")
        try await whole.receives("ready")
        let part = try LiveStream(server, "live")
        try await part.receives("ready")
        let ann = try await Person(server.url, transports: [.webSocket])
        let bob = try await Person(server.url, transports: [.polling])
        try await ann.ask("join", "r1")
        try await bob.ask("join", "r1")
        try await part.receives("room-change", 2)
        let before = part.events
        part.stop()
        let last = try #require(before.last?.id)
        ann.say("cast", "r1", "hello")
        try await bob.receives("cast")
        try await bob.ask("leave", "r1")
        ann.say("kick")
        try await ann.receives("disconnect")
        try await whole.receives("session", 3)
        let rest = try LiveStream(server, "live", ["Last-Event-ID: \(last)"])
        try await rest.receives("session", 1)
        let end = try #require(whole.events.last { $0.name == "session" }?.id)
        let known = whole.events.filter { $0.id.map { $0 <= end } ?? false && $0.name != "ready" }
        let pieced = (before + rest.events).filter { $0.id.map { $0 <= end } ?? false && $0.name != "ready" }
        #expect(pieced.map(\.id) == known.map(\.id) && pieced.map(\.name) == known.map(\.name))
        // A session's row is as it is when it is read.
        #expect(pieced.filter { $0.name != "session" } == known.filter { $0.name != "session" })
        #expect(known.filter { $0.name == "session" }.map { $0.data["action"] } == ["connected", "connected", "ended"])
        #expect(Set(known.compactMap(\.id)).count == known.count)
        // From the very beginning it is the whole tape.
        let all = try LiveStream(server, "live?after=0&kind=packet")
        let packets = try await LiveStream.items(server, "packets?limit=1000")
        try await all.receives("packet", packets.count)
        let told = all.events.filter { $0.name == "packet" }.prefix(packets.count).map(\.data)
        #expect(told.map { $0["id"] } == packets.map { $0["id"] })
        // Of a CONNECT the tape learns a moment later which session it began.
        #expect(told.filter { $0["type"] != "connect" } == packets.filter { $0["type"] != "connect" })
        for stream in [whole, rest, all] { stream.stop() }
        #expect(try await server.stop() == 0)
    }

    @Test("of a session that has not begun yet tells everything from its CONNECT on, once, also after Last-Event-ID")
    func sessionsToCome() async throws {
        let server = try await ServerProcess.tapedeck()
        let sessions = Array(1...12)
        let streams = try sessions.map { try LiveStream(server, "live?session=\($0)&kind=packet") }
        let begun = try LiveStream(server, "live?namespace=/custom&kind=packet&type=connect")
        for stream in streams + [begun] { try await stream.receives("ready") }
        var people: [Person] = []
        for session in sessions {
            people.append(try await Person(server.url, session % 2 == 0 ? "/" : "/custom", transports: [.webSocket]))
        }
        try await begun.receives("packet", sessions.count)
        #expect(begun.events.filter { $0.name == "packet" }.map { $0.data["direction"] } == sessions.map { $0 % 2 == 1 ? "in" : "out" })
        for (session, stream) in zip(sessions, streams) {
            try await stream.receives("packet")
            stream.process.signal(SIGKILL)
            _ = try await stream.process.exitStatus()
            let before = stream.events.filter { $0.name == "packet" }
            #expect(before.first?.data["type"] == "connect" && before.first?.data["direction"] == "in")
            try await people[session - 1].ask("whoami")
            let last = try #require(before.last?.id)
            try await eventually("the ack on the tape") {
                try await !LiveStream.items(server, "packets?session=\(session)&type=ack").isEmpty
            }
            let wanted = try await LiveStream.items(server, "packets?session=\(session)&limit=1000")
            let rest = try LiveStream(server, "live?session=\(session)&kind=packet", ["Last-Event-ID: \(last)"])
            try await rest.receives("packet", wanted.count - before.count)
            #expect((before + rest.events.filter { $0.name == "packet" }).map(\.data) == wanted)
            rest.stop()
        }
        begun.stop()
        try await server.stop()
    }

    @Test("takes the filters of packets, alone and together, and tells the same as the list")
    func filters() async throws {
        let server = try await ServerProcess.tapedeck()
        let ann = try await Person(server.url, transports: [.webSocket])
        let bob = try await Person(server.url, transports: [.polling])
        let filters = [
            "event=cast", "event=cast&direction=out", "session=2&kind=packet", "connection=1&type=ack", "namespace=/&q=HELLO",
            "room=r1&kind=packet",
            "layer=engine", "type=event&direction=in&session=1", "namespace=/nowhere", "broadcast=1",
            "since=2000-01-01T00:00:00Z&event=cast",
        ]
        let streams = try filters.map { try LiveStream(server, "live?\($0)") }
        for stream in streams { try await stream.receives("ready") }
        let begin = try #require(streams[0].events.first?.id)
        try await ann.ask("join", "r1")
        try await bob.ask("join", "r1")
        ann.say("cast", "r1", "hello")
        try await bob.receives("cast")
        try await bob.ask("leave", "r1")
        try await ann.ask("whoami")
        try await eventually("the last ack on the tape") { try await !LiveStream.items(server, "acks?status=acked&event=whoami").isEmpty }
        for (filter, stream) in zip(filters, streams) {
            let query = filter.replacing("&kind=packet", with: "")
            let wanted = try await LiveStream.items(server, "packets?\(query)&after=\(begin)&limit=1000")
            try await stream.receives("packet", wanted.count)
            #expect(stream.events.filter { $0.name == "packet" }.map(\.data) == wanted, "\(filter)")
            stream.stop()
        }
        try await server.stop()
    }

    @Test("refuses an id that is none, and a drain ends it properly")
    func edges() async throws {
        let server = try await ServerProcess.tapedeck()
        #expect(try await get(server.url + "/inspect/api/live", headers: ["Last-Event-ID: x"]).status == 400)
        #expect(try await get(server.url + "/inspect/api/live?direction=up").status == 400)
        let stream = try LiveStream(server, "live?after=999999")
        try await stream.receives("skipped")
        #expect(try await server.stop() == 0)
        #expect(try await stream.process.exitStatus() == 0)
    }

    @Test("serves thousands who do not read beside one who does: nothing is lost, and their laziness costs little memory")
    func slowReaders() async throws {
        let count = Int(ProcessInfo.processInfo.environment["TAPEDECK_SLOW_READERS"] ?? "") ?? 1000
        let server = try await ServerProcess.tapedeck()
        let script = TestPlaces.root.appending(path: "Tests/Clients/slow_readers.py")
        let result = try await run(
            TestPlaces.python, [script.path, server.url, "\(count)", "\(server.process.identifier)"], within: .seconds(300))
        #expect(result.status == 0, "\(result.errors)")
        print("slow readers:", result.output)
        let report = try JSONValue(parsing: result.output)
        #expect(
            report["recorded"] == 400 && report["received"] == 400 && report["doubled"] == 0 && report["skipped"] == 0, "\(result.output)")
        #expect(report["lost"] == 0)
        #expect(try #require(report["grown_each"]?.integerValue) < 200_000, "\(result.output)")
        #expect(try await server.stop() == 0)
    }
}

/// Server-sent events as `curl` gets them.
final class LiveStream: Sendable {
    struct Event: Equatable {
        var id: Int64?
        var name = ""
        var data = JSONValue.null
    }

    let process: ChildProcess

    init(_ server: ServerProcess, _ path: String, _ headers: [String] = []) throws {
        process = try ChildProcess(
            URL(filePath: "/usr/bin/curl"), ["-sN"] + headers.flatMap { ["-H", $0] } + [server.url + "/inspect/api/" + path])
    }

    func stop() { process.signal() }

    /// All that has come completely.
    var events: [Event] {
        process.output.components(separatedBy: "\n\n").dropLast().compactMap { text in
            var event = Event()
            for line in text.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = Int64(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = (try? JSONValue(parsing: String(line.dropFirst(6)))) ?? .null }
            }
            return event.name.isEmpty ? nil : event
        }
    }

    /// Waits until so many events of a name have come.
    func receives(_ name: String, _ count: Int = 1) async throws {
        try await eventually("\(count) events '\(name)'") { self.events.count { $0.name == name } >= count }
    }

    static func items(_ server: ServerProcess, _ path: String) async throws -> [JSONValue] {
        let answer = try await get(server.url + "/inspect/api/" + path)
        #expect(answer.status == 200, "\(path): \(answer.body)")
        return try JSONValue(parsing: answer.body)["items"]?.arrayValue ?? []
    }
}
