import ArgumentParser
import Foundation
import SocketIOWire
import Tapedeck

/// What is replayed and how it is judged, as it stands on the command line.
struct ReplayFlags: ParsableArguments {
    @Option(help: "causal (no waiting but for what must come first), recorded (the recorded clock) or flood (no waiting).")
    var pace = Choice(ReplayOptions.Pace.causal)

    @Option(help: "How many times faster than the recorded clock, with --pace recorded.")
    var speed: Double = 1

    @OptionGroup var rules: RuleFlags

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "What is sent instead: 'EVENT:PATH=VALUE', 'connect:$.token=VALUE' in the auth, 'redacted-…=VALUE' for a secret. Repeatable.",
            valueName: "rule"))
    var overridden: [String] = []

    @Option(
        help: ArgumentHelp("The auth of every connect; of one namespace's: '/admin={…}'. Repeatable.", valueName: "json"))
    var auth: [String] = []

    @Option(name: .customLong("header"), help: ArgumentHelp("A header for each request: 'Name: value'. Repeatable.", valueName: "header"))
    var headers: [String] = []

    @Option(help: "polling, websocket or upgrade (from one to the other), instead of what was recorded.")
    var transport: Choice<ReplayOptions.Transport>?

    @Option(help: "Which order counts in a session: strict (of all events), event (of one name and sender) or any (none).")
    var order = Choice(ReplayOptions.Order.event)

    @Option(help: "How long to wait for what is expected.")
    var timeout = TimeSpan(.seconds(5))

    @Option(help: "How long to watch for what is not expected.")
    var settle = TimeSpan(.milliseconds(250))

    @Flag(name: .customLong("no-barrier"), help: "Do not connect to a namespace that cannot exist to learn what the server has seen.")
    var noBarrier = false

    @Option(
        name: .customLong("session"),
        help: ArgumentHelp("Only this session's connection, by its id on the tape. Repeatable.", valueName: "id"))
    var sessions: [Int64] = []

    @Option(name: .customLong("namespace"), help: ArgumentHelp("Only this namespace. Repeatable.", valueName: "name"))
    var namespaces: [String] = []

    @Option(name: .customLong("event"), help: ArgumentHelp("Judge only this event and its acks. Repeatable.", valueName: "name"))
    var events: [String] = []

    @Option(
        help: ArgumentHelp("Only what was recorded from then on: a time (ISO 8601) or a span after the start (90s).", valueName: "time"))
    var since: ReplayTime?

    @Option(help: ArgumentHelp("Only what was recorded before: a time (ISO 8601) or a span after the start (90s).", valueName: "time"))
    var until: ReplayTime?

    @Option(help: "The server's Socket.IO path, if it is not the recorded one.")
    var path: String?

    @Option(help: ArgumentHelp("Reorder what was concurrent and hesitate now and then, as this number says.", valueName: "seed"))
    var chaos: UInt64?

    @Option(help: "How many copies of every client there are: a load test. Of broadcasts only what is missing counts then.")
    var clients = 1

    func validate() throws {
        guard speed > 0, speed.isFinite else { throw ValidationError("--speed takes a number above 0.") }
        guard (1...100_000).contains(clients) else { throw ValidationError("--clients takes a number from 1 to 100000.") }
    }

    /// - Throws: `ValidationError` for wrong usage, `RulesFileError` for a file of rules that cannot be read.
    func options() throws -> ReplayOptions {
        var options = ReplayOptions(
            pace: pace.value, speed: speed, timeout: timeout.duration, settle: settle.duration, usesBarrier: !noBarrier, path: path,
            headers: try headers.map(Self.header), namespaces: Set(namespaces), sessions: Set(sessions))
        do {
            options.rules = try rules.given()
            options.overrides = try overridden.map { try ReplayOverride(parsing: $0) }
        } catch let error as RuleError {
            throw ValidationError(error.description)
        }
        for file in try rules.files() { options.add(file) }
        for text in auth { try Self.addAuth(text, to: &options) }
        options.transport = transport?.value
        options.events = Set(events)
        options.order = order.value
        options.since = since?.moment
        options.until = until?.moment
        options.chaos = chaos
        options.copies = clients
        return options
    }

    private static func addAuth(_ text: String, to options: inout ReplayOptions) throws {
        if text.hasPrefix("/"), let equals = text.firstIndex(of: "=") {
            options.namespaceAuth[String(text[..<equals])] = try authValue(text[text.index(after: equals)...])
        } else {
            options.auth = try authValue(Substring(text))
        }
    }

    private static func authValue(_ text: Substring) throws -> JSONValue {
        do { return try JSONValue(parsing: String(text)) } catch {
            throw ValidationError("--auth takes JSON, such as '{\"token\":\"…\"}', not '\(text)'.")
        }
    }

    private static func header(_ text: String) throws -> (name: String, value: String) {
        let sides = text.split(separator: ":", maxSplits: 1)
        guard sides.count == 2 else { throw ValidationError("--header takes 'Name: value', not '\(text)'.") }
        return (String(sides[0]).trimmingCharacters(in: .whitespaces), String(sides[1]).trimmingCharacters(in: .whitespaces))
    }
}

/// A moment of a tape on the command line: ISO 8601, or a span of time after the start.
struct ReplayTime: ExpressibleByArgument, Sendable {
    let moment: ReplayMoment

    init?(argument: String) {
        if let span = TimeSpan(argument: argument) {
            moment = .after(span.duration)
            return
        }
        guard let time = Moment(argument: argument) else { return nil }
        moment = .time(time.microseconds)
    }
}
