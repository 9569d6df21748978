import ArgumentParser
import Foundation
import Tape
import Tapedeck

struct CutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut",
        abstract: "Makes a smaller tape that still replays: chosen sessions, namespaces, events or a time span.",
        discussion: """
            Example: tapedeck cut tapedeck.tape checkout.tape --session 3 --session 4 --since 2026-11-23T08:15:00Z
            Several flags of one kind are 'or', flags of different kinds are 'and'. Connects, disconnects and rooms of the sessions are kept.
            For a fixture: --with-causes takes what the chosen sessions need, --scrub takes values out, --plan shows what replay would send;
            'tapedeck lint' looks at the result.
            """
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Argument(help: "The tape to make. There must be no file of that name.", completion: .file())
    var output: String

    @Option(name: .customLong("session"), help: ArgumentHelp("Id in the view sessions. Repeatable.", valueName: "id"))
    var sessions: [Int64] = []

    @Option(name: .customLong("connection"), help: ArgumentHelp("Id in the view connections. Repeatable.", valueName: "id"))
    var connections: [Int64] = []

    @Option(name: .customLong("namespace"), help: "Repeatable.")
    var namespaces: [String] = []

    @Option(name: .customLong("event"), help: "Events of this name with their acks. Repeatable.")
    var events: [String] = []

    @Option(help: ArgumentHelp("Packets from then on: 2026-11-23T08:15:00Z, or '2026-11-23 08:15'.", valueName: "time"))
    var since: Moment?

    @Option(help: ArgumentHelp("Packets before then.", valueName: "time"))
    var until: Moment?

    @Flag(
        name: .customLong("with-causes"),
        help: "With --session: also the sessions whose acts the chosen ones answer to, or that first got what they send.")
    var withCauses = false

    @Option(
        name: .customLong("scrub"),
        help: ArgumentHelp(
            "Take a value out, and what is named like a secret: a name (ssn), or a place in the arguments (user.card, 'login:$[1]'). Repeatable.",
            valueName: "path"))
    var scrubbed: [String] = []

    @Flag(help: "Print what replay would send and expect.")
    var plan = false

    func validate() throws {
        if withCauses, sessions.isEmpty { throw ValidationError("--with-causes goes with --session.") }
    }

    func run() async throws {
        try await reportingFailures {
            var selection = TapeSelection()
            selection.sessions = withCauses ? try CausalClosure.sessions(sessions, tape: tape) : sessions
            selection.connections = connections
            selection.namespaces = namespaces
            selection.events = events
            selection.since = since?.microseconds
            selection.until = until?.microseconds
            let summary = try TapeCut.cut(tape, to: output, selection, scrubbing: redaction())
            let made = StandardOutput()
            try made.write("\(output): \(summary.text)\n")
            if plan { try Replay(output).writePlan(to: made.write) }
            try made.flush()
        }
    }
}

extension CutCommand {
    private func redaction() throws -> Redaction {
        guard !scrubbed.isEmpty else { return .nothing }
        // never a flag: other users of the machine can read those
        let key = try Settings().value(nil as String?, "REDACT_KEY")
        do { return try Redaction(adding: scrubbed, key: key.map { Array($0.utf8) }) } catch let error as RulePathError {
            throw ValidationError("--scrub: \(error)")
        }
    }
}

extension TapeCopySummary {
    var text: String { "\(connections) connections, \(sessions) sessions, \(packets) packets" }
}

/// A time on the command line, in UTC unless it says otherwise.
struct Moment: ExpressibleByArgument, Sendable {
    let microseconds: Int64

    init?(argument: String) {
        var text = argument.replacing(" ", with: "T")
        if !text.contains("T") { text += "T00:00" }
        if text.firstMatch(of: /(Z|[+-]\d\d:?\d\d)$/) == nil { text += "Z" }
        text = text.replacing(/T(\d\d:\d\d)(?=Z|[+-])/) { "T\($0.1):00" }
        // Foundation knows milliseconds at best; the tape has more.
        var fraction: Int64 = 0
        if let digits = text.firstMatch(of: /\.(\d{1,6})\d*/) {
            fraction = Int64(digits.1 + String(repeating: "0", count: 6 - digits.1.count)) ?? 0
            text = text.replacing(digits.0, with: "")
        }
        do {
            let date = try Date.ISO8601FormatStyle().parse(text)
            microseconds = Int64(date.timeIntervalSince1970) * 1_000_000 + fraction
        } catch {
            return nil
        }
    }
}
