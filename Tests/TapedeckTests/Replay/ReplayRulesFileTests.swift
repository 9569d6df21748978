import Foundation
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("A file of replay rules")
struct ReplayRulesFileTests {
    @Test("holds what --ignore, --match and --set hold, and times to refresh")
    func sections() throws {
        let file = try ReplayRules(
            yaml: """
                # noise of the chat
                version: 1
                ignore:
                  - "chat message:$[0].at"
                  - $.seen
                match:
                  "chat message:$[0].id": uuid
                  "price:$[0]": number±0.5
                set:
                  "connect:$.token": {env: TOKEN}
                  "login:$[0]": {name: bob, age: 7, tags: [a, null, "1"]}
                refresh:
                  - "book:$[0].date"
                """, environment: ["TOKEN": "letmein"])
        #expect(
            file.rules.map(\.description) == ["chat message:$[0].at", "$.seen", "chat message:$[0].id=uuid", "price:$[0]=number±0.5"])
        #expect(file.overrides.map(\.description) == ["connect:$.token", "login:$[0]", "book:$[0].date"])
        #expect(file.overrides[0].value == .fixed("letmein"))
        #expect(file.overrides[1].value == .fixed(["name": "bob", "age": 7, "tags": ["a", nil, "1"]]))
        #expect(file.overrides[2].value == .refreshed)
    }

    @Test("may be empty", arguments: ["", "# nothing yet\n", "ignore:\n", "version: 1"])
    func empty(text: String) throws {
        #expect(try ReplayRules(yaml: text).rules.isEmpty)
    }

    static let broken: [(yaml: String, line: Int, reason: String)] = [
        ("ignore:\n  - $.a\nignored:\n  - $.b\n", 3, "'ignored' is none of version, ignore, match, set, refresh"),
        ("ignore: $.a\n", 1, "'ignore' takes a list"),
        ("match:\n  - $.a\n", 2, "'match' takes lines"),
        ("ignore:\n  - $.a\n  - '$['\n", 3, "'[' is not closed"),
        ("match:\n  'e:$.a': uuid\n  'e:$.b': colour\n", 3, "'colour' is no kind"),
        ("set:\n  e: 1\n", 2, "it needs a path"),
        ("set:\n  'e:$.a':\n    env: NO_SUCH_VARIABLE\n", 3, "NO_SUCH_VARIABLE is not set"),
        ("version: 2\n", 1, "the only version is 1"),
        ("- a\n", 1, "it must be a mapping"),
        ("ignore: [a\nmatch: {\n", 2, "it is not YAML"),
        ("ignore: []\nignore: []\n", 1, "a key is there twice"),
    ]

    @Test("names the line of what is wrong with it", arguments: broken)
    func errors(yaml: String, line: Int, reason: String) {
        let error = #expect(throws: RulesFileError.self) { _ = try ReplayRules(yaml: yaml, file: "rules.yaml", environment: [:]) }
        #expect(error?.line == line, "\(error?.description ?? "")")
        #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("rules.yaml:\(line): ") == true)
    }

    @Test("that is not there is named")
    func missing() {
        let error = #expect(throws: RulesFileError.self) { _ = try ReplayRules(file: "/no/such/rules.yaml") }
        #expect(error?.file == "/no/such/rules.yaml")
    }

    @Test("has a schema that names the same sections")
    func schema() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "docs/replay-rules.schema.json"), encoding: .utf8)
        let schema = try JSONValue(parsing: text)
        #expect(schema["properties"]?.objectValue?.map(\.key) == ReplayRules.sections)
        #expect(schema["additionalProperties"] == false)
    }

    @Test("is what learning proposes: the strictest rule for each place, with the evidence")
    func learning() throws {
        var learner = RuleLearner()
        let rules = try [ReplayRule(ignoring: "nothing")]
        for seed in 2..<4 {
            let (report, _) = SimulatedReplay.run(ReplayMachineTests.conversation(), options: ReplayOptions(rules: rules), seed: seed)
            #expect(!report.isMatch)
            learner.add(report)
        }
        let yaml = learner.yaml(tape: "monday.tape")
        let learned = try ReplayRules(yaml: yaml)
        #expect(learned.rules.map(\.event) == ["chat message"], "\(yaml)")
        #expect(yaml.contains("# in 2 of 2 runs: "), "\(yaml)")
        let (report, _) = SimulatedReplay.run(ReplayMachineTests.conversation(), options: ReplayOptions(rules: learned.rules), seed: 5)
        #expect(report.isMatch, "\(yaml)\n\(report.text())")
    }
}
