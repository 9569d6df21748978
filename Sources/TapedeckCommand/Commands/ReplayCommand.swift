import ArgumentParser
import Foundation
import Tapedeck

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Sends a tape's conversations to a live server and compares what comes back.",
        discussion: """
            One client per recorded connection sends what it sent then, as soon as everything that it had received before has come again.
            Exit status: 0 everything matched, 1 there are differences, 2 it could not be done.
            """
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Argument(help: "The server's address, such as http://localhost:3000.")
    var url: String

    @Option(help: "causal (no waiting but for what must come first), recorded (the recorded clock) or flood (no waiting).")
    var pace = Choice(ReplayOptions.Pace.causal)

    @Option(help: "How many times faster than the recorded clock, with --pace recorded.")
    var speed: Double = 1

    @Option(
        name: .customLong("ignore"),
        help: ArgumentHelp("What may differ: '$.at', or of one event 'chat message:$[0].at'. Repeatable.", valueName: "path"))
    var ignored: [String] = []

    @Option(
        name: .customLong("match"),
        help: ArgumentHelp(
            "What a value must look like: 'EVENT:PATH=uuid|iso8601|number|string|any|/regex/'. Repeatable.", valueName: "rule"))
    var matched: [String] = []

    @Option(help: "How long to wait for what is expected.")
    var timeout = TimeSpan(.seconds(5))

    @Option(help: "How long to watch for what is not expected.")
    var settle = TimeSpan(.milliseconds(250))

    @Flag(name: .customLong("no-barrier"), help: "Do not connect to a namespace that cannot exist to learn what the server has seen.")
    var noBarrier = false

    @Option(name: .customLong("header"), help: ArgumentHelp("A header for each request: 'Name: value'. Repeatable.", valueName: "header"))
    var headers: [String] = []

    @Option(
        name: .customLong("session"),
        help: ArgumentHelp("Only this session's connection, by its id on the tape. Repeatable.", valueName: "id"))
    var sessions: [Int64] = []

    @Option(name: .customLong("namespace"), help: ArgumentHelp("Only this namespace. Repeatable.", valueName: "name"))
    var namespaces: [String] = []

    @Option(help: "The server's Socket.IO path, if it is not the recorded one.")
    var path: String?

    @Option(help: ArgumentHelp("Write the report as JSON too.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the plan to a file and replay nothing.", valueName: "file"))
    var plan: String?

    @Option(name: .customLong("fail-on"), help: "The lowest grade of a difference that counts: high, medium or low.")
    var failOn = Choice(ReplayFinding.Grade.low)

    @Flag(help: "List what was carried over from the server's answers too.")
    var verbose = false

    func validate() throws {
        guard speed > 0, speed.isFinite else { throw ValidationError("--speed takes a number above 0.") }
    }

    func run() async throws {
        let options = try options()
        try await reportingFailures {
            let replay = Replay(tape: tape, options)
            if let plan { return try Data(replay.planText().utf8).write(to: URL(filePath: plan)) }
            let report = try await replay.run(against: url)
            let output = StandardOutput()
            try output.write(report.text(verbose: verbose))
            try output.flush()
            if let json { try Data(report.json().utf8).write(to: URL(filePath: json)) }
            if report.fails(on: failOn.value) { throw ExitCode(1) }
        }
    }

    private func options() throws -> ReplayOptions {
        do {
            return ReplayOptions(
                pace: pace.value, speed: speed, timeout: timeout.duration, settle: settle.duration, usesBarrier: !noBarrier,
                rules: try ignored.map { try ReplayRule(ignoring: $0) } + matched.map { try ReplayRule(matching: $0) }, path: path,
                headers: try headers.map(Self.header), namespaces: Set(namespaces), sessions: Set(sessions))
        } catch let error as RuleError {
            throw ValidationError(error.description)
        }
    }

    private static func header(_ text: String) throws -> (name: String, value: String) {
        let sides = text.split(separator: ":", maxSplits: 1)
        guard sides.count == 2 else { throw ValidationError("--header takes 'Name: value', not '\(text)'.") }
        return (String(sides[0]).trimmingCharacters(in: .whitespaces), String(sides[1]).trimmingCharacters(in: .whitespaces))
    }
}
