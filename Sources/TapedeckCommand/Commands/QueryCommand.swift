import ArgumentParser
import Foundation
import Tape
import Tapedeck

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Asks a tape in SQL, read-only.",
        discussion: """
            The views are runs, connections, sessions, packets, attachments, events, acks, room_changes, room_members and gaps.
            Example: tapedeck query tapedeck.tape "SELECT event, latency_ms FROM acks ORDER BY latency_ms DESC LIMIT 5"
            """
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Argument(help: "One SELECT statement.")
    var sql: String

    @Option(help: "table, json, ndjson or csv.")
    var format = Choice(TableFormat.table)

    func run() async throws {
        try await reportingFailures {
            let output = StandardOutput()
            var limits = QueryLimits()
            limits.timeout = .seconds(600)
            limits.maxRows = .max
            limits.maxResultBytes = .max
            var printer: TablePrinter?
            _ = try TapeReader(path: tape).query(
                sql, limits: limits,
                columns: { printer = try TablePrinter(format.value, columns: $0, write: output.write) },
                row: { try printer?.print($0) })
            try printer?.finish()
            try output.flush()
        }
    }
}
