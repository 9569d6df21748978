import ArgumentParser
import Tape

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

    @Option(
        name: .customLong("on-loss"),
        help:
            "When traffic cannot be recorded: mark (serve on and count what is missing), refuse (no new connections), stop. (default: mark)"
    )
    var onLoss: Choice<LossPolicy>?

    @Option(name: .customLong("flush-interval"), help: "How old a packet may become before it is in the file. (default: 50ms)")
    var flushInterval: TimeSpan?

    @Option(help: "normal, or full: each write is synced to the disk, to survive a power cut. (default: normal)")
    var durability: Choice<TapeOptions.Durability>?

    @Option(
        name: .customLong("max-tape-size"),
        help: "Size at which the tape is finished as NAME-TIME.tape and recording goes on in a new one: 500m, 2g.")
    var maxTapeSize: ByteCount?

    @Option(name: .customLong("max-tape-age"), help: "Time after which that happens: 30m, 24h.")
    var maxTapeAge: TimeSpan?

    @Option(name: .customLong("keep-tapes"), help: ArgumentHelp("How many finished tapes to keep. (default: all)", valueName: "n"))
    var keepTapes: Int?
}
