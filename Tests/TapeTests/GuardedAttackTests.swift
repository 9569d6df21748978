import Foundation
import Testing

@testable import Tape

/// What somebody tries who wants more than to read, or wants to be in the way: nothing gets through, nothing takes long.
@Suite("An attacker's SQL")
struct GuardedAttackTests {
    static let beyondReading = [
        // other files
        "ATTACH DATABASE '/tmp/tape-attack.db' AS other", "ATTACH 'file:/tmp/tape-attack.db?mode=rwc' AS other", "DETACH DATABASE main",
        "VACUUM INTO '/tmp/tape-attack.db'", "VACUUM", "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/tape-attack.db', 'x')",
        "SELECT edit('x')", "SELECT * FROM fsdir('/')", "SELECT * FROM zipfile('/tmp/x.zip')", "SELECT * FROM csv('/etc/passwd')",
        // code
        "SELECT load_extension('/tmp/evil.so')", "SELECT load_extension('/tmp/evil', 'init')",
        "SELECT fts3_tokenizer('simple', x'0000000000000000')",
        "SELECT eval('DELETE FROM packet')",
        // settings
        "PRAGMA writable_schema = ON", "PRAGMA query_only = OFF", "PRAGMA trusted_schema = ON", "PRAGMA journal_mode = DELETE",
        "PRAGMA journal_mode(MEMORY)", "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA schema_version = 9",
        "PRAGMA user_version = 9", "PRAGMA temp_store_directory = '/tmp'", "PRAGMA database_list", "PRAGMA table_info(packet)",
        "PRAGMA hard_heap_limit = 1", "PRAGMA integrity_check", "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_function_list",
        "EXPLAIN PRAGMA user_version = 9",
        // the schema
        "UPDATE sqlite_master SET sql = 'x'", "UPDATE sqlite_schema SET sql = 'x'", "DELETE FROM sqlite_sequence",
        "INSERT INTO sqlite_stat1 VALUES (1, 2, 3)", "CREATE TRIGGER t AFTER INSERT ON packet BEGIN DELETE FROM packet; END",
        "CREATE TEMP TRIGGER t AFTER INSERT ON packet BEGIN DELETE FROM packet; END", "CREATE VIEW v AS SELECT 1",
        "CREATE TEMP VIEW v AS SELECT 1",
        "ALTER TABLE packet RENAME TO gone", "DROP TABLE packet", "DROP INDEX packet_session", "CREATE INDEX i ON packet (at_us)",
        // virtual tables
        "CREATE VIRTUAL TABLE temp.t USING fts5(x)", "CREATE VIRTUAL TABLE t USING rtree(id, a, b)", "CREATE VIRTUAL TABLE t USING fts3(x)",
        "SELECT * FROM sqlite_dbpage", "SELECT * FROM dbstat", "UPDATE sqlite_dbpage SET data = x'00'",
        "SELECT * FROM fts3tokenize('simple', 'a b')",
        "SELECT * FROM generate_series(1, 1000000000)", "SELECT * FROM sqlite_stmt", "SELECT * FROM bytecode('SELECT 1')",
        "SELECT rtreecheck('main', 'packet')", "SELECT geopoly_area(x'00')", "SELECT sqlite_offset(id) FROM packet",
        // writing
        "INSERT INTO packet SELECT * FROM packet", "REPLACE INTO run DEFAULT VALUES", "UPDATE packet SET payload = ''", "DELETE FROM gap",
        "WITH x AS (SELECT 1) INSERT INTO gap SELECT 1, 1, 1, 1, 1, ''", "DELETE FROM packet RETURNING *",
        "EXPLAIN QUERY PLAN DELETE FROM packet", "BEGIN EXCLUSIVE", "SAVEPOINT x", "ROLLBACK", "END", "REINDEX", "ANALYZE",
        // more than one
        "SELECT 1; DELETE FROM packet", "SELECT 1;;SELECT 2", "SELECT 1; --\nDELETE FROM packet", "SELECT 1 /* ; */; DROP TABLE packet",
        "/* SELECT */ DELETE FROM packet", "-- SELECT\nDELETE FROM packet", "SELECT 1;\u{0}DELETE FROM packet",
        "DELETE FROM packet -- SELECT",
        "\u{FEFF}DELETE FROM packet", "SELECT * FROM packet WHERE id = ?1; UPDATE packet SET id = 0",
    ]

    @Test("gets nothing but an answer", arguments: beyondReading)
    func refused(_ sql: String) async throws {
        let folder = TapeFolder()
        defer { withExtendedLifetime(folder) {} }
        try await writeTape(folder.tape, connected(1))
        let reader = try TapeReader(path: folder.tape)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.tape))
        await #expect(throws: TapeError.self) {
            let _: QueryResult = try await reader.query(sql)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.tape)) == before)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/tape-attack.db"))
    }

    static let endless = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) "
    static let bombs = [
        // time
        endless + "SELECT count(*) FROM c", endless + "SELECT count(*) FROM c a, c b, c d",
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION SELECT i * 3 % 1000000007 FROM c) SELECT max(i) FROM c",
        "SELECT count(*) FROM packets a, packets b, packets c, packets d, packets e, packets f, packets g, packets h, packets i, packets j",
        endless + "SELECT sum(length(replace(hex(zeroblob(500000)), '0', 'ab'))) FROM c",
        // memory
        endless + "SELECT group_concat(hex(zeroblob(100000))) FROM c", endless + "SELECT json_group_array(hex(zeroblob(100000))) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT zeroblob(1000000) UNION ALL SELECT x || zeroblob(1) FROM c) SELECT sum(length(x)) FROM c ORDER BY x",
        endless + "SELECT i, zeroblob(1000000) AS b FROM c ORDER BY b DESC, i", endless + "SELECT DISTINCT hex(randomblob(100000)) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM c) SELECT max(length(x)) FROM c",
        "SELECT zeroblob(2000000000)", "SELECT randomblob(2000000000)", "SELECT printf('%2000000000d', 1)",
        "SELECT char(1) || hex(zeroblob(1000000000))",
        "SELECT replace(hex(zeroblob(2000000)), '00', hex(zeroblob(2000000)))",
        // one call of a function that takes for ever
        "SELECT instr(zeroblob(4000000), zeroblob(2000000) || x'01')",
        "SELECT replace(hex(zeroblob(2000000)), hex(zeroblob(900000)) || '1', '')",
        "SELECT trim(hex(zeroblob(2000000)), hex(randomblob(1000000)))",
        "SELECT hex(zeroblob(2000000)) LIKE '%' || hex(zeroblob(400)) || '1%'",
        "SELECT hex(zeroblob(1000000)) GLOB '*0*0*0*0*0*0*0*0*0*0*0*1'",
        "SELECT hex(zeroblob(1000000)) LIKE '%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%1'",
        // the parser
        "SELECT " + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000),
        "SELECT " + String(repeating: "1+", count: 60_000) + "1", "SELECT 1" + String(repeating: " UNION ALL SELECT 1", count: 3000),
        "SELECT " + String(repeating: "-", count: 150_000), "SELECT json('" + String(repeating: "[", count: 90_000) + "')",
        String(repeating: "SELECT * FROM (", count: 2000) + "SELECT 1" + String(repeating: ")", count: 2000),
        "SELECT * FROM packets, packets, packets, packets, packets, packets, packets, packets, packets, packets, packets, packets, packets",
    ]

    @Test("ends within its limits, and the recording goes on beside it", arguments: bombs)
    func bounded(_ sql: String) async throws {
        let folder = TapeFolder()
        defer { withExtendedLifetime(folder) {} }
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        writer.append(connected(1))
        #expect(await eventually { writer.status.queued == 0 && writer.status.packets > 0 })
        let reader = try TapeReader(path: folder.tape)
        var limits = QueryLimits()
        limits.timeout = .milliseconds(300)
        limits.maxValueBytes = 4 << 20
        limits.maxMemoryBytes = 64 << 20
        limits.maxRows = 100
        let began = ContinuousClock.now
        async let outcome: Int = {
            do {
                let result: QueryResult = try await reader.query(sql, limits: limits)
                return result.rows.count
            } catch {
                return 0
            }
        }()
        writer.append(packet(1, 1, .in, event: "beside", #"["beside"]"#))
        #expect(await outcome <= 100)
        // Not a measure of speed: without the limits these take minutes to centuries.
        #expect(ContinuousClock.now - began < .seconds(60))
        try reader.close()
        try await writer.close()
        #expect(writer.status.lost == 0)
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event = 'beside'") == ["1"])
    }

    @Test(
        "finds its functions replaced by ones of the same meaning",
        arguments: [
            ("SELECT instr('grüße', 'ße')", "4"), ("SELECT instr('abc', '')", "1"), ("SELECT instr('abc', 'x')", "0"),
            ("SELECT instr(x'0102', x'02')", "2"),
            ("SELECT instr(12345, 34)", "3"), ("SELECT coalesce(instr(NULL, 'a'), '-')", "-"),
            ("SELECT replace('aXbXc', 'X', '--')", "a--b--c"),
            ("SELECT replace('abc', '', 'x')", "abc"), ("SELECT replace('aaa', 'aa', 'b')", "ba"),
            ("SELECT coalesce(replace('a', NULL, 'b'), '-')", "-"),
            ("SELECT '[' || trim('  a b ') || ']'", "[a b]"), ("SELECT '[' || ltrim('  a ') || ']'", "[a ]"),
            ("SELECT '[' || rtrim('  a ') || ']'", "[  a]"),
            ("SELECT trim('éäaéé', 'éä')", "a"), ("SELECT trim('aaa', 'a')", ""), ("SELECT trim('abc', '')", "abc"),
            ("SELECT trim(120, '0')", "12"),
        ])
    func functions(_ sql: String, _ expected: String) async throws {
        let folder = TapeFolder()
        defer { withExtendedLifetime(folder) {} }
        try await writeTape(folder.tape, [])
        // As SQLite's own, and as ours.
        #expect(try rows(folder.tape, sql) == [expected])
        let result: QueryResult = try await TapeReader(path: folder.tape).query(sql)
        let value = result.rows[0][0]
        #expect(value == .text(expected) || value == Int64(expected).map { .integer($0) })
    }
}
