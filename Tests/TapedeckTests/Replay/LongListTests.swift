import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("A long list")
struct LongListTests {
    private static func packet(_ number: Int, store: PayloadStore) -> Recording.Packet {
        let arguments = RecordedArguments([.integer(Int64(number)), "text \(number)"])
        return Recording.Packet(
            id: Int64(number), connectionID: Int64(number % 7), sessionID: number % 5 == 0 ? nil : Int64(number % 11),
            at: Int64(number) * 1000,
            direction: number % 2 == 0 ? .incoming : .outgoing, kind: number % 3 == 0 ? .ack : .event,
            namespace: "/n\(number % 4)", event: number % 3 == 0 ? nil : "event \(number % 13)",
            ackID: number % 3 == 0 ? UInt64(number) : nil,
            // some stay values, some have none
            content: number % 17 == 0 ? arguments : number % 19 == 0 ? RecordedArguments([]) : arguments.stored(in: store),
            broadcastID: number % 6 == 0 ? Int64(number) : nil, hasOffset: number % 8 == 0)
    }

    private static func line(_ packet: Recording.Packet) -> String {
        """
        \(packet.id) \(packet.connectionID) \(packet.sessionID ?? -1) \(packet.at) \(packet.direction) \(packet.kind) \(packet.namespace) \
        \(packet.event ?? "-") \(packet.ackID.map { "\($0)" } ?? "-") \(packet.arguments) \(packet.broadcastID ?? -1) \(packet.hasOffset)
        """
    }

    @Test("gives back what it was given, in any order, whether it fits into memory or not", arguments: [2, 3, 100])
    func gives(residentLimit: Int) {
        let store = PayloadStore(memoryLimit: 50_000)
        var list = LongList<Recording.Packet>(residentLimit: residentLimit)
        for number in 0..<10_000 { list.append(Self.packet(number, store: store)) }
        #expect(list.count == 10_000)
        var generator = SeededGenerator(seed: 3)
        for index in (0..<10_000).shuffled(using: &generator) + Array(0..<10_000) {
            let (got, expected) = (Self.line(list[index]), Self.line(Self.packet(index, store: store)))
            if got != expected { Issue.record("\(index): \(got) is not \(expected)") }
        }
    }

    @Test("takes another element in the place of one, and is longer afterwards what it was before", arguments: [2, 100])
    func replaces(residentLimit: Int) {
        let store = PayloadStore()
        var list = LongList<Recording.Packet>(residentLimit: residentLimit)
        for number in 0..<5000 { list.append(Self.packet(number, store: store)) }
        for index in stride(from: 0, to: 5000, by: 7) { list[index] = Self.packet(index + 1_000_000, store: store) }
        for number in 5000..<6000 { list.append(Self.packet(number, store: store)) }
        for index in list.indices {
            let number = index < 5000 && index % 7 == 0 ? index + 1_000_000 : index
            if list[index].id != Int64(number) { Issue.record("\(index) is \(list[index].id)") }
        }
    }

    @Test("is a value: what is done to a copy does not show in the other")
    func values() {
        let store = PayloadStore()
        var list = LongList((0..<3000).map { Self.packet($0, store: store) })
        let before = list
        list.append(Self.packet(3000, store: store))
        list[0] = Self.packet(77, store: store)
        #expect(before.count == 3000 && before[0].id == 0)
        #expect(list.count == 3001 && list[0].id == 77 && list[3000].id == 3000 && list[2999].id == 2999)
    }

    @Test("of acts and expectations gives back each kind")
    func kinds() {
        let store = PayloadStore()
        let arguments = RecordedArguments([1, ["a": "b"]]).stored(in: store)
        let acts: [ReplayPlan.Action.Kind] = [
            .open, .connect(auth: ["token": "x"]), .emit(event: "e", arguments: arguments, ackID: 0),
            .emit(event: "f", arguments: arguments, ackID: nil), .answer(request: 3, arguments: arguments), .leave, .close,
        ]
        var actions: LongList<ReplayPlan.Action> = []
        for (index, kind) in acts.enumerated() {
            actions.append(
                ReplayPlan.Action(index: index, lane: 2, session: index == 0 ? nil : 4, packetID: 9, at: 17, kind: kind, after: 5))
        }
        #expect(
            actions.map { $0.title } == [
                "open", "connect", "emit 'e' with an ack", "emit 'f'", "answer the ack", "leave the namespace", "close",
            ])
        #expect(actions.map { $0.arguments.count } == [0, 1, 2, 2, 2, 0, 0])
        #expect(actions.allSatisfy { $0.lane == 2 && $0.packetID == 9 && $0.at == 17 && $0.after == 5 })
        #expect(actions.map { $0.session } == [nil, 4, 4, 4, 4, 4, 4])

        let expected: [ReplayPlan.Expectation.Kind] = [
            .connected(["sid": "s"]), .event(name: "e", arguments: arguments, ackID: 7), .ack(action: 2, event: "e", arguments: arguments),
            .refused(nil), .disconnected, .closed(reason: "gone"),
        ]
        var expectations: LongList<ReplayPlan.Expectation> = []
        for (index, kind) in expected.enumerated() {
            expectations.append(
                ReplayPlan.Expectation(
                    index: index, lane: 1, session: nil, packetID: nil, at: 3, kind: kind, after: index, answers: index == 2 ? 2 : nil,
                    broadcastID: index == 1 ? 8 : nil, holdsVariables: index == 1, isOptional: index == 2, hasOffset: index == 1))
        }
        #expect(
            expectations.map { $0.title }.suffix(5) == [
                "'e' with an ack", "the ack of 'e'", "the connect's refusal", "the server's disconnect",
                "the end of the connection by the server",
            ])
        #expect(expectations.map { $0.answers } == [nil, nil, 2, nil, nil, nil])
        #expect(expectations.map { $0.broadcastID } == [nil, 8, nil, nil, nil, nil])
        #expect(expectations.map { $0.holdsVariables } == expectations.map { $0.hasOffset } && expectations[1].holdsVariables)
        #expect(expectations.map { $0.isOptional } == [false, false, true, false, false, false])
        #expect(expectations.map { $0.arguments.count } == [1, 2, 2, 0, 0, 0])
    }

    @Test("of acks knows the act of each, whatever the ids are")
    func acks() {
        var acks = SentAcks()
        let ids: [UInt64] = [0, 1, 2, 5, 1000, UInt64.max, 3, 70, 6]
        for (act, id) in ids.enumerated() {
            acks[1, id] = act
            acks[2, id] = act + 100
        }
        for (act, id) in ids.enumerated() { #expect(acks[1, id] == act && acks[2, id] == act + 100 && acks[3, id] == nil) }
        #expect(acks[1, 4] == nil && acks[1, 999] == nil)
        acks[1, 5] = 50
        #expect(acks[1, 5] == 50)
    }
}
