import ArgumentParser
import SocketIOWire
import Tape

/// How a recording is made: flags, environment and defaults put together and checked.
struct RecordingSettings {
    var options = TapeOptions()
    var onLoss = LossPolicy.mark
    /// What the view `runs` says of it.
    private(set) var summary: JSONObject = [:]

    init() {}

    /// - Throws: `ValidationError` for a value that cannot be.
    init(_ flags: RecordingFlags, _ settings: Settings) throws {
        try readRedaction(flags, settings)
        onLoss = try settings.value(flags.onLoss, "ON_LOSS")?.value ?? onLoss
        if let interval = try settings.value(flags.flushInterval, "FLUSH_INTERVAL") {
            guard interval.duration >= .milliseconds(1) else { throw ValidationError("--flush-interval takes 1ms or more.") }
            options.flushInterval = interval.duration
        }
        options.durability = try settings.value(flags.durability, "DURABILITY")?.value ?? options.durability
        options.maxTapeBytes = try settings.value(flags.maxTapeSize, "MAX_TAPE_SIZE")?.bytes
        if let bytes = options.maxTapeBytes, bytes < 1 << 20 { throw ValidationError("--max-tape-size takes 1m or more.") }
        options.maxTapeAge = try settings.value(flags.maxTapeAge, "MAX_TAPE_AGE")?.duration
        options.keptTapes = try settings.value(flags.keepTapes, "KEEP_TAPES")
        if let count = options.keptTapes, count < 0 { throw ValidationError("--keep-tapes takes a number from 0.") }
        summary["on_loss"] = .string(onLoss.rawValue)
        summary["durability"] = .string(options.durability.rawValue)
    }

    private mutating func readRedaction(_ flags: RecordingFlags, _ settings: Settings) throws {
        let rules = settings.list(flags.redact, "REDACT")
        // Never a flag: other users of the machine can read those.
        let key = try settings.value(nil as String?, "REDACT_KEY")
        if try settings.isOn(flags.redactNothing, "REDACT_NOTHING") {
            guard rules.isEmpty else { throw ValidationError("--redact and --redact-nothing exclude each other.") }
            options.redaction = .nothing
            summary["redaction"] = "nothing"
            return
        }
        do {
            options.redaction = try Redaction(adding: rules, key: key.map { Array($0.utf8) })
        } catch let error as RulePathError {
            throw ValidationError("--redact: \(error)")
        }
        summary["redaction"] = "standard"
        if !rules.isEmpty { summary["redact"] = .array(rules.map { .string($0) }) }
    }
}
