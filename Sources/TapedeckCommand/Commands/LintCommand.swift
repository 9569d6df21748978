import ArgumentParser
import Foundation
import SocketIOWire
import Tapedeck

struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Looks for what will make a tape a bad fixture.",
        discussion: """
            Dates that expire, timers, missing acks, gaps, secrets by their looks, and the time of day in what the server sends.
            Exit status: 0 nothing found, 1 something, 2 it could not be done.
            """
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Option(
        name: .customLong("skip"),
        help: ArgumentHelp("Do not look for that: dates, timers, acks, gaps, secrets or clock. Repeatable.", valueName: "check"))
    var skipped: [Choice<LintFinding.Check>] = []

    @Flag(help: "As a JSON array.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            let checks = Set(LintFinding.Check.allCases).subtracting(skipped.map(\.value))
            let findings = try TapeLint.findings(tape: tape, checks: checks)
            let output = StandardOutput()
            if json {
                try output.write(JSONValue.array(findings.map(\.json)).description + "\n")
            } else {
                for finding in findings { try output.write(finding.text + "\n") }
                try output.write(
                    findings.isEmpty ? "nothing found\n" : "\(findings.count) finding\(findings.count == 1 ? "" : "s")\n")
            }
            try output.flush()
            if !findings.isEmpty { throw ExitCode(1) }
        }
    }
}
