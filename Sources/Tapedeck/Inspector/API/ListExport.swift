import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire
import Tape

/// A list as CSV or NDJSON, streamed: it is read page by page as the client takes it, so neither memory nor the tape's WAL grows with it.
enum ListExport {
    static let pageSize = 500

    static func response<Row: TapeRow>(
        as format: TableFormat, limit: Int, first: TapePage<Row>, next: @escaping @Sendable (Int64, Int) async throws -> TapePage<Row>?
    ) -> Response {
        let type = format == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson"
        return Response(
            status: .ok, headers: [.contentType: type],
            body: ResponseBody { writer in
                var page = first
                var left = limit
                if format == .csv {
                    try await writer.write(ByteBuffer(string: Row.columns.map(TableFormat.csvField).joined(separator: ",") + "\r\n"))
                }
                while true {
                    var text = ByteBuffer()
                    for row in page.items.prefix(left) { text.writeString(try line(row, format)) }
                    left -= page.items.count
                    if text.readableBytes > 0 { try await writer.write(text) }
                    guard let cursor = page.next, left > 0, let following = try await next(cursor, min(left, pageSize)) else { break }
                    page = following
                }
                try await writer.finish(nil)
            })
    }

    private static func line<Row: TapeRow>(_ row: Row, _ format: TableFormat) throws -> String {
        let value = try JSONValue(row: row)
        guard format == .csv else { return value.description + "\n" }
        let fields = Row.columns.map { column -> String in
            switch value[column] {
            case nil, .null: ""
            case .string(let text): TableFormat.csvField(text)
            case let other?: TableFormat.csvField(other.description)
            }
        }
        return fields.joined(separator: ",") + "\r\n"
    }
}
