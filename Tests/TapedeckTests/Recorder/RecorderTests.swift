import Foundation
import NIOCore
import SocketIO
import SocketIOWire
import Tape
import Testing

@testable import Tapedeck

@Suite("The recorder")
struct RecorderTests {
    @Test("puts every event of a server on the tape")
    func roundTrip() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("recorder-\(UUID().uuidString).tape").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let recorder = try Recorder(path: path, run: TapeRun(kind: .embedded))
        let kinds: [TapEvent.Kind] = [
            .connectionOpened(
                TapConnection(
                    number: 1, sid: "e1", protocolVersion: 4, transport: "polling", remoteAddress: nil, url: "/socket.io/?EIO=4",
                    headers: [("Host", "x")])),
            .enginePacket(connection: 1, direction: .outgoing, type: "open", payload: ByteBuffer(string: "{}"), bytes: 3),
            .packet(
                TapPacket(
                    connection: 1, socket: 1, direction: .incoming, kind: .connect, namespace: "/", eventName: nil, ackID: nil,
                    payload: nil,
                    attachments: [], bytes: 1)),
            .socketConnected(TapSocket(number: 1, connection: 1, sid: "s1", namespace: "/", auth: nil, recovered: false)),
            .roomChange(TapRoomChange(socket: 1, sid: "s1", namespace: "/", room: "r", action: .join)),
            .connectionUpgraded(connection: 1, transport: "websocket"),
            .packet(
                TapPacket(
                    connection: 1, socket: 1, direction: .outgoing, kind: .binaryEvent, namespace: "/", eventName: "e", ackID: 3,
                    payload: ByteBuffer(string: #"["e",{"_placeholder":true,"num":0}]"#), attachments: [ByteBuffer(bytes: [1])], bytes: 40)),
            .broadcast(
                TapBroadcast(
                    number: 1, kind: .event, namespace: "/", eventName: "cast", ackID: nil, payload: ByteBuffer(string: #"["cast"]"#),
                    attachments: [], bytes: 9)),
            .delivery(broadcast: 1, recipients: [TapRecipient(connection: 1, socket: 1)]),
            .ackTimedOut(socket: 1, ackID: 3),
            .roomChange(TapRoomChange(socket: 1, sid: "s1", namespace: "/", room: "r", action: .leave)),
            .socketDisconnected(socket: 1, reason: "transport close"),
            .connectionClosed(connection: 1, reason: "transport close", detail: nil, bytesIn: 10, bytesOut: 20),
        ]
        for (index, kind) in kinds.enumerated() {
            recorder.record(TapEvent(at: Timestamp(microseconds: 1_790_000_000_000_000 + Int64(index)), kind: kind))
        }
        try await recorder.close()

        let reader = try TapeReader(path: path)
        let packets = try await reader.read { try $0.packets().items }
        #expect(packets.map(\.type) == ["open", "connect", "binary_event", "event"])
        #expect(packets.map(\.sessionID) == [nil, 1, 1, 1])
        #expect(packets.map(\.atMicroseconds) == [1, 2, 6, 8].map { 1_790_000_000_000_000 + $0 })
        #expect(try await reader.read { try $0.attachment(of: packets[2].id, index: 0) } == ByteBuffer(bytes: [1]))
        #expect(try await reader.read { try $0.acks().items.map(\.status) } == [.timeout])
        #expect(try await reader.read { try $0.roomChanges().items.map(\.action) } == [.join, .leave])
        let session = try #require(try await reader.read { try $0.session(1) })
        #expect((session.sid, session.reason, session.packetsIn, session.packetsOut) == ("s1", "transport close", 1, 2))
        let connection = try #require(try await reader.read { try $0.connection(1) })
        #expect((connection.transport, connection.bytesIn, connection.bytesOut) == ("websocket", 10, 20))
        #expect(try await reader.read { try $0.runs().items.map(\.kind) } == ["embedded"])
    }
}
