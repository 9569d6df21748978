import Foundation
import NIOCore

@testable import Tape

/// A folder of its own for a test, and the records of a small conversation.
final class TapeFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("tape-test-\(UUID().uuidString)").path
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var tape: String { file("t.tape") }
    func file(_ name: String) -> String { path + "/" + name }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}

let start: Int64 = 1_790_000_000_000_000

func record(_ offset: Int64, _ kind: TapeRecord.Kind) -> TapeRecord { TapeRecord(at: start + offset, kind: kind) }

func connectionOpened(_ number: UInt64, at offset: Int64 = 0) -> TapeRecord {
    record(
        offset,
        .connectionOpened(
            TapeConnection(
                number: number, sid: "engine\(number)", engineProtocol: 4, transport: "polling", remoteAddress: "127.0.0.1:5000",
                url: "/socket.io/?EIO=4&transport=polling",
                headers: [("Host", "localhost"), ("X-A", "1"), ("x-a", "2"), ("User-Agent", "say \"hi\"\n")])))
}

func packet(
    _ connection: UInt64, _ session: UInt64?, _ direction: TapeDirection, _ type: TapePacketType = .event, at offset: Int64 = 0,
    namespace: String = "/", event: String? = nil, ack: UInt64? = nil, _ payload: String? = nil, attachments: [[UInt8]] = []
) -> TapeRecord {
    record(
        offset,
        .packet(
            TapePacket(
                connection: connection, session: session, direction: direction, type: type, namespace: namespace, event: event, ackID: ack,
                payload: payload.map { ByteBuffer(string: $0) }, attachments: attachments.map { ByteBuffer(bytes: $0) },
                bytes: (payload?.utf8.count ?? 0) + 3)))
}

func sessionConnected(_ number: UInt64, on connection: UInt64, at offset: Int64 = 0, namespace: String = "/", auth: String? = nil)
    -> TapeRecord
{
    record(
        offset,
        .sessionConnected(
            TapeSession(
                number: number, connection: connection, sid: "socket\(number)", namespace: namespace,
                auth: auth.map { ByteBuffer(string: $0) },
                recovered: false)))
}

func roomChange(_ session: UInt64, _ action: TapeRoomChange.Action, _ room: String, at offset: Int64 = 0, namespace: String = "/")
    -> TapeRecord
{
    record(
        offset, .roomChange(TapeRoomChange(session: session, sid: "socket\(session)", namespace: namespace, room: room, action: action)))
}

func broadcast(_ number: UInt64, at offset: Int64 = 0, event: String = "cast", ack: UInt64? = nil, attachments: [[UInt8]] = [])
    -> TapeRecord
{
    record(
        offset,
        .broadcast(
            TapeBroadcast(
                number: number, type: attachments.isEmpty ? .event : .binaryEvent, namespace: "/", event: event, ackID: ack,
                payload: ByteBuffer(string: "[\"\(event)\",\(number)]"), attachments: attachments.map { ByteBuffer(bytes: $0) }, bytes: 20))
    )
}

func delivery(of number: UInt64, to sessions: [UInt64], at offset: Int64 = 0) -> TapeRecord {
    record(offset, .delivery(broadcast: number, sessions: sessions))
}

/// Connection and session of the same number, accepted in the usual order.
func connected(_ number: UInt64) -> [TapeRecord] {
    [
        connectionOpened(number),
        packet(number, number, .in, .connect),
        sessionConnected(number, on: number),
        packet(number, number, .out, .connect, #"{"sid":"socket\#(number)"}"#),
    ]
}

extension TapeWriter {
    func append(_ records: [TapeRecord]) { for record in records { append(record) } }
}

/// Writes the records as one run and closes the tape.
@discardableResult
func writeTape(_ path: String, _ records: [TapeRecord], kind: TapeRun.Kind = .serve) async throws -> Int64 {
    let writer = try TapeWriter(path: path, run: TapeRun(kind: kind, host: "127.0.0.1:3000", software: "test", startedAt: start))
    writer.append(records)
    try await writer.close()
    return writer.runID
}

/// All rows of a query as text, columns joined by "|", null as "-".
func rows(_ path: String, _ sql: String) throws -> [String] {
    let connection = try TapeFile.openForReading(path, isImmutable: false)
    return try rows(connection, sql)
}

func rows(_ connection: SQLiteConnection, _ sql: String) throws -> [String] {
    let statement = try connection.prepare(sql)
    var rows: [String] = []
    while try statement.step() {
        rows.append((0..<statement.columnCount).map { statement.text($0) ?? "-" }.joined(separator: "|"))
    }
    return rows
}

/// Waits until the condition holds; false after half a minute. Asks not too often: the writer needs the processor too.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return false
}
