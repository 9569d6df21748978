import Foundation
import Testing

@testable import Tape

/// `Tests/Tapes` holds a real tape of every schema that was ever released, recorded by the program of that time.
@Suite("Old tapes")
struct MigrationTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Tapes").path

    private func fixture(_ version: Int, in folder: TapeFolder) throws -> String {
        let name = "000\(version).tape"
        try FileManager.default.copyItem(atPath: Self.fixtures + "/" + name, toPath: folder.file(name))
        return folder.file(name)
    }

    @Test("are there, one of each schema before the present one")
    func fixtures() throws {
        for version in 1..<TapeMigrations.latest {
            #expect(try rows(Self.fixtures + "/000\(version).tape", "PRAGMA user_version") == ["\(version)"])
        }
    }

    @Test("are brought up to date when they are read, with all they held", arguments: 1..<TapeMigrations.latest)
    func read(_ version: Int) async throws {
        let folder = TapeFolder()
        let path = try fixture(version, in: folder)
        let questions = [
            "SELECT id, at, direction, layer, type, namespace, event, ack_id, data, attachments, bytes, broadcast_id FROM packets ORDER BY id",
            "SELECT packet_id, idx, hex(data) FROM attachments ORDER BY 1, 2", "SELECT * FROM acks ORDER BY request_id",
            "SELECT id, sid, namespace, auth, reason, packets_in, packets_out FROM sessions",
            "SELECT id, session_id, sid, at, room, action FROM room_changes", "SELECT packet_id, args FROM events ORDER BY 1",
        ]
        let before = try questions.map { try rows(path, $0) }
        #expect(before.allSatisfy { !$0.isEmpty })
        #expect(try await TapeReader(path: path).read { try $0.packets().items.count } > 20)
        #expect(try rows(path, "PRAGMA user_version") == ["\(TapeMigrations.latest)"])
        #expect(try questions.map { try rows(path, $0) } == before)
        #expect(try rows(path, "PRAGMA integrity_check") == ["ok"])
    }

    @Test("are brought up to date when they are recorded to, and go on", arguments: 1..<TapeMigrations.latest)
    func record(_ version: Int) async throws {
        let folder = TapeFolder()
        let path = try fixture(version, in: folder)
        let last = try #require(Int64(try rows(path, "SELECT max(id) FROM packets")[0]))
        try await writeTape(path, connected(1) + [TapeTests.record(1, .marker(name: "new"))])
        #expect(try rows(path, "SELECT count(*) FROM runs") == ["2"])
        #expect(try #require(Int64(try rows(path, "SELECT min(id) FROM packets WHERE run_id = 2")[0])) > last)
        #expect(try rows(path, "SELECT name FROM markers") == ["new"])
    }

    @Test(
        "that cannot be written to are refused with a sentence that says what to do",
        .enabled(if: getuid() != 0, "root may write everywhere"))
    func readOnly() throws {
        let folder = TapeFolder()
        let path = try fixture(1, in: folder)
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        #expect(throws: TapeError.olderVersion(path: path, version: 1, supported: TapeMigrations.latest)) { try TapeReader(path: path) }
    }

    @Test("that somebody records to with an older program are left alone")
    func inUse() throws {
        let folder = TapeFolder()
        let path = try fixture(1, in: folder)
        let lock = try #require(TapeLock(path: path))
        defer { lock.unlock() }
        #expect(throws: TapeError.olderVersion(path: path, version: 1, supported: TapeMigrations.latest)) { try TapeReader(path: path) }
        #expect(try rows(path, "PRAGMA user_version") == ["1"])
    }
}
