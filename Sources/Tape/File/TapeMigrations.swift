/// The numbered files of `migrations/`; a tape's `user_version` is the number of the last one it has had.
enum TapeMigrations {
    struct Migration {
        let number: Int
        let sql: String
    }

    /// "TAPE", in `PRAGMA application_id`.
    static let applicationID: Int64 = 0x5441_5045

    static let all: [Migration] = EmbeddedFile.all.compactMap { file in
        let parts = file.path.split(separator: "/")
        guard parts.count == 2, parts[0] == "migrations", let number = Int(parts[1].prefix { $0.isNumber }) else { return nil }
        return Migration(number: number, sql: file.text)
    }.sorted { $0.number < $1.number }

    static var latest: Int { all.last?.number ?? 0 }

    /// Applies what the tape lacks, each migration in a transaction of its own.
    static func apply(to connection: SQLiteConnection) throws(SQLiteError) {
        for migration in all {
            try connection.execute("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                // Asked inside the transaction: nobody else can be migrating now.
                if try connection.integer("PRAGMA user_version") ?? 0 < migration.number {
                    try connection.execute(migration.sql)
                    try connection.execute("PRAGMA user_version = \(migration.number)")
                }
                try connection.execute("COMMIT")
            } catch {
                if connection.isInTransaction { try connection.execute("ROLLBACK") }
                throw error
            }
        }
    }
}
