import NIOCore
import Tape

/// Traffic as a chat makes it, without a server: echoes with acks from many sessions, and broadcasts to rooms.
struct Traffic {
    let sessions: Int
    let start: Int64
    private(set) var at: Int64
    private var turn = 0
    private var broadcasts: UInt64 = 0
    private let payloads: [ByteBuffer]

    static let roomSize = 20
    /// As long as the payload of the design's figures.
    static let payloadBytes = 114

    init(sessions: Int, start: Int64 = 1_790_000_000_000_000) {
        self.sessions = sessions
        self.start = start
        at = start
        payloads = (0..<64).map { number in
            let head = #"["chat message",{"id":\#(number + 1000),"text":""#
            let tail = #""}]"#
            return ByteBuffer(string: head + String(repeating: "x", count: Self.payloadBytes - head.utf8.count - tail.utf8.count) + tail)
        }
    }

    /// Everybody connects and joins a room.
    func opening() -> [TapeRecord] {
        var records: [TapeRecord] = []
        for session in 1...UInt64(sessions) {
            let user = session == 1 ? "ann" : "user\(session % 500)"
            let auth = ByteBuffer(string: #"{"user":"\#(user)","token":"t\#(session % 900)"}"#)
            records += [
                .connectionOpened(
                    TapeConnection(
                        number: session, sid: "engine-\(session)", engineProtocol: 4, transport: session % 5 == 0 ? "polling" : "websocket",
                        remoteAddress: "127.0.0.1:\(session % 60_000)", url: "/socket.io/?EIO=4&transport=polling",
                        headers: [("Host", "localhost"), ("User-Agent", "Mozilla/5.0 (bench)")])),
                .packet(
                    TapePacket(
                        connection: session, session: session, direction: .in, type: .connect, namespace: "/", payload: auth, bytes: 40)),
                .sessionConnected(
                    TapeSession(number: session, connection: session, sid: "sid-\(session)", namespace: "/", auth: auth, recovered: false)),
                .packet(
                    TapePacket(
                        connection: session, session: session, direction: .out, type: .connect, namespace: "/",
                        payload: ByteBuffer(string: #"{"sid":"sid-\#(session)"}"#), bytes: 40)),
                .roomChange(
                    TapeRoomChange(
                        session: session, sid: "sid-\(session)", namespace: "/", room: room(of: Int(session)), action: .join)),
            ].map { TapeRecord(at: start, kind: $0) }
        }
        return records
    }

    private func room(of session: Int) -> String { "r\((session - 1) / Self.roomSize + 1)" }

    /// Some 62 packets: twenty echoes with their acks, and one message to a room.
    mutating func next(into sink: (TapeRecord) -> Void) {
        let payload = payloads[turn % payloads.count]
        for step in 0..<20 {
            let session = UInt64((turn &* 7919 &+ step &* 131) % sessions + 1)
            let ack = UInt64(turn &* 20 &+ step)
            at += 3
            sink(
                TapeRecord(
                    at: at,
                    kind: .packet(
                        TapePacket(
                            connection: session, session: session, direction: .in, type: .event, namespace: "/", event: "chat message",
                            ackID: ack, payload: payload, bytes: Self.payloadBytes + 6))))
            sink(
                TapeRecord(
                    at: at + Int64(50 + turn % 900),
                    kind: .packet(
                        TapePacket(
                            connection: session, session: session, direction: .out, type: .ack, namespace: "/", ackID: ack,
                            payload: payload,
                            bytes: Self.payloadBytes + 6))))
        }
        broadcasts += 1
        let first = turn % (sessions / Self.roomSize) * Self.roomSize
        sink(
            TapeRecord(
                at: at,
                kind: .broadcast(
                    TapeBroadcast(
                        number: broadcasts, type: .event, namespace: "/", event: "cast", payload: payload, bytes: Self.payloadBytes + 3))))
        sink(TapeRecord(at: at, kind: .delivery(broadcast: broadcasts, sessions: (first + 1...first + Self.roomSize).map(UInt64.init))))
        turn += 1
    }

    static let packetsPerTurn = 40 + roomSize
}
