import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("A replay of recorded clients")
struct ReplayMachineTests {
    /// Everything that a playground offers, by three clients.
    static func conversation() -> Recording {
        var tape = SimulatedRecording()
        let ann = tape.join(auth: ["name": "ann"])
        let bob = tape.join(auth: ["name": "bob"], transport: "polling")
        let eve = tape.join(auth: ["name": "eve"])
        tape.connect(ann, "/private", auth: ["token": "wrong"])
        tape.connect(bob, "/private", auth: ["token": "letmein"])
        tape.connect(eve, "/custom")
        tape.emit(ann, "message", "one", "two", "three")
        tape.emit(ann, "message", ["a": 1, "b": [nil, 2.5]])
        tape.ask(bob, "echo", "hello", 42)
        tape.ask(bob, "echo", "binary", .binary(ByteBuffer(bytes: [1, 2, 3])))
        tape.ask(ann, "join", "r1")
        tape.ask(bob, "join", "r1")
        tape.emit(eve, "cast", "r1", "not for eve")
        tape.emit(ann, "cast", "r1", "for both")
        tape.emit(ann, "leave", "r1")
        tape.emit(bob, "cast", "r1", "for bob alone")
        tape.emit(ann, "shout", 1)
        tape.emit(bob, "shout", 2)
        for number in 0..<10 { tape.emit(number % 2 == 0 ? ann : bob, "chat message", .string("text \(number)")) }
        let id = tape.sid(ann)
        tape.emit(bob, "dm", .string(id), "psst")
        let ticket = tape.ask(ann, "ticket").first ?? .null
        let other = tape.ask(bob, "ticket").first?.stringValue ?? ""
        tape.ask(bob, "redeem", ticket)
        tape.ask(eve, "redeem", .string("please take \(other)"))
        tape.ask(eve, "redeem", ticket)
        let question = tape.send(LanePacket(kind: .event(name: "ask", ackID: nil), namespace: "/", arguments: ["how?"]), from: eve)
        if case .event(_, let ackID?)? = question.first?.packet.kind {
            tape.send(LanePacket(kind: .ack(ackID), namespace: "/", arguments: ["so", 7]), from: eve)
        }
        tape.emit(bob, "ask", "never answered")
        tape.emit(eve, "message", "in custom", in: "/custom")
        tape.send(LanePacket(kind: .disconnect, namespace: "/custom"), from: eve)
        tape.close(bob)
        tape.emit(ann, "chat message", "cut")
        tape.emit(eve, "chat message", "last")
        tape.emit(ann, "kick")
        return tape.recording
    }

    static let rules = try! [ReplayRule(ignoring: "chat message:$[0].at")]

    @Test("of the same server is green, whatever connection is served first", arguments: 2..<42)
    func isGreen(seed: Int) {
        let (report, elapsed) = SimulatedReplay.run(Self.conversation(), options: ReplayOptions(rules: Self.rules), seed: seed)
        #expect(report.isMatch, "\(report.text())")
        #expect(report.matched == report.expected && report.expected > 70)
        #expect(report.actionsSkipped == 0)
        // nothing but the end of a connection and the settling takes time
        #expect(elapsed <= .milliseconds(300), "\(elapsed) \(report.text())")
    }

    @Test("of a broken server names the fault first, the same every time", arguments: SimulatedServer.Fault.allCases)
    func namesTheFault(fault: SimulatedServer.Fault) {
        var texts: Set<String> = []
        for seed in 2..<12 {
            let (report, _) = SimulatedReplay.run(
                Self.conversation(), options: ReplayOptions(rules: Self.rules), fault: fault, seed: seed)
            guard let first = report.findings.first else {
                Issue.record("\(fault) is not found")
                return
            }
            texts.insert(report.findings.map { "\($0.kind.rawValue): \($0.title)" }.joined(separator: "\n"))
            #expect(first.kind == Self.expected(fault).0, "\(report.text())")
            #expect(first.title.contains(Self.expected(fault).1), "\(report.text())")
        }
        #expect(texts.count == 1, "\(texts.joined(separator: "\n---\n"))")
    }

    @Test("looks at the order that it is told to look at")
    func order() {
        func kinds(_ order: ReplayOptions.Order) -> [ReplayFinding.Kind] {
            var options = ReplayOptions(rules: Self.rules)
            options.order = order
            return SimulatedReplay.run(Self.conversation(), options: options, fault: .swapped).report.findings.map(\.kind)
        }
        #expect(kinds(.any).isEmpty)
        #expect(kinds(.event) == [.order])
        #expect(kinds(.strict).allSatisfy { $0 == .order } && !kinds(.strict).isEmpty)
    }

    @Test("in another legal order, the same for the same seed, finds what depends on chance: who leaves a room before a cast is cast")
    func chaos() {
        var found = 0
        for seed in 0..<20 {
            var options = ReplayOptions(rules: Self.rules)
            options.chaos = UInt64(seed)
            let first = PlanBuilder.plan(for: Self.conversation(), options: options).text()
            #expect(PlanBuilder.plan(for: Self.conversation(), options: options).text() == first)
            let (report, _) = SimulatedReplay.run(Self.conversation(), options: options, seed: seed + 2)
            #expect(report.actionsSent == report.actions && report.actionsSkipped == 0)
            for finding in report.findings {
                found += 1
                #expect(finding.title == "'cast' reached {bob}, now {ann, bob}", "\(report.text())")
            }
        }
        #expect((1..<20).contains(found))
    }

    @Test("that is interrupted judges what came and nothing else")
    func interrupted() {
        let plan = PlanBuilder.plan(for: Self.conversation(), options: ReplayOptions())
        var machine = ReplayMachine(plan: plan, options: ReplayOptions())
        _ = machine.start()
        _ = machine.handle(.opened(lane: 0, engineID: "e-1"))
        machine.interrupt()
        let report = ReplayReport(machine: machine, recording: Self.conversation(), duration: .zero)
        #expect(report.findings.isEmpty && report.isInterrupted && !report.isMatch)
        #expect(report.verdict.hasPrefix("interrupted: after 2 of "), "\(report.verdict)")
    }

    static func expected(_ fault: SimulatedServer.Fault) -> (ReplayFinding.Kind, String) {
        switch fault {
        case .ackChanged, .numberAsText: (.changed, "the ack of 'echo' to bob")
        case .binaryChanged: (.changed, "the ack of 'echo' to bob")
        case .ackLost: (.missing, "the ack of 'echo' does not come to bob")
        case .ackDoubled: (.extra, "an ack of 'echo' comes to bob")
        case .recipientLeftOut: (.recipients, "reached {ann, bob}, now {ann}")
        case .fieldRenamed, .fieldAdded: (.changed, "'chat message' to")
        case .eventDoubled: (.extra, "'chat message' comes twice to")
        case .eventLost: (.missing, "'message-back' does not come to ann")
        case .eventRenamed: (.renamed, "'message-back' to ann (session 1) is now called 'message_back'")
        case .refusalChanged: (.connection, "the connect's refusal to session 4 has changed")
        case .refusalGone: (.connection, "the connect's refusal to session 4 has changed")
        case .acceptanceGone: (.connection, "the connect's acceptance")
        case .kickLost: (.connection, "the server's disconnect does not come to ann")
        case .answerChanged: (.changed, "'answer' to eve")
        case .swapped: (.order, "'message-back' to ann")
        case .questionWithoutAck: (.changed, "'question' with an ack to eve")
        case .sameTicket: (.crossTalk, "differed in the recording")
        case .leaveWithoutEffect: (.recipients, "'cast' reached {bob}, now {ann, bob}")
        case .connectionCut: (.connection, "the server ends connection 1")
        case .strangerTold: (.recipients, "'cast' reached {ann, bob}, now {ann, bob, eve}")
        }
    }
}
