import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

@Suite("The rules of a session")
struct SessionStateTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let timing = SessionState.Timing(
        heartbeat: .init(interval: .seconds(25), timeout: .seconds(20)), upgradeTimeout: .seconds(10), pollingCloseTimeout: .seconds(30))

    private func session(_ revision: EngineRevision = .four, on transport: TransportKind = .polling) -> SessionState {
        SessionState(revision, on: transport, timing, now: start)
    }

    @Test("a poll hangs while there is nothing to say, and is answered at once otherwise")
    func poll() {
        var session = session()
        #expect(session.pollArrived(hasWaiting: true) == .answer)
        #expect(session.pollArrived(hasWaiting: false) == .hang)
        session.pollAnswered()
        #expect(session.pollArrived(hasWaiting: false) == .hang)
    }

    @Test("a second poll beside one that hangs is an overlap, and so is a second POST")
    func overlap() {
        var session = session()
        _ = session.pollArrived(hasWaiting: false)
        #expect(session.pollArrived(hasWaiting: true) == .overlap)
        #expect(session.postArrived() == .take)
        #expect(session.postArrived() == .overlap)
        session.postEnded()
        #expect(session.postArrived() == .take)
    }

    @Test("polls and POSTs of a session on WebSocket are on the wrong transport")
    func mismatch() {
        var session = session(on: .webSocket)
        #expect(session.pollArrived(hasWaiting: false) == .refuse(.otherTransport))
        #expect(session.postArrived() == .refuse(.otherTransport))
    }

    @Test("a poll that is cut ends the session, unless a WebSocket has taken over")
    func abortedPoll() {
        var session = session()
        _ = session.pollArrived(hasWaiting: false)
        let endsWhilePolling = session.pollAborted()
        #expect(endsWhilePolling)
        _ = session.webSocketArrived(timing, start)
        _ = session.pollArrived(hasWaiting: false)
        #expect(session.upgradeReceived(EnginePacket(.upgrade)) == .complete)
        #expect(session.transport == .webSocket)
        let ends = session.pollAborted()
        #expect(!ends)
    }

    @Test("one WebSocket may try to take over at a time, none once one has")
    func candidates() {
        var session = session()
        var taken: [Bool] = []
        taken.append(session.webSocketArrived(timing, start))
        taken.append(session.webSocketArrived(timing, start))
        session.upgradeAbandoned()
        taken.append(session.webSocketArrived(timing, start))
        _ = session.upgradeReceived(EnginePacket(.upgrade))
        taken.append(session.webSocketArrived(timing, start))
        #expect(taken == [true, false, true, false])
    }

    @Test("an upgrade that is not finished in time is abandoned, and the session goes on")
    func upgradeTimeout() {
        var session = session()
        _ = session.webSocketArrived(timing, start)
        #expect(session.tick(timing, start + .seconds(9)) == .none)
        #expect(session.tick(timing, start + .seconds(10)) == .abandonUpgrade)
        #expect(session.isOpen)
        #expect(session.tick(timing, start + .seconds(11)) == .none)
    }

    @Test("a ping that is outstanding at the upgrade is still waited for on the WebSocket (trap 10)")
    func heartbeatSurvivesUpgrade() {
        var session = session()
        #expect(session.tick(timing, start + .seconds(25)) == .ping)
        _ = session.webSocketArrived(timing, start + .seconds(26))
        #expect(session.upgradeReceived(EnginePacket(.upgrade)) == .complete)
        #expect(session.tick(timing, start + .seconds(44)) == .none)
        #expect(session.tick(timing, start + .seconds(45)) == .timeOut("no pong in time over websocket"))
    }

    @Test("a timeout over polling says whether a poll was hanging (trap 11)", arguments: [true, false])
    func timeOutDetail(isHanging: Bool) {
        var session = session()
        if isHanging { _ = session.pollArrived(hasWaiting: false) }
        _ = session.tick(timing, start + .seconds(25))
        #expect(
            session.tick(timing, start + .seconds(45))
                == .timeOut("no pong in time over polling, \(isHanging ? "a" : "no") poll was hanging"))
    }

    @Test("in revision 4 a client's ping is an error, in revision 3 its pong (trap 12)")
    func heartbeatDirection() {
        var four = session()
        #expect(four.received(.pong, timing, start) == .noteLatency(nil))
        guard case .fail = four.received(.ping, timing, start) else {
            Issue.record("the ping was taken")
            return
        }
        var three = session(.three)
        #expect(three.received(.ping, timing, start) == .answerPing)
        guard case .fail = three.received(.pong, timing, start) else {
            Issue.record("the pong was taken")
            return
        }
    }

    @Test("messages are no sign of life: only pongs are (trap 12)")
    func onlyPongsCount() {
        var session = session(on: .webSocket)
        _ = session.tick(timing, start + .seconds(25))
        _ = session.received(.message, timing, start + .seconds(44))
        #expect(session.tick(timing, start + .seconds(45)) == .timeOut("no pong in time over websocket"))
    }

    @Test("the client's close packet ends a polling session, and means nothing on WebSocket (trap 24)")
    func closePacket() {
        var polling = session()
        #expect(polling.received(.close, timing, start) == .close)
        var webSocket = session(on: .webSocket)
        #expect(webSocket.received(.close, timing, start) == .ignore)
    }

    @Test("closed by the server with no poll hanging, it waits for the next one, which hears what was left, then the end (trap 22)")
    func closing() {
        var session = session()
        #expect(session.ending(isShutdown: false) == .withNextPoll)
        session.ended(.withNextPoll, timing, start)
        #expect(session.postArrived() == .refuse(.unknownSession))
        #expect(session.pollArrived(hasWaiting: true) == .answer)
        #expect(session.pollArrived(hasWaiting: false) == .answerClose)
        #expect(session.tick(timing, start + .seconds(29)) == .none)
        #expect(session.tick(timing, start + .seconds(30)) == .forget)
    }

    @Test("closed by the server while a poll hangs, on WebSocket or at shutdown, it ends at once")
    func closingAtOnce() {
        var session = session()
        #expect(session.ending(isShutdown: true) == .atOnce)
        _ = session.pollArrived(hasWaiting: false)
        #expect(session.ending(isShutdown: false) == .atOnce)
        #expect(self.session(on: .webSocket).ending(isShutdown: false) == .atOnce)
        session.ended(.atOnce, timing, start)
        #expect(session.pollArrived(hasWaiting: false) == .refuse(.unknownSession))
    }
}
