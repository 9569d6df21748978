import GRDB

/// The terms of a WHERE clause with their values.
struct Conditions {
    private(set) var terms: [String] = []
    private(set) var arguments: [any DatabaseValueConvertible] = []

    mutating func add(_ term: String) { terms.append(term) }

    /// Adds the term if there is a value for its placeholder.
    mutating func add(_ term: String, _ value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        terms.append(term)
        arguments.append(value)
    }

    mutating func add(_ term: String, values: [any DatabaseValueConvertible]) {
        terms.append(term)
        arguments += values
    }

    var sql: String { terms.isEmpty ? "" : " WHERE " + terms.map { "(\($0))" }.joined(separator: " AND ") }
}

extension TapeSnapshot {
    /// Rows of a list above an id, and where the rest begins.
    func page<Item>(
        _ select: String, _ conditions: Conditions, id: String, _ after: Int64, _ limit: Int, _ make: (Row) -> Item,
        _ key: (Item) -> Int64
    ) throws -> TapePage<Item> {
        var conditions = conditions
        conditions.add("\(id) > ?", after)
        let limit = max(1, limit)
        let sql = select + conditions.sql + " ORDER BY \(id) LIMIT \(limit + 1)"
        var items = try all(sql, conditions.arguments, make)
        guard items.count > limit else { return TapePage(items: items, next: nil) }
        items.removeLast()
        return TapePage(items: items, next: items.last.map(key))
    }

    func all<Item>(_ sql: String, _ arguments: [any DatabaseValueConvertible] = [], _ make: (Row) -> Item) throws -> [Item] {
        let statement = try database.cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map { $0.databaseValue }))
        var items: [Item] = []
        while let row = try rows.next() { items.append(make(row)) }
        return items
    }

    func row(_ sql: String, _ arguments: [any DatabaseValueConvertible] = []) throws -> Row? {
        let statement = try database.cachedStatement(sql: sql)
        return try Row.fetchOne(statement, arguments: StatementArguments(arguments.map { $0.databaseValue }))
    }

    func integer(_ sql: String, _ arguments: [any DatabaseValueConvertible] = []) throws -> Int64? {
        try row(sql, arguments)?[0]
    }

    /// Whether the query has few rows; looks at no more than that.
    func isSmall(_ sql: String, _ arguments: [any DatabaseValueConvertible], limit: Int = 5000) throws -> Bool {
        try integer("SELECT count(*) FROM (\(sql) LIMIT \(limit + 1))", arguments) ?? 0 <= limit
    }
}
