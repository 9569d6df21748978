package import SocketIOWire
package import Tape

/// How the rows of a query are printed.
package enum TableFormat: String, CaseIterable, Sendable {
    case table, json, ndjson, csv

    /// A whole result as text.
    package func text(of result: QueryResult) throws -> String {
        var text = ""
        try withoutActuallyEscaping({ (piece: String) in text += piece }) { write in
            var printer = try TablePrinter(self, columns: result.columns, write: write)
            for row in result.rows { try printer.print(row) }
            try printer.finish()
        }
        return text
    }
}

/// Turns rows into text, one piece at a time, so that a large result needs no large memory. Only `table` must see all rows first, for its widths.
package struct TablePrinter {
    private let format: TableFormat
    private let columns: [String]
    private let write: (String) throws -> Void
    private var rows: [[String]] = []
    private var isFirst = true

    package init(_ format: TableFormat, columns: [String], write: @escaping (String) throws -> Void) throws {
        self.format = format
        self.columns = columns
        self.write = write
        if format == .csv { try write(columns.map(TableFormat.csvField).joined(separator: ",") + "\r\n") }
        if format == .json { try write("[") }
    }

    package mutating func print(_ row: [TapeValue]) throws {
        switch format {
        case .table:
            rows.append(row.map { Self.cell($0) })
        case .csv:
            try write(row.map { $0.isNull ? "" : TableFormat.csvField($0.text) }.joined(separator: ",") + "\r\n")
        case .json:
            try write((isFirst ? "\n" : ",\n") + object(row))
        case .ndjson:
            try write(object(row) + "\n")
        }
        isFirst = false
    }

    package mutating func finish() throws {
        switch format {
        case .json: try write(isFirst ? "]\n" : "\n]\n")
        case .table: try printTable()
        case .csv, .ndjson: break
        }
    }

    private func object(_ row: [TapeValue]) -> String {
        JSONValue.object(JSONObject(zip(columns, row).map { (key: $0, value: $1.json) })).description
    }

    private func printTable() throws {
        let widths = columns.indices.map { column in
            rows.reduce(columns[column].count) { max($0, $1[column].count) }
        }
        let line = { (cells: [String]) in
            zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ").trimmingSuffix(" ") + "\n"
        }
        try write(line(columns))
        try write(line(widths.map { String(repeating: "-", count: $0) }))
        for row in rows { try write(line(row)) }
    }

    /// Control characters would break the lines, and a terminal obeys some of them.
    private static func cell(_ value: TapeValue) -> String {
        String(value.text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0) })
    }

}

extension TableFormat {
    /// RFC 4180: quoted where it must be.
    static func csvField(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension TapeValue {
    fileprivate var isNull: Bool { if case .null = self { true } else { false } }

    /// The value as a person reads it; a blob in hexadecimal.
    package var text: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .text(let value): value
        case .blob(let bytes): "x'" + bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined() + "'"
        }
    }

    package var json: JSONValue {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .real(let value): .number(value)
        case .text(let value): .string(value)
        case .blob: .string(text)
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self[...]
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
