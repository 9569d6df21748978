import ArgumentParser
import SocketIOWire
import Tape

/// How a recording is made: flags, environment and defaults put together and checked.
struct RecordingSettings {
    var options = TapeOptions()
    /// What the view `runs` says of it.
    private(set) var summary: JSONObject = [:]

    init() {}

    /// - Throws: `ValidationError` for a value that cannot be.
    init(_ flags: RecordingFlags, _ settings: Settings) throws {
        try readRedaction(flags, settings)
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
