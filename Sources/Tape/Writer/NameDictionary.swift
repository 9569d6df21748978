/// Names that repeat (events, namespaces, rooms), by the ids of their rows.
///
/// The cache is bounded: clients choose event names, so it is emptied when it is full and filled again from the table.
struct NameDictionary {
    private struct Key: Hashable {
        let scope: Int64?
        let name: String
    }

    private let select: SQLiteStatement
    private let insert: SQLiteStatement
    private let connection: SQLiteConnection
    private let limit: Int
    private var ids: [Key: Int64] = [:]
    /// Most packets have the name of the one before.
    private var recent: (key: Key, id: Int64)?

    /// A table `(id, name)`, or with a scope `(id, SCOPE, name)`.
    init(_ connection: SQLiteConnection, table: String, scope: String? = nil, limit: Int = 20_000) throws(SQLiteError) {
        self.connection = connection
        self.limit = limit
        if let scope {
            select = try connection.prepare("SELECT id FROM \(table) WHERE name = ?1 AND \(scope) = ?2")
            insert = try connection.prepare("INSERT INTO \(table) (name, \(scope)) VALUES (?1, ?2) RETURNING id")
        } else {
            select = try connection.prepare("SELECT id FROM \(table) WHERE name = ?1")
            insert = try connection.prepare("INSERT INTO \(table) (name) VALUES (?1) RETURNING id")
        }
    }

    mutating func id(of name: String, in scope: Int64? = nil) throws(SQLiteError) -> Int64 {
        let key = Key(scope: scope, name: name)
        if let recent, recent.key == key { return recent.id }
        if let id = ids[key] {
            recent = (key, id)
            return id
        }
        var id = try first(select, name, scope)
        if id == nil { id = try first(insert, name, scope) }
        guard let id else { throw connection.lastError }
        if ids.count >= limit { ids.removeAll(keepingCapacity: true) }
        // A very long name would make the cache's bound meaningless.
        if name.utf8.count <= 1024 { ids[key] = id }
        return id
    }

    /// After a rollback the rows may be gone.
    mutating func forget() {
        ids.removeAll(keepingCapacity: true)
        recent = nil
    }

    private func first(_ statement: SQLiteStatement, _ name: String, _ scope: Int64?) throws(SQLiteError) -> Int64? {
        statement.bind(1, name)
        if let scope { statement.bind(2, scope) }
        let id = try statement.step() ? statement.integer(0) : nil
        statement.reset()
        return id
    }
}
