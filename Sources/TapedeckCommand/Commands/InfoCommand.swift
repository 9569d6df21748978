import ArgumentParser
import Foundation
import SocketIOWire
import Tape
import Tapedeck

struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Sums a tape up: runs, sessions, packets, time span, size, gaps."
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Flag(help: "As one JSON object.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            let output = StandardOutput()
            let reader = try TapeReader(path: tape)
            let (summary, runs) = try await reader.read { try ($0.summary(), $0.runs(limit: 1000).items) }
            try output.write(json ? Self.json(summary, runs) : Self.text(tape, summary, runs))
            try output.flush()
        }
    }

    private static func json(_ summary: TapeSummary, _ runs: [RunRow]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(summary), as: UTF8.self) + "\n"
    }

    private static func text(_ path: String, _ summary: TapeSummary, _ runs: [RunRow]) -> String {
        var lines = [
            "Tape          \(path)",
            "Size          \(summary.fileBytes) bytes, schema \(summary.version)",
            "Time span     \(summary.firstAt ?? "-") to \(summary.lastAt ?? "-")",
            "Runs          \(summary.runs)",
            "Connections   \(summary.connections), \(summary.openConnections) open",
            "Sessions      \(summary.sessions), \(summary.openSessions) open",
            "Packets       \(summary.packets), \(summary.packetsIn) in, \(summary.packetsOut) out",
            "Broadcasts    \(summary.broadcasts)",
            "Acks          \(summary.acks), \(summary.unansweredAcks) unanswered",
            summary.gaps == 0 ? "Gaps          none" : "Gaps          \(summary.gaps), \(summary.lostPackets) packets are missing",
        ]
        for run in runs {
            lines.append("Run \(run.id): \(run.kind) on \(run.host ?? "-"), \(run.startedAt) to \(run.endedAt ?? "now"), \(run.status)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
