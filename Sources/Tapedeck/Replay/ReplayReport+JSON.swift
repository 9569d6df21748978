import SocketIOWire
import Tape

extension ReplayReport {
    /// The report for programs: one JSON object, its keys always in the same order.
    public func json() -> String {
        let object: JSONValue = [
            "verdict": .string(isMatch ? "same" : "different"),
            "connections": Self.number(connections), "sessions": Self.number(sessions),
            "actions": ["sent": Self.number(actionsSent), "skipped": Self.number(actionsSkipped)],
            "packets": [
                "expected": Self.number(expected), "received": Self.number(received), "compared": Self.number(compared),
                "matched": Self.number(matched), "downstream": Self.number(downstream),
            ],
            "duration_ms": Self.number(Int(duration / .milliseconds(1))),
            "findings": .array(findings.map(Self.json)),
            "limits": .array(limits.map { .string($0) }),
            "notes": .array(notes.map { .string($0) }),
            "rules": .array(rules.map { ["rule": .string($0.rule), "count": Self.number($0.count)] }),
            "carried_over": .array(
                rewritings.map {
                    [
                        "kind": .string($0.kind), "recorded": .string($0.recorded), "now": Self.text($0.now),
                        "packet": Self.number($0.packetID), "path": .string($0.path),
                    ]
                }),
        ]
        return object.description
    }

    private static func json(_ finding: ReplayFinding) -> JSONValue {
        [
            "kind": .string(finding.kind.rawValue), "grade": .string(finding.grade.rawValue), "title": .string(finding.title),
            "connection": number(finding.connectionID), "session": number(finding.sessionID), "name": text(finding.session),
            "namespace": text(finding.namespace), "packet": number(finding.packetID), "at": .string(UnixTime.text(finding.at)),
            "differences": .array(
                finding.differences.map {
                    [
                        "kind": .string($0.kind.rawValue), "path": .string($0.path), "expected": text($0.expected), "got": text($0.got),
                    ]
                }),
            "context": .array(finding.context.map { .string($0) }),
            "repetitions": number(finding.repetitions), "downstream": number(finding.downstream),
            "accepted_by": .array(finding.acceptedBy.map { .string($0) }),
        ]
    }

    private static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }
    private static func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}
