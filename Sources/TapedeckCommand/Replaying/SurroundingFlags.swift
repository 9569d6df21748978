import ArgumentParser

/// What happens around a replay: the server's state, its readiness, repetition.
struct SurroundingFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A shell command before each run, to reset the server's state; if it fails there is no run.", valueName: "command"))
    var before: String?

    @Option(help: ArgumentHelp("A shell command after each run.", valueName: "command"))
    var after: String?

    @Option(
        name: .customLong("wait-for"),
        help: ArgumentHelp("Before each run, wait until this http(s) URL answers without an error.", valueName: "url"))
    var waitFor: String?

    @Option(name: .customLong("wait-timeout"), help: "How long to wait for --wait-for.")
    var waitTimeout = TimeSpan(.seconds(60))

    @Option(name: .customLong("repeat"), help: "How many times to replay.")
    var repetitions = 1

    @Option(
        help: "How often a run with differences is tried again. If one comes out right, the verdict is 'flaky': exit status 1 all the same."
    )
    var retry = 0

    func validate() throws {
        guard (0...100).contains(retry) else { throw ValidationError("--retry takes a number from 0 to 100.") }
        guard repetitions > 0 else { throw ValidationError("--repeat takes a number above 0.") }
    }
}
