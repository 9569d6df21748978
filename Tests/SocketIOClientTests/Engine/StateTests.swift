import NIOCore
import SocketIOWire
import Testing

@testable import SocketIOClient

@Suite("The upgrade")
struct UpgradeStateTests {
    @Test("probes, pauses polling and completes")
    func success() {
        var state = UpgradeState()
        #expect(state.begin() == true)
        #expect(state.begin() == false)
        #expect(state.webSocketOpened() == .probe)
        #expect(!state.holdsWrites)
        #expect(state.received(isProbeAnswer: true) == .pausePolling)
        #expect(state.holdsWrites)
        #expect(state.pollingPaused() == .complete)
        #expect(!state.isUnderWay)
        #expect(!state.holdsWrites)
        #expect(state.begin() == false)
    }

    @Test("fails when the WebSocket does, and may be tried again")
    func failure() {
        var state = UpgradeState()
        #expect(state.begin() == true)
        #expect(state.webSocketClosed("gone") == .giveUp("gone"))
        #expect(state.timedOut() == .none)
        #expect(state.begin() == true)
        #expect(state.webSocketOpened() == .probe)
        guard case .giveUp = state.received(isProbeAnswer: false) else {
            Issue.record("a wrong answer to the probe went through")
            return
        }
        #expect(!state.isUnderWay)
    }

    @Test("can time out in each of its phases")
    func timeouts() {
        for steps in 0..<3 {
            var state = UpgradeState()
            _ = state.begin()
            if steps > 0 { _ = state.webSocketOpened() }
            if steps > 1 { _ = state.received(isProbeAnswer: true) }
            guard case .giveUp = state.timedOut() else {
                Issue.record("no end after \(steps) steps")
                continue
            }
            #expect(state.pollingPaused() == .none)
        }
    }
}

@Suite("The ping watchdog")
struct HeartbeatWatchTests {
    @Test("waits for pingInterval and pingTimeout from the last ping on")
    func deadline() {
        let handshake = EngineHandshake(sid: "x", upgrades: [], pingInterval: .seconds(25), pingTimeout: .seconds(20))
        let start = NIODeadline.uptimeNanoseconds(0)
        var watch = HeartbeatWatch(handshake, now: start)
        #expect(!watch.hasExpired(now: start + .seconds(44)))
        #expect(watch.hasExpired(now: start + .seconds(45)))
        watch.heard(now: start + .seconds(25))
        #expect(!watch.hasExpired(now: start + .seconds(69)))
        #expect(watch.hasExpired(now: start + .seconds(70)))
    }
}

@Suite("The handshake")
struct EngineHandshakeTests {
    @Test("is read from the open packet")
    func read() throws {
        let text = #"{"sid":"abc","upgrades":["websocket",7],"pingInterval":25000,"pingTimeout":20000.5,"maxPayload":1000000,"more":[]}"#
        let handshake = try EngineHandshake(openPacket: ByteBuffer(string: text))
        #expect(handshake.sid == "abc")
        #expect(handshake.upgrades == ["websocket"])
        #expect(handshake.pingInterval == .seconds(25))
        #expect(handshake.maxPayload == 1_000_000)
    }

    @Test(
        "is refused when it lacks what it must have",
        arguments: [
            "", "[]", "{}", #"{"sid":"","pingInterval":1,"pingTimeout":1}"#, #"{"sid":"x","pingTimeout":1}"#,
            #"{"sid":"x","pingInterval":-1,"pingTimeout":1}"#, #"{"sid":"x","pingInterval":"1","pingTimeout":1}"#, "{\"sid\":\"x\",",
        ])
    func refused(text: String) {
        #expect(throws: EngineClientError.self) { try EngineHandshake(openPacket: ByteBuffer(string: text)) }
    }

    @Test("survives any numbers")
    func numbers() throws {
        let text = #"{"sid":"x","pingInterval":1e300,"pingTimeout":9223372036854775807}"#
        let handshake = try EngineHandshake(openPacket: ByteBuffer(string: text))
        let watch = HeartbeatWatch(handshake, now: .now())
        #expect(!watch.hasExpired(now: .now()))
    }
}
