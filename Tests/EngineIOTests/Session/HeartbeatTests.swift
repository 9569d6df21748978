import NIOCore
import Testing

@testable import EngineIO

@Suite("A heartbeat")
struct HeartbeatTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private let timing = Heartbeat.Timing(interval: .seconds(25), timeout: .seconds(20))

    private func heartbeat() -> Heartbeat { Heartbeat(timing, now: start) }

    @Test("pings after its interval, once")
    func ping() {
        var heartbeat = heartbeat()
        #expect(heartbeat.tick(timing, start + .seconds(24)) == .none)
        #expect(heartbeat.tick(timing, start + .seconds(25)) == .ping)
        #expect(heartbeat.tick(timing, start + .seconds(26)) == .none)
    }

    @Test("times out when no pong came, counted from when the ping was queued")
    func timeOut() {
        var heartbeat = heartbeat()
        #expect(heartbeat.tick(timing, start + .seconds(30)) == .ping)
        #expect(heartbeat.tick(timing, start + .seconds(49)) == .none)
        #expect(heartbeat.tick(timing, start + .seconds(50)) == .timeOut)
    }

    @Test("rests again after a pong, also after one that nobody asked for")
    func pong() {
        var heartbeat = heartbeat()
        heartbeat.pong(timing, start + .seconds(20))
        #expect(heartbeat.tick(timing, start + .seconds(44)) == .none)
        #expect(heartbeat.tick(timing, start + .seconds(45)) == .ping)
        heartbeat.pong(timing, start + .seconds(46))
        #expect(heartbeat.tick(timing, start + .seconds(70)) == .none)
        #expect(heartbeat.tick(timing, start + .seconds(71)) == .ping)
    }

    @Test("tells how long the client took to answer; nothing, if nobody asked")
    func latency() {
        var heartbeat = heartbeat()
        #expect(heartbeat.pong(timing, start + .seconds(1)) == nil)
        #expect(heartbeat.tick(timing, start + .seconds(26)) == .ping)
        #expect(heartbeat.pong(timing, start + .seconds(26) + .milliseconds(30)) == .milliseconds(30))
    }

    @Test("of revision 3 never pings, and times out after interval and timeout without the client's ping")
    func revision3() {
        var heartbeat = Heartbeat(awaitingPings: timing, now: start)
        #expect(heartbeat.tick(timing, start + .seconds(44)) == .none)
        heartbeat.pinged(timing, start + .seconds(44))
        #expect(heartbeat.tick(timing, start + .seconds(88)) == .none)
        #expect(heartbeat.tick(timing, start + .seconds(89)) == .timeOut)
    }
}
