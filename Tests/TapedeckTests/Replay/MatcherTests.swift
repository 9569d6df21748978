import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("Matching what comes with what is expected")
struct MatcherTests {
    /// One session; `out` texts are events `e` with that argument, `in` texts are emits.
    static func matcher(_ steps: [(Recording.Direction, String)]) -> Matcher {
        var packets: [Recording.Packet] = [
            .init(id: 1, connectionID: 1, at: 1, direction: .incoming, kind: .connect),
            .init(id: 2, connectionID: 1, at: 2, direction: .outgoing, kind: .connect, arguments: [["sid": "sid-012345678901234"]]),
        ]
        for (index, step) in steps.enumerated() {
            packets.append(
                .init(
                    id: Int64(index + 3), connectionID: 1, at: Int64(index + 3), direction: step.0, kind: .event, event: "e",
                    arguments: [.string(step.1)]))
        }
        let recording = Recording(connections: [.init(id: 1, sid: "x", transport: "websocket", openedAt: 0)], packets: LongList(packets))
        var matcher = Matcher(plan: PlanBuilder.plan(for: recording, options: ReplayOptions()), rules: RuleSet())
        matcher.release(2)
        matcher.receive(lane: 0, session: 0, kind: .connected, arguments: [["sid": "new-sid"]])
        return matcher
    }

    static func receive(_ matcher: inout Matcher, _ texts: String...) {
        for text in texts { matcher.receive(lane: 0, session: 0, kind: .event(name: "e", ackID: nil), arguments: [.string(text)]) }
    }

    @Test("takes what comes before its time when its time has come, also if it looks like a repetition")
    func early() {
        var matcher = Self.matcher([(.outgoing, "tick"), (.incoming, "a"), (.outgoing, "tick"), (.incoming, "b"), (.outgoing, "tock")])
        Self.receive(&matcher, "tick", "tick", "tock")
        #expect(matcher.firstOpen(before: 4) == 2)
        matcher.release(3)
        #expect(matcher.firstOpen(before: 4) == 3)
        matcher.release(4)
        #expect(matcher.firstOpen(before: 4) == nil)
        #expect(matcher.spareReceipts.isEmpty && matcher.late.isEmpty)
    }

    @Test("does not let what comes early stand in for another")
    func earlyIsKept() {
        var matcher = Self.matcher([(.incoming, "a"), (.outgoing, "one"), (.incoming, "b"), (.outgoing, "two")])
        Self.receive(&matcher, "two")
        matcher.release(3)
        #expect(matcher.firstOpen(before: 3) == 1)
        Self.receive(&matcher, "one")
        matcher.release(4)
        #expect(matcher.firstOpen(before: 3) == nil)
        #expect(matcher.spareReceipts.isEmpty)
    }

    @Test("lets a changed packet stand in at once, and gives way when the right one comes")
    func displaced() {
        var matcher = Self.matcher([(.outgoing, "one"), (.outgoing, "two")])
        Self.receive(&matcher, "uno")
        #expect(matcher.isSettled(1))
        Self.receive(&matcher, "one", "two")
        #expect(matcher.firstOpen(before: 3) == nil)
        #expect(matcher.spareReceipts.map(\.arguments) == [["uno"]])
    }

    @Test("keeps a repetition apart, so that it hides nothing")
    func repetition() {
        var matcher = Self.matcher([(.outgoing, "one"), (.outgoing, "two")])
        Self.receive(&matcher, "one", "one")
        #expect(matcher.firstOpen(before: 3) == 2)
        Self.receive(&matcher, "two")
        matcher.finish()
        #expect(matcher.spareReceipts.map(\.arguments) == [["one"]])
    }

    @Test("accepts what comes in another order, and knows the order in which it came")
    func order() {
        var matcher = Self.matcher([(.outgoing, "one"), (.outgoing, "two"), (.outgoing, "three")])
        Self.receive(&matcher, "three", "one", "two")
        #expect(matcher.firstOpen(before: 4) == nil)
        #expect((1...3).map { matcher.states[$0] } == [.matched(receipt: 2), .matched(receipt: 3), .matched(receipt: 1)])
    }
}
