import Foundation
import Testing

@testable import Tape

@Suite("A stranger's SQL")
struct GuardedQueryTests {
    private func tape() async throws -> (TapeFolder, TapeReader) {
        let folder = TapeFolder()
        try await writeTape(
            folder.tape,
            connected(1) + [
                packet(1, 1, .in, .binaryEvent, event: "e", ack: 1, #"["e",{"_placeholder":true,"num":0}]"#, attachments: [[1, 2]]),
                broadcast(1), delivery(of: 1, to: [1]), roomChange(1, .join, "r"),
            ])
        return (folder, try TapeReader(path: folder.tape))
    }

    @Test("reads the views, with typed values")
    func reads() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let result = try await reader.answer(
            "-- the attachments\nSELECT packet_id AS id, data, 1.5 AS real, NULL AS none, 'é' AS text FROM attachments WHERE idx = 0; -- that is all\n ;"
        )
        #expect(result.columns == ["id", "data", "real", "none", "text"])
        #expect(result.rows == [[.integer(5), .blob([1, 2]), .real(1.5), .null, .text("é")]])
        #expect(!result.isTruncated)
        for (view, _) in ViewsTests.contract { _ = try await reader.answer("SELECT * FROM \(view)") }
        #expect(
            try await reader.answer("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 5) SELECT sum(i) FROM c").rows
                == [
                    [.integer(15)]
                ])
        #expect(try await reader.answer("SELECT json_extract(data, '$[0]') FROM packets WHERE event IS NOT NULL").rows.count == 2)
        #expect(try await !reader.answer("EXPLAIN QUERY PLAN SELECT * FROM packets").rows.isEmpty)
    }

    @Test("leaves nothing behind for the next one on the same connection: no refusal, no limit, no hold on the tape")
    func again() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        writer.append(connected(1))
        #expect(await eventually { writer.status.packets == 2 })
        let reader = try TapeReader(path: folder.tape)
        var short = QueryLimits()
        short.timeout = .milliseconds(20)
        short.maxValueBytes = 1000
        short.maxRows = 1
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        for _ in 1...3 {
            await #expect(throws: TapeError.queryTimedOut(milliseconds: 20)) { try await reader.query(endless, limits: short) }
            await #expect(throws: TapeError.self) { try await reader.query("DELETE FROM packet") }
            await #expect(throws: TapeError.self) { try await reader.query("SELECT hex(zeroblob(5000))", limits: short) }
            #expect(try await reader.query("SELECT id FROM packets", limits: short).isTruncated)
            let whole = try await reader.query("SELECT length(hex(zeroblob(5000))), count(*) FROM packets")
            #expect(whole.rows == [[.integer(10_000), .integer(2)]])
        }
        #expect(try SQLiteConnection(path: folder.tape, flags: 2).integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
        try reader.close()
        try await writer.close()
        #expect(!folder.exists("t.tape-wal"))
    }

    @Test(
        "does nothing but read",
        arguments: [
            "DELETE FROM packet", "UPDATE run SET kind = 'x'", "INSERT INTO run DEFAULT VALUES", "DROP VIEW packets", "CREATE TABLE t (x)",
            "CREATE TEMP TABLE t (x)", "ATTACH '/tmp/tape-attack.db' AS a", "ATTACH ':memory:' AS a", "DETACH main",
            "PRAGMA query_only = 0",
            "PRAGMA journal_mode = DELETE", "PRAGMA writable_schema = 1", "PRAGMA table_info(run)", "VACUUM",
            "VACUUM INTO '/tmp/tape-attack.db'",
            "REINDEX", "ANALYZE", "BEGIN", "COMMIT", "SAVEPOINT s", "SELECT load_extension('x')", "SELECT fts3_tokenizer('simple')",
            "CREATE VIRTUAL TABLE t USING fts5(x)", "WITH c AS (SELECT 1) DELETE FROM packet", "EXPLAIN DELETE FROM packet",
            "SELECT * FROM pragma_journal_mode", "INSERT INTO run SELECT * FROM run RETURNING id",
        ])
    func refused(_ sql: String) async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.tape))
        await #expect {
            _ = try await reader.answer(sql)
        } throws: { error in
            switch error as? TapeError {
            case .notReadOnly, .invalidSQL: true
            default: false
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.tape)) == before)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/tape-attack.db"))
    }

    @Test("is one statement", arguments: ["SELECT 1; SELECT 2", "SELECT 1; DELETE FROM packet", "", " ; -- nothing", "SELECT 1; garbage"])
    func oneStatement(_ sql: String) async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        await #expect(throws: TapeError.self) { _ = try await reader.answer(sql) }
    }

    @Test("is told what is wrong with it")
    func errors() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        await #expect(throws: TapeError.invalidSQL("no such column: nonsense")) {
            _ = try await reader.answer("SELECT nonsense FROM packets")
        }
        await #expect(throws: TapeError.invalidSQL(#"near "SELEC": syntax error"#)) { _ = try await reader.answer("SELEC 1") }
        await #expect(throws: TapeError.invalidSQL("malformed JSON")) { _ = try await reader.answer("SELECT json('{')") }
    }

    @Test("is stopped at its deadline, wherever it lingers")
    func deadline() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        var limits = QueryLimits()
        limits.timeout = .milliseconds(100)
        for sql in [
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c",
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c WHERE i < 0",
        ] {
            let outcome = await failure(reader, sql, limits)
            #expect(outcome == .queryTimedOut(milliseconds: 100))
        }
    }

    @Test("gets no more than its limits")
    func limits() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        var limits = QueryLimits()
        limits.maxRows = 10
        limits.maxValueBytes = 1000
        let endless = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c"
        let result = try await reader.answer(endless, limits)
        #expect(result.rows.count == 10 && result.isTruncated)
        let outcome = await failure(reader, "SELECT zeroblob(2000000000)", limits)
        #expect(outcome == .invalidSQL("string or blob too big"))
        limits.maxRows = 1_000_000
        limits.maxResultBytes = 5000
        #expect(
            try await reader.answer(
                "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT zeroblob(500) FROM c", limits
            ).rows.count <= 11)
    }

    @Test("streams, and stops when the taker throws")
    func streaming() async throws {
        struct Enough: Error {}
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        var seen: [String] = []
        #expect(throws: TapeError.self) {
            _ = try reader.query(
                "SELECT id FROM packets ORDER BY id", columns: { seen += $0 },
                row: { row in
                    seen.append("\(row)")
                    throw Enough()
                })
        }
        #expect(seen == ["id", "[Tape.TapeValue.integer(2)]"])
    }
}

private func failure(_ reader: TapeReader, _ sql: String, _ limits: QueryLimits) async -> TapeError? {
    do throws(TapeError) {
        let _: QueryResult = try await reader.query(sql, limits: limits)
        return nil
    } catch {
        return error
    }
}

extension TapeReader {
    fileprivate func answer(_ sql: String, _ limits: QueryLimits = QueryLimits()) async throws -> QueryResult {
        try await query(sql, limits: limits)
    }
}
