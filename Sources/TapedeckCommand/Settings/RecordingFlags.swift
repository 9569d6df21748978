import ArgumentParser

/// The flags that say how a recording is made, as they stand on the command line.
struct RecordingFlags: ParsableArguments {
    @Option(
        name: .customLong("redact"),
        help: ArgumentHelp(
            "One more value to keep off the tape: a name (ssn), or a place in the arguments (user.card, '$[0].card', 'login:$[1]'). Repeatable.",
            valueName: "path"))
    var redact: [String] = []

    @Flag(name: .customLong("redact-nothing"), help: "Record passwords, tokens, secrets and cookies too.")
    var redactNothing = false
}
