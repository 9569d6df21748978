import SocketIOWire

/// Proposes rules from what differed against a server that is known to be good, each with its evidence. It hides nothing by itself: a
/// person reads the file and keeps what is right.
public struct RuleLearner: Sendable {
    private struct Place: Hashable {
        let event: String
        let path: String
    }

    private struct Evidence {
        var expected: [String] = []
        var got: [String] = []
        var kinds: Set<ReplayDifference.Kind> = []
        var runs: Set<Int> = []
    }

    private var places: [Place: Evidence] = [:]
    private var events: [String: Set<Int>] = [:]
    private var unruled: [String: Set<Int>] = [:]
    private var runs = 0

    public init() {}

    /// Takes the report of one more run in.
    public mutating func add(_ report: ReplayReport) {
        runs += 1
        for finding in report.findings {
            guard let event = finding.event, finding.kind == .changed, finding.differences.allSatisfy({ $0.path.hasPrefix("$") }) else {
                if let event = finding.event, finding.kind == .missing || finding.kind == .extra {
                    events[event, default: []].insert(runs)
                } else {
                    unruled["\(finding.kind.rawValue): \(finding.title)", default: []].insert(runs)
                }
                continue
            }
            for difference in finding.differences {
                let place = Place(event: event, path: Self.withoutInnerIndices(difference.path))
                var evidence = places[place] ?? Evidence()
                evidence.kinds.insert(difference.kind)
                evidence.runs.insert(runs)
                if evidence.got.count < 8 {
                    if let expected = difference.expected { evidence.expected.append(expected) }
                    if let got = difference.got { evidence.got.append(got) }
                }
                places[place] = evidence
            }
        }
    }

    /// `$[0].users[3].id` becomes `$[0].users[*].id`: what differs in one element of a list will differ in the others.
    private static func withoutInnerIndices(_ path: String) -> String {
        let argument = path.firstIndex(of: "]").map { path.index(after: $0) } ?? path.startIndex
        return String(path[..<argument]) + path[argument...].replacing(/\[\d+\]/, with: "[*]")
    }

    /// Whether anything differed at all.
    public var isEmpty: Bool { places.isEmpty && events.isEmpty && unruled.isEmpty }

    /// A file of rules, with the evidence as comments.
    /// - Parameter tape: what was replayed, for the file's first line.
    public func yaml(tape: String) -> String {
        var lines = [
            "# Rules proposed from \(runs) replays of \(tape) against a good server. Read them, keep what is noise, delete the rest.",
            "version: 1",
        ]
        var ignored: [String] = []
        var matched: [String] = []
        for (place, evidence) in places.sorted(by: { ($0.key.event, $0.key.path) < ($1.key.event, $1.key.path) }) {
            let key = Self.quoted("\(place.event):\(place.path)")
            let comment =
                "  # in \(evidence.runs.count) of \(runs) runs: \(Self.sample(evidence.expected)) was recorded, \(Self.sample(evidence.got)) came"
            if let kind = Self.kind(of: evidence) {
                matched += [comment, "  \(key): \(kind)"]
            } else {
                ignored += [comment, "  - \(key)"]
            }
        }
        for (event, seen) in events.sorted(by: { $0.key < $1.key }) {
            ignored += [
                "  # in \(seen.count) of \(runs) runs it came, or did not come, unlike in the recording", "  - \(Self.quoted(event))",
            ]
        }
        if !ignored.isEmpty { lines += ["ignore:"] + ignored }
        if !matched.isEmpty { lines += ["match:"] + matched }
        for (title, seen) in unruled.sorted(by: { $0.key < $1.key }) {
            lines.append("# No rule can accept this (in \(seen.count) of \(runs) runs): \(title.replacing("\n", with: " "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sample(_ values: [String]) -> String { values.first.map { $0.replacing("\n", with: " ") } ?? "nothing" }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }

    /// The strictest kind that all values are of; `nil` where something was missing or added, or nothing is common to them.
    private static func kind(of evidence: Evidence) -> String? {
        guard evidence.kinds == [.value] else { return nil }
        let values = (evidence.expected + evidence.got).map { try? JSONValue(parsing: $0) }
        guard !values.isEmpty else { return nil }
        let kinds: [(ValueKind, String)] = [
            (.uuid, "uuid"), (.iso8601, "iso8601"), (.epoch, "epoch"), (.number, "number"), (.string, "string"),
        ]
        return kinds.first { kind, _ in values.allSatisfy { $0.map(kind.accepts) ?? false } }?.1
    }
}
