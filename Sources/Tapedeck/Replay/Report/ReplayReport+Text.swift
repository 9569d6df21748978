import Tape

extension ReplayReport {
    /// The report for people.
    /// - Parameters:
    ///   - verbose: also lists every value that was carried over, and how long the server took.
    ///   - colour: with the escape sequences that terminals take for colours.
    public func text(verbose: Bool = false, colour: Bool = false) -> String {
        var lines: [String] = []
        let paint = Paint(isOn: colour)
        for (index, finding) in findings.enumerated() { lines += Self.block(finding, number: index + 1, paint) + [""] }
        for limit in limits { lines.append("limited: \(limit)") }
        for note in notes.prefix(20) { lines.append("note: \(note)") }
        if notes.count > 20 { lines.append("note: and \(notes.count - 20) more") }
        for use in rules { lines.append("rule '\(use.rule)' accepted \(Self.count(use.count, "difference"))") }
        if verbose {
            for rewriting in rewritings {
                lines.append("carried over: \(rewriting.kind) \(rewriting.recorded) is now \(rewriting.now ?? "unknown")")
            }
        }
        if verbose || copies > 1 { lines += latencyTable() }
        lines.append(isMatch ? paint.good(verdict) : paint.bad(verdict))
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line: what was compared and how it came out.
    public var verdict: String {
        let scope = "\(Self.count(connections, "connection")), \(Self.count(sessions, "session")), \(Self.count(actionsSent, "act"))"
        if isInterrupted {
            let found = findings.isEmpty ? "no difference so far" : "\(Self.count(findings.count, "finding")) so far"
            return "interrupted: after \(actionsSent) of \(Self.count(actions, "act")), \(found); "
                + "\(matched) of \(expected) recorded packets had come again"
        }
        let limited = limits.isEmpty ? "" : " (limited, see above)"
        guard !findings.isEmpty else { return "same: \(matched) of \(expected) recorded packets came again (\(scope))\(limited)" }
        let all = findings.count + findings.reduce(0) { $0 + $1.repetitions }
        let more = all > findings.count ? " (\(all) with repetitions)" : ""
        let tried = tries > 1 && !isFlaky ? " in the first of \(tries) runs, all of them different" : ""
        let after = downstream > 0 ? ", \(downstream) downstream" : ""
        if isFlaky {
            return
                "flaky: \(Self.count(findings.count, "finding"))\(more)\(after) at first, and none that counts in run \(tries) (\(scope))\(limited)"
        }
        return "different: \(Self.count(findings.count, "finding"))\(more)\(after)\(tried); "
            + "\(matched) of \(expected) recorded packets came again (\(scope))\(limited)"
    }

    static func block(_ finding: ReplayFinding, number: Int? = nil, _ paint: Paint = Paint(isOn: false)) -> [String] {
        var lines = ["\(number.map { "\($0). " } ?? "")\(paint.title(finding.title))"]
        var place = "   \(finding.grade.rawValue) · \(finding.kind.rawValue)"
        if let session = finding.session { place += " · \(session)" }
        if let namespace = finding.namespace, namespace != "/" { place += " · namespace \(namespace)" }
        if let packetID = finding.packetID { place += " · packet \(packetID)" }
        lines.append("\(place) · \(UnixTime.text(finding.at))")
        for difference in finding.differences { lines += Self.lines(difference, paint) }
        if !finding.context.isEmpty {
            lines.append("   before it in the recording:")
            lines += finding.context.map { "     \($0)" }
        }
        if finding.repetitions > 0 { lines.append("   and \(Self.count(finding.repetitions, "more finding")) of the same kind") }
        if finding.downstream > 0 { lines.append("   \(Self.count(finding.downstream, "expectation")) downstream could not be judged") }
        if !finding.acceptedBy.isEmpty { lines.append("   to accept it: \(finding.acceptedBy.joined(separator: " "))") }
        return lines
    }

    private static func lines(_ difference: ReplayDifference, _ paint: Paint) -> [String] {
        let expected = paint.good(difference.expected ?? "?")
        let got = paint.bad(difference.got ?? "?")
        return switch difference.kind {
        case .missing: ["   \(difference.path): missing, expected \(expected)"]
        case .added: ["   \(difference.path): added, got \(got)"]
        case .type, .value: ["   \(difference.path): expected \(expected), got \(got)"]
        }
    }

    private func latencyTable() -> [String] {
        guard !latencies.isEmpty else { return [] }
        let width = max(8, latencies.map(\.name.count).max() ?? 0)
        func row(_ name: String, _ cells: [String]) -> String {
            name + String(repeating: " ", count: max(0, width - name.count))
                + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
        }
        func milliseconds(_ duration: Duration) -> String {
            let tenths = Int64((duration / .microseconds(1) / 10).rounded())
            return "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100)"
        }
        return [row("latency", ["count", "p50 ms", "p90 ms", "p99 ms", "max ms"])]
            + latencies.map {
                row($0.name, ["\($0.count)", milliseconds($0.p50), milliseconds($0.p90), milliseconds($0.p99), milliseconds($0.max)])
            }
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}

/// Colours for a terminal.
struct Paint {
    let isOn: Bool

    func title(_ text: String) -> String { paint(text, "1") }
    func good(_ text: String) -> String { paint(text, "32") }
    func bad(_ text: String) -> String { paint(text, "31") }

    private func paint(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
