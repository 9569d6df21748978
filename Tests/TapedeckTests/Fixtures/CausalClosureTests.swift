import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("What chosen sessions need")
struct CausalClosureTests {
    private static func needed(_ sessions: Int64..., by recording: Recording) -> [Int64] {
        CausalClosure.sessions(sessions, in: PlanBuilder.plan(for: recording, options: ReplayOptions()))
    }

    @Test("is nobody else's if they talk to the server alone")
    func alone() {
        var tape = SimulatedRecording()
        for name in ["ann", "bob", "eve"] {
            let person = tape.join(auth: ["name": .string(name)])
            tape.ask(person, "echo", .string("\(name)'s words"))
        }
        #expect(Self.needed(2, by: tape.recording) == [2])
    }

    @Test("is who speaks to them or is spoken to by them, and who speaks to those")
    func chain() {
        var tape = SimulatedRecording()
        let (ann, bob, eve, tom) = (tape.join(), tape.join(), tape.join(), tape.join())
        tape.ask(tom, "echo", "to nobody")
        tape.emit(eve, "dm", .string(tape.sid(bob)), "a word for bob")
        tape.emit(bob, "dm", .string(tape.sid(ann)), "a word for ann")
        #expect(Self.needed(1, by: tape.recording) == [1, 2, 3])
        #expect(Self.needed(2, by: tape.recording) == [1, 2, 3])
        #expect(Self.needed(4, by: tape.recording) == [4])
    }

    @Test("is who first got a value that they send")
    func values() {
        var tape = SimulatedRecording()
        let (ann, bob) = (tape.join(), tape.join())
        let ticket = tape.ask(ann, "ticket").first ?? .null
        tape.ask(bob, "redeem", ticket)
        #expect(Self.needed(2, by: tape.recording) == [1, 2])
        #expect(Self.needed(1, by: tape.recording) == [1])
    }
}
