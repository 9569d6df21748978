import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("A replay plan")
struct ReplayPlanTests {
    typealias Packet = Recording.Packet

    static func recording(_ packets: [(Recording.Direction, Recording.Kind, String?, [JSONValue])]) -> Recording {
        Recording(
            connections: [
                .init(id: 1, sid: "engine-id-0123456789", transport: "websocket", url: "/socket.io/?EIO=4&token=a%20b", openedAt: 0)
            ],
            packets: LongList(
                packets.enumerated().map { index, packet in
                    Packet(
                        id: Int64(index + 1), connectionID: 1, at: Int64(index), direction: packet.0, kind: packet.1, event: packet.2,
                        ackID: packet.1 == .ack || packet.2?.hasSuffix("?") == true ? 1 : nil, arguments: packet.3)
                }))
    }

    static func variables(_ packets: [(Recording.Direction, Recording.Kind, String?, [JSONValue])]) -> [JSONValue] {
        PlanBuilder.plan(for: recording(packets), options: ReplayOptions()).variables.variables.filter { $0.kind == .serverValue }
            .map(\.recorded)
    }

    @Test("prints the same bytes each time")
    func isDeterministic() {
        let recording = ReplayMachineTests.conversation()
        let first = PlanBuilder.plan(for: recording, options: ReplayOptions()).text()
        for _ in 0..<5 { #expect(PlanBuilder.plan(for: recording, options: ReplayOptions()).text() == first) }
        #expect(first.contains("→ #16 lane 3 / packet 35 emit 'cast' [\"r1\",\"not for eve\"]"))
    }

    @Test("carries over what came from the server first and was sent later, whole or inside a text")
    func serverValues() {
        let connect: [(Recording.Direction, Recording.Kind, String?, [JSONValue])] = [
            (.incoming, .connect, nil, []), (.outgoing, .connect, nil, [["sid": "socket-id-0123456789"]]),
        ]
        #expect(
            Self.variables(connect + [(.outgoing, .event, "t", ["qwertyuiop"]), (.incoming, .event, "r", ["qwertyuiop"])]) == ["qwertyuiop"]
        )
        #expect(
            Self.variables(connect + [(.outgoing, .event, "t", [["id": "x7-y"]]), (.incoming, .event, "r", [["of": "x7-y"]])]) == ["x7-y"])
        #expect(
            Self.variables(connect + [(.outgoing, .event, "t", ["your room: AB12CD34"]), (.incoming, .event, "r", ["AB12CD34"])])
                == ["AB12CD34"])
        #expect(
            Self.variables(connect + [(.outgoing, .event, "t", ["AB12CD34"]), (.incoming, .event, "r", ["/join AB12CD34 now"])])
                == ["AB12CD34"])
        #expect(Self.variables(connect + [(.outgoing, .event, "t", [48_213_345]), (.incoming, .event, "r", [48_213_345])]) == [48_213_345])
    }

    @Test("leaves alone what a client said first, words, and short numbers")
    func noServerValues() {
        let connect: [(Recording.Direction, Recording.Kind, String?, [JSONValue])] = [
            (.incoming, .connect, nil, []), (.outgoing, .connect, nil, [["sid": "socket-id-0123456789"]]),
        ]
        func sent(_ first: JSONValue, _ back: JSONValue, _ again: JSONValue) -> [JSONValue] {
            Self.variables(
                connect + [(.incoming, .event, "a", [first]), (.outgoing, .event, "b", [back]), (.incoming, .event, "c", [again])])
        }
        #expect(sent("qwertyuiop", "qwertyuiop", "qwertyuiop").isEmpty)
        #expect(sent(0, "ready", "ready").isEmpty)
        #expect(sent(0, 42, 42).isEmpty)
        #expect(sent(0, "two words", "two words").isEmpty)
        #expect(sent("say qwertyuiop now", "qwertyuiop", "qwertyuiop").isEmpty)
    }

    @Test("knows socket ids wherever they stand, and rewrites them in both directions")
    func socketIDs() {
        var table = VariableTable()
        table.add(kind: .socketID, string: "old-socket-id-012345", packetID: 1, path: "$[0].sid")
        table.add(kind: .serverValue, string: "12345678", packetID: 2, path: "$[0]")
        var bindings = Bindings(table: table)
        bindings.bind(0, to: "new-socket-id-6789")
        bindings.bind(1, to: "8765")
        var unbound: Set<Int> = []
        #expect(bindings.rewriting("user-old-socket-id-012345!", unbound: &unbound) == "user-new-socket-id-6789!")
        #expect(bindings.rewriting("12345678 and 912345678", unbound: &unbound) == "8765 and 912345678")
        #expect(
            bindings.rewriting(["old-socket-id-012345": ["x": "12345678"]], unbound: &unbound)
                == ["new-socket-id-6789": ["x": "8765"]])
        #expect(unbound.isEmpty)
        #expect(bindings.matching("hi old-socket-id-012345", with: "hi new-socket-id-6789")?.isEmpty == true)
        #expect(bindings.matching("hi old-socket-id-012345", with: "hi old-socket-id-012345") == nil)
    }

    @Test("binds a value by its position, also inside a text, and keeps it one to one")
    func binding() {
        var table = VariableTable()
        table.add(kind: .serverValue, string: "AB12CD34", packetID: 1, path: "$[0]")
        table.add(kind: .serverValue, string: "EF56GH78", packetID: 2, path: "$[0]")
        var bindings = Bindings(table: table)
        let found = bindings.matching("room AB12CD34, seat EF56GH78.", with: "room ZZ, seat YY1.")
        #expect(found?.map(\.value) == ["ZZ", "YY1"])
        #expect(bindings.matching("room AB12CD34.", with: "room .") == nil)
        bindings.bind(0, to: "ZZ")
        bindings.bind(1, to: "ZZ")
        #expect(bindings.crossTalk.count == 1)
    }

    @Test("passes on the client's own query, and nothing of the protocol's")
    func query() {
        let plan = PlanBuilder.plan(for: Self.recording([(.incoming, .connect, nil, [])]), options: ReplayOptions())
        #expect(plan.lanes.first?.query == [.init(name: "token", value: "a b")])
        #expect(plan.lanes.first?.path == "/socket.io/")
    }

    @Test("says what limits it: gaps, a run without an end, packets that belong to nothing")
    func limits() {
        var recording = Self.recording([(.incoming, .event, "x", [])])
        recording.runs = [.init(id: 3, kind: "serve", software: nil, startedAt: 0, endedAt: nil)]
        recording.gaps = [.init(packets: 7, reason: "disk full")]
        let limits = PlanBuilder.plan(for: recording, options: ReplayOptions()).limits
        #expect(limits.count == 3)
        #expect(limits.contains { $0.contains("7 packets were not recorded (disk full)") })
    }

    @Test("places the end of a connection before what others received because of it")
    func ends() {
        let plan = PlanBuilder.plan(for: ReplayMachineTests.conversation(), options: ReplayOptions())
        let text = plan.text()
        let lines = text.split(separator: "\n")
        let close = lines.firstIndex { $0.hasSuffix("lane 2 close") }
        let left = lines.firstIndex { $0.contains("'left'") }
        #expect(close != nil && left != nil)
        #expect(close ?? 0 < left ?? 0)
    }

    @Test("of a tape without receipts is an error, not a pass")
    func nothingToCompare() async {
        let error = ReplayError.nothingToCompare(tape: "x.tape")
        #expect(error.description.contains("holds no expectation for this selection"))
        await #expect(throws: ReplayError.self) { _ = try await Replay("/no/such.tape").run(against: "http://localhost:1") }
    }
}
