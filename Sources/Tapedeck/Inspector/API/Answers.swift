import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire
import Tape

extension Response {
    init(json value: JSONValue) {
        self.init(status: .ok, headers: [.contentType: "application/json; charset=utf-8"], body: .init(byteBuffer: value.serialized()))
    }

}

extension Problem {
    static func no(_ what: String) -> Problem {
        Problem(status: .notFound, title: "Not found", detail: "There is no \(what) on this tape.")
    }
}

extension JSONValue {
    /// Columns that hold JSON text; in an answer they are JSON, not a text that has to be parsed once more.
    private static let nested: Set<String> = ["data", "auth", "headers", "settings"]

    /// A list as all of them are: `{"items": […], "next": CURSOR or null}`.
    init<Row: TapeRow>(items: [Row], next: String? = nil) throws {
        self = ["items": .array(try items.map { try JSONValue(row: $0) }), "next": next.map { .string($0) } ?? .null]
    }

    init<Row: TapeRow>(page: TapePage<Row>) throws {
        try self.init(items: page.items, next: page.next.map { String($0) })
    }

    /// A row with its columns' names as keys; what is NULL on the tape is null here.
    init<Row: TapeRow>(row: Row) throws {
        var writer = ArgumentWriter()
        try writer.append(row)
        guard case .object(var object) = writer.arguments[0] else {
            self = .null
            return
        }
        for name in Self.nested {
            guard case .string(let text)? = object[name] else { continue }
            // A packet that could not be decoded has no JSON; it stays the text that it is.
            if let value = try? JSONValue(parsing: text) { object[name] = value }
        }
        for name in Row.columns where object[name] == nil { object[name] = .null }
        self = .object(object)
    }
}
