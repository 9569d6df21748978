import SocketIOWire
import Testing

@testable import Tapedeck

/// When a mock sends what it sends.
@Suite("The pace of a mocked server")
struct MockPaceTests {
    @Test("sends what absent clients brought when it came, unless they are there")
    func absent() throws {
        let recording = Self.timed()
        var mock = SimulatedMock(recording)
        let alone = try mock.enter(auth: ["name": "ann"])
        #expect(mock.events(alone) == [.event("welcome", [])])
        mock.wait(1999)
        #expect(mock.events(alone) == [])
        mock.wait(1)
        #expect(mock.events(alone) == [.event("said", ["bob's words"])])
        mock.wait(3000)
        #expect(mock.events(alone) == [.event("tick", [1])])

        var silent = MockOptions()
        silent.absent = .silent
        mock = SimulatedMock(recording, silent)
        let other = try mock.enter(auth: ["name": "ann"])
        mock.wait(10_000)
        #expect(mock.events(other) == [.event("welcome", []), .event("tick", [1])])

        mock = SimulatedMock(recording)
        let ann = try mock.enter(auth: ["name": "ann"])
        let bob = try mock.enter(auth: ["name": "bob"])
        mock.wait(4000)
        #expect(mock.events(ann) == [.event("welcome", [])])
        mock.emit(bob, "say", "bob's words")
        #expect(mock.events(ann) == [.event("said", ["bob's words"])])
        mock.leave(bob)
        mock.wait(1000)
        #expect(mock.events(ann) == [.event("tick", [1])])

        // what somebody has brought does not come again when he has gone
        mock = SimulatedMock(recording)
        let listener = try mock.enter(auth: ["name": "ann"])
        let visitor = try mock.enter(auth: ["name": "bob"])
        mock.emit(visitor, "say", "bob's words")
        mock.leave(visitor)
        mock.wait(2500)
        #expect(mock.events(listener) == [.event("welcome", []), .event("said", ["bob's words"])])
    }

    @Test(
        "keeps the recorded clock, runs it faster, or has none", arguments: [(MockOptions.Pace.recorded, 1.0), (.recorded, 4), (.flood, 1)])
    func paces(pace: MockOptions.Pace, speed: Double) throws {
        var options = MockOptions()
        (options.pace, options.speed) = (pace, speed)
        var mock = SimulatedMock(Self.timed(), options)
        let ann = try mock.enter(auth: ["name": "ann"])
        let all: [SimulatedMock.Heard] = [.event("welcome", []), .event("said", ["bob's words"]), .event("tick", [1])]
        if pace == .flood {
            #expect(mock.events(ann) == all)
            return
        }
        // the greeting took 200 ms
        mock.wait(Int64(199 / speed))
        #expect(mock.events(ann) == [])
        mock.wait(Int64(1 / speed) + 1)
        #expect(mock.events(ann) == [all[0]])
        mock.wait(Int64(5000 / speed))
        #expect(mock.events(ann) == Array(all[1...]))
    }

    @Test("sends late what was late, once, though it had been kept ready for an absent client")
    func lateAnswers() throws {
        var options = MockOptions()
        options.pace = .recorded
        var mock = SimulatedMock(Self.timed(saidAfter: 100), options)
        let (ann, bob) = (try mock.enter(auth: ["name": "ann"]), try mock.enter(auth: ["name": "bob"]))
        mock.wait(1000)
        mock.emit(bob, "say", "bob's words")
        mock.wait(99)
        #expect(mock.events(ann) == [.event("welcome", [])])
        mock.wait(1)
        #expect(mock.events(ann) == [.event("said", ["bob's words"])])
        mock.wait(20_000)
        #expect(mock.events(ann) == [.event("tick", [1])])
    }

    @Test("sends what is due before the answer when a client is quicker than the recorded one")
    func flushes() throws {
        var mock = SimulatedMock(Self.timed())
        let ann = try mock.enter(auth: ["name": "ann"])
        mock.emit(ann, "last", true)
        #expect(mock.events(ann) == [.event("welcome", []), .event("said", ["bob's words"]), .event("tick", [1]), .event("lasted", [])])
        mock.wait(20_000)
        #expect(mock.events(ann) == [])
    }

    @Test("answers as late as it was answered, if the recorded clock is kept")
    func slowAcks() throws {
        let start: Int64 = 1_700_000_000_000_000
        func packet(
            _ id: Int64, _ at: Int64, _ direction: Recording.Direction, _ kind: Recording.Kind, _ event: String?, _ ackID: UInt64?,
            _ arguments: [JSONValue]
        ) -> Recording.Packet {
            .init(
                id: id, connectionID: 1, sessionID: 1, at: start + at, direction: direction, kind: kind, event: event, ackID: ackID,
                arguments: arguments)
        }
        let recording = Recording(
            connections: [.init(id: 1, sid: "engine-id-0123456789", transport: "websocket", openedAt: start)],
            sessions: [.init(id: 1, connectionID: 1, sid: "socket-id-0123456789", namespace: "/")],
            packets: [
                packet(1, 0, .incoming, .connect, nil, nil, []),
                packet(2, 0, .outgoing, .connect, nil, nil, [["sid": "socket-id-0123456789"]]),
                packet(3, 0, .incoming, .event, "job", 1, []), packet(4, 300_000, .outgoing, .ack, nil, 1, ["done"]),
            ])
        var options = MockOptions()
        options.pace = .recorded
        var mock = SimulatedMock(recording, options)
        let live = try mock.enter()
        #expect(mock.ask(live, "job") == nil)
        // twice at once: each gets its own answer
        #expect(mock.ask(live, "job") == nil)
        mock.wait(299)
        #expect(mock.heard[live] == nil)
        mock.wait(1)
        #expect(mock.heard[live] == [.ack(1, ["done"]), .ack(2, ["done"])])
        #expect(mock.dropped.isEmpty && mock.machine.report.isComplete)
        // a client that has gone is not answered any more
        #expect(mock.ask(live, "job") == nil)
        mock.leave(live)
        mock.wait(1000)
        #expect(mock.heard[live]?.count == 2 && mock.machine.pending.isEmpty)
    }

    /// Ann comes, is welcomed after 200 ms, hears Bob after 2 s and a tick of the clock after 5 s, and says something last.
    static func timed(saidAfter delay: Int64 = 0) -> Recording {
        typealias Packet = Recording.Packet
        func packet(
            _ id: Int64, _ connection: Int64, _ milliseconds: Int64, _ direction: Recording.Direction, _ kind: Recording.Kind,
            _ event: String? = nil, _ arguments: [JSONValue] = []
        ) -> Packet {
            Packet(
                id: id, connectionID: connection, sessionID: connection, at: 1_700_000_000_000_000 + milliseconds * 1000,
                direction: direction,
                kind: kind, event: event, arguments: arguments)
        }
        let start: Int64 = 1_700_000_000_000_000
        return Recording(
            connections: [
                .init(id: 1, sid: "engine-ann-012345", transport: "websocket", openedAt: start),
                .init(id: 2, sid: "engine-bob-012345", transport: "websocket", openedAt: start),
            ],
            sessions: [
                .init(id: 1, connectionID: 1, sid: "socket-ann-0123456", namespace: "/"),
                .init(id: 2, connectionID: 2, sid: "socket-bob-0123456", namespace: "/"),
            ],
            packets: [
                packet(1, 2, -9000, .incoming, .connect, nil, [["name": "bob"]]),
                packet(2, 2, -9000, .outgoing, .connect, nil, [["sid": "socket-bob-0123456"]]),
                packet(3, 1, 0, .incoming, .connect, nil, [["name": "ann"]]),
                packet(4, 1, 0, .outgoing, .connect, nil, [["sid": "socket-ann-0123456"]]),
                packet(5, 1, 200, .outgoing, .event, "welcome"),
                packet(6, 2, 2000, .incoming, .event, "say", ["bob's words"]),
                packet(7, 1, 2000 + delay, .outgoing, .event, "said", ["bob's words"]),
                packet(8, 1, 5000, .outgoing, .event, "tick", [1]),
                packet(9, 1, 15_000, .incoming, .event, "last", [true]),
                packet(10, 1, 15_000, .outgoing, .event, "lasted"),
            ])
    }
}
