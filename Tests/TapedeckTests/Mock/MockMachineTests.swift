import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("A mocked server")
struct MockMachineTests {
    /// Two people in a chat.
    static func chat() -> Recording {
        var tape = SimulatedRecording()
        let ann = tape.join(auth: ["name": "ann"])
        let bob = tape.join(auth: ["name": "bob"])
        tape.emit(ann, "chat message", "hello")
        tape.emit(bob, "chat message", "hi ann")
        tape.emit(bob, "dm", .string(tape.sid(ann)), "psst")
        let ticket = tape.ask(ann, "ticket").first ?? .null
        tape.ask(ann, "redeem", ticket)
        tape.emit(ann, "chat message", "bye")
        return tape.recording
    }

    @Test("gives each client what its recorded one got, under its own ids")
    func chat() throws {
        var mock = SimulatedMock(Self.chat())
        let ann = try mock.enter(auth: ["name": "ann"])
        let bob = try mock.enter(auth: ["name": "bob"])
        #expect(mock.events(ann) == [.event("auth", [["name": "ann"]])])
        #expect(mock.events(bob) == [.event("auth", [["name": "bob"]])])
        mock.emit(ann, "chat message", "hello")
        for person in [ann, bob] {
            let heard = mock.events(person)
            guard case .event("chat message", let arguments)? = heard.first, heard.count == 1 else {
                Issue.record("\(heard)")
                continue
            }
            #expect(arguments[0]["from"] == .string(SimulatedMock.id(ann)), "\(arguments)")
            #expect(arguments[0]["text"] == "hello")
        }
        #expect(mock.ask(ann, "whoami")?.first?["id"] == .string(SimulatedMock.id(ann)))
        mock.emit(bob, "chat message", "hi ann")
        _ = mock.events(ann)
        mock.emit(bob, "dm", .string(SimulatedMock.id(ann)), "psst")
        #expect(mock.events(ann) == [.event("dm", [.string(SimulatedMock.id(bob)), "psst"])])
        let ticket = mock.ask(ann, "ticket")?.first ?? .null
        #expect(mock.ask(ann, "redeem", ticket) == [true])
        #expect(mock.machine.report.isComplete, "\(mock.machine.report.text)")
    }

    @Test("tells people without names apart by what they do, whoever came first")
    func recasts() throws {
        var tape = SimulatedRecording()
        let (first, second) = (tape.join(), tape.join())
        tape.emit(first, "chat message", "I am ann")
        tape.emit(second, "chat message", "I am bob")
        tape.ask(first, "echo", "ann's")
        tape.ask(second, "echo", "bob's")
        var mock = SimulatedMock(tape.recording)
        let (bob, ann) = (try mock.enter(), try mock.enter())
        #expect(mock.machine.players[bob]?.session == 0)
        mock.emit(bob, "chat message", "I am bob")
        #expect(mock.machine.players[bob]?.session == 1)
        #expect(mock.machine.players[ann]?.session == 0)
        for person in [ann, bob] {
            guard case .event(_, let arguments)? = mock.events(person).last else { continue }
            #expect(arguments[0]["from"] == .string(SimulatedMock.id(bob)), "\(arguments)")
        }
        #expect(mock.ask(bob, "echo", "bob's") == ["bob's"])
        #expect(mock.ask(ann, "echo", "ann's") == ["ann's"])
        #expect(mock.machine.players[ann]?.session == 0)
        #expect(mock.machine.report.isComplete)
    }

    @Test("answers again what is asked again, and lets one client do what another's part was")
    func repeats() throws {
        var tape = SimulatedRecording()
        let (ann, bob) = (tape.join(auth: ["name": "ann"]), tape.join(auth: ["name": "bob"]))
        tape.ask(ann, "echo", "hers", 1)
        tape.ask(bob, "echo", "his")
        var mock = SimulatedMock(tape.recording)
        let live = try mock.enter(auth: ["name": "ann"])
        for _ in 0..<3 { #expect(mock.ask(live, "echo", "hers", 1.0) == ["hers", 1]) }
        #expect(mock.ask(live, "echo", "his") == ["his"])
        // its auth says who it is, so it stays that
        #expect(mock.machine.players[live]?.session == 0)
        #expect(mock.machine.report.isComplete)
    }

    @Test("takes the same emit with other answers in the recorded order")
    func inOrder() throws {
        var tape = SimulatedRecording()
        let ann = tape.join()
        let tickets = (0..<5).map { _ in tape.ask(ann, "ticket").first }
        var mock = SimulatedMock(tape.recording)
        let live = try mock.enter()
        #expect((0..<5).map { _ in mock.ask(live, "ticket")?.first } == tickets)
        // and once more from the start, rather than not at all
        #expect(mock.ask(live, "ticket")?.first == tickets[0])
    }

    @Test("reports what the tape does not know, with the nearest recorded act, and invents no answer")
    func unknown() throws {
        var mock = SimulatedMock(Self.chat())
        let ann = try mock.enter(auth: ["name": "ann"])
        _ = mock.events(ann)
        mock.emit(ann, "chat message", "hallo")
        #expect(mock.ask(ann, "echoo", 1) == nil)
        #expect(mock.ask(ann, "chat mesage", 1) == nil)
        #expect(mock.events(ann) == [])
        #expect(mock.dropped.count == 2)
        #expect(mock.machine.report.unknownCount == 3)
        let act = try #require(mock.unknown.first)
        #expect(act.what == "emit 'chat message'" && act.session == "ann (session 1)")
        #expect(act.nearest?.packetID != nil && act.nearest?.session == "ann (session 1)")
        #expect(act.nearest?.differences.map(\.expected) == ["\"hello\""])
        #expect(act.nearest?.differences.map(\.got) == ["\"hallo\""])
        #expect(mock.unknown[2].note?.contains("there is 'chat message'") == true, "\(mock.unknown[2])")
        #expect(
            mock.machine.report.text.contains("nearest: emit 'chat message' of ann (session 1), packet "), "\(mock.machine.report.text)")
        #expect(!mock.isStopped)
    }

    @Test("takes differences that a rule allows")
    func rules() throws {
        var options = MockOptions()
        options.rules = [try ReplayRule(ignoring: "chat message:$[0]"), try ReplayRule(ignoring: "connect:$.name")]
        var mock = SimulatedMock(Self.chat(), options)
        let ann = try mock.enter(auth: ["name": "somebody"])
        _ = mock.events(ann)
        mock.emit(ann, "chat message", "anything")
        guard case .event("chat message", let arguments)? = mock.events(ann).first else { return #expect(Bool(false)) }
        #expect(arguments[0]["text"] == "hello")
        #expect(mock.machine.report.isComplete)
    }

    @Test("refuses a client whose auth is not on the tape, as well as one who was refused, and ends when it is strict")
    func connects() throws {
        var tape = SimulatedRecording()
        let ann = tape.join()
        tape.connect(ann, "/private", auth: ["token": "wrong"])
        tape.connect(ann, "/private", auth: ["token": "letmein"])
        var options = MockOptions()
        options.isStrict = true
        var mock = SimulatedMock(tape.recording, options)
        let live = try mock.enter()
        #expect(mock.join("/private", auth: ["token": "wrong"], with: live) == nil)
        #expect(mock.machine.report.isComplete)
        #expect(mock.join("/private", auth: ["token": "letmein"], with: live) != nil)
        #expect(mock.machine.report.isComplete && !mock.isStopped)
        #expect(mock.join("/private", auth: ["token": "guess"]) == nil)
        #expect(mock.machine.report.unknownCount == 1 && mock.isStopped)
        #expect(mock.unknown[0].nearest?.differences.first?.path == "$[0].token", "\(mock.unknown[0])")
    }

    @Test("asks what the recorded server asked, and goes on as the answer says")
    func requests() throws {
        var tape = SimulatedRecording()
        let ann = tape.join()
        let question = tape.send(LanePacket(kind: .event(name: "ask", ackID: nil), namespace: "/", arguments: ["how?"]), from: ann)
        guard case .event(_, let ackID?)? = question.first?.packet.kind else { return #expect(Bool(false)) }
        tape.send(LanePacket(kind: .ack(ackID), namespace: "/", arguments: ["so", 7]), from: ann)
        tape.emit(ann, "ask", "never answered")
        var mock = SimulatedMock(tape.recording)
        let live = try mock.enter()
        _ = mock.events(live)
        mock.emit(live, "ask", "how?")
        #expect(mock.events(live) == [.event("question", ["how?"])])
        mock.answer(live, "so", 7)
        #expect(mock.events(live) == [.event("answer", ["so", 7])])
        mock.emit(live, "ask", "how?")
        mock.answer(live, "otherwise")
        #expect(mock.events(live) == [.event("question", ["how?"])])
        #expect(mock.unknown.map(\.what) == ["the answer to 'question'"])
        mock.emit(live, "ask", "never answered")
        mock.answer(live, "but now it is")
        #expect(mock.unknown.last?.note == "the recorded client did not answer")
    }

    @Test("says that an ack was asked for where the tape has none, and sends the rest")
    func noAck() throws {
        var mock = SimulatedMock(Self.chat())
        let ann = try mock.enter(auth: ["name": "ann"])
        _ = mock.events(ann)
        #expect(mock.ask(ann, "chat message", "hello") == nil)
        #expect(mock.events(ann).count == 1)
        #expect(mock.unknown.map(\.what) == ["the ack of emit 'chat message'"])
        #expect(mock.dropped.count == 1)
    }

    @Test("kicks whom the recorded server kicked, and begins anew for who comes back")
    func ends() throws {
        var tape = SimulatedRecording()
        let ann = tape.join()
        tape.ask(ann, "echo", 1)
        tape.emit(ann, "kick")
        var mock = SimulatedMock(tape.recording)
        for _ in 0..<3 {
            let live = try mock.enter()
            #expect(mock.ask(live, "echo", 1) == [1])
            _ = mock.events(live)
            mock.emit(live, "kick")
            #expect(mock.events(live) == [.disconnected])
            #expect(mock.machine.players.isEmpty)
        }
        #expect(mock.machine.report.isComplete)
    }

    @Test("goes on with the next recorded session when a client comes back that came back then, and then begins anew")
    func successors() throws {
        var tape = SimulatedRecording()
        let first = tape.join(auth: ["name": "ann"])
        tape.ask(first, "ticket")
        tape.close(first)
        let second = tape.join(auth: ["name": "ann"])
        tape.ask(second, "ticket")
        tape.close(second)
        var mock = SimulatedMock(tape.recording)
        var tickets: [[JSONValue]?] = []
        for round in 0..<4 {
            let live = try mock.enter(auth: ["name": "ann"])
            #expect(mock.machine.players[live]?.session == round % 2)
            tickets.append(mock.ask(live, "ticket"))
            mock.leave(live)
        }
        #expect(tickets[0] != tickets[1] && tickets[0] == tickets[2] && tickets[1] == tickets[3])
    }

    @Test("gives a client whose part is taken a stage of its own: they do not hear each other")
    func stages() throws {
        var mock = SimulatedMock(Self.chat())
        let first = try mock.enter(auth: ["name": "ann"])
        let second = try mock.enter(auth: ["name": "ann"])
        let bob = try mock.enter(auth: ["name": "bob"])
        for person in [first, second, bob] { _ = mock.events(person) }
        mock.emit(first, "chat message", "hello")
        #expect(mock.events(first).count == 1 && mock.events(bob).count == 1)
        #expect(mock.events(second) == [])
        mock.emit(second, "chat message", "hello")
        guard case .event(_, let arguments)? = mock.events(second).first else { return #expect(Bool(false)) }
        #expect(arguments[0]["from"] == .string(SimulatedMock.id(second)))
        #expect(mock.events(first) == [])
        for person in [first, second, bob] { mock.leave(person) }
        #expect(mock.machine.stages.count == 1 && mock.machine.players.isEmpty)
    }

    @Test("keeps nothing of clients that repeat themselves or come and go")
    func memory() throws {
        var options = MockOptions()
        options.pace = .recorded
        var mock = SimulatedMock(MockPaceTests.timed(), options)
        for _ in 0..<50 {
            let live = try mock.enter(auth: ["name": "ann"])
            for _ in 0..<50 { mock.emit(live, "last", true) }
            for _ in 0..<10 { mock.emit(live, "what?", 1) }
            #expect(mock.machine.pending.count <= 10)
            mock.leave(live)
        }
        #expect(mock.machine.pending.isEmpty && mock.machine.pendingKeys.isEmpty && mock.machine.players.isEmpty)
        #expect(mock.machine.report.unknownCount == 500 && mock.machine.report.unknown.count == MockReport.shown)
    }

    @Test("takes any value for a secret that was kept off the tape")
    func secrets() throws {
        let token = "redacted-0123456789abcdef"
        var tape = SimulatedRecording()
        let ann = tape.join(auth: ["token": .string(token), "name": "ann"])
        tape.ask(ann, "echo", ["password": .string(token)], "public")
        var recording = tape.recording
        recording.secrets = [token]
        var mock = SimulatedMock(recording)
        for password in ["letmein", "another"] {
            let live = try mock.enter(auth: ["token": .string(password), "name": "ann"])
            // what the server sent then was not recorded either
            #expect(mock.ask(live, "echo", ["password": .string(password)], "public") == [["password": .string(token)], "public"])
            mock.leave(live)
        }
        #expect(mock.join(auth: ["token": "letmein", "name": "bob"]) == nil)
        let live = try mock.enter(auth: ["token": 7, "name": "ann"])
        #expect(mock.ask(live, "echo", ["password": "x"], "private") == nil)
        #expect(mock.machine.report.unknownCount == 2)
    }
}
