import ArgumentParser
import Tapedeck

/// What may differ from a recording, as it stands on the command line.
struct RuleFlags: ParsableArguments {
    @Option(
        name: .customLong("ignore"),
        help: ArgumentHelp(
            "What may differ: '$.at', of one event 'chat message:$[0].at', of a connect 'connect:$.token'. Repeatable.", valueName: "path"))
    var ignored: [String] = []

    @Option(
        name: .customLong("match"),
        help: ArgumentHelp(
            "What a value must look like: 'EVENT:PATH=uuid|iso8601|epoch|number|number±N|string|any|unordered|subset|/regex/'. Repeatable.",
            valueName: "rule"))
    var matched: [String] = []

    @Option(name: .customLong("rules"), help: ArgumentHelp("A file of rules, YAML. Repeatable.", valueName: "file"), completion: .file())
    var rulesFiles: [String] = []

    /// - Throws: `RuleError` for one that cannot be read.
    func given() throws -> [ReplayRule] {
        try ignored.map { try ReplayRule(ignoring: $0) } + matched.map { try ReplayRule(matching: $0) }
    }

    /// - Throws: `RulesFileError` for one that cannot be read.
    func files() throws -> [ReplayRules] { try rulesFiles.map { try ReplayRules(file: $0) } }
}
