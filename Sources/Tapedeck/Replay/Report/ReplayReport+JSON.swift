package import SocketIOWire
import Tape

extension ReplayReport {
    /// The report for programs: one JSON object, its keys always in the same order.
    public func json() -> String {
        jsonValue.description
    }

    /// The same, as a value: see docs/replay-report.schema.json.
    package var jsonValue: JSONValue {
        [
            "version": 1,
            "verdict": .string(isInterrupted ? "interrupted" : isFlaky ? "flaky" : isMatch ? "same" : "different"),
            "tries": Self.number(tries),
            "copies": Self.number(copies),
            "connections": Self.number(connections), "sessions": Self.number(sessions),
            "actions": ["planned": Self.number(actions), "sent": Self.number(actionsSent), "skipped": Self.number(actionsSkipped)],
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
            "latencies": .array(
                latencies.map {
                    [
                        "name": .string($0.name), "count": Self.number($0.count), "p50_us": Self.microseconds($0.p50),
                        "p90_us": Self.microseconds($0.p90), "p99_us": Self.microseconds($0.p99), "max_us": Self.microseconds($0.max),
                    ]
                }),
        ]
    }

    private static func microseconds(_ duration: Duration) -> JSONValue { .integer(Int64(duration / .microseconds(1))) }

    private static func json(_ finding: ReplayFinding) -> JSONValue {
        [
            "kind": .string(finding.kind.rawValue), "grade": .string(finding.grade.rawValue), "title": .string(finding.title),
            "connection": number(finding.connectionID), "session": number(finding.sessionID), "name": text(finding.session),
            "namespace": text(finding.namespace), "event": text(finding.event),
            "packet": number(finding.packetID), "at": .string(UnixTime.text(finding.at)),
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

extension ReplayReport {
    /// One report as an object; several as `{"version": 1, "runs": […]}`.
    public static func json(_ reports: [ReplayReport]) -> String {
        if reports.count == 1 { return reports[0].json() }
        let object: JSONValue = ["version": 1, "runs": .array(reports.map(\.jsonValue))]
        return object.description
    }
}
