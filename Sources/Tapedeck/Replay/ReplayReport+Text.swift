import Tape

extension ReplayReport {
    /// The report for people.
    /// - Parameter verbose: also lists every value that was carried over.
    public func text(verbose: Bool = false) -> String {
        var lines: [String] = []
        for (index, finding) in findings.enumerated() { lines += block(finding, number: index + 1) + [""] }
        for limit in limits { lines.append("limited: \(limit)") }
        for note in notes.prefix(20) { lines.append("note: \(note)") }
        if notes.count > 20 { lines.append("note: and \(notes.count - 20) more") }
        for use in rules { lines.append("rule '\(use.rule)' accepted \(Self.count(use.count, "difference"))") }
        if verbose {
            for rewriting in rewritings {
                lines.append("carried over: \(rewriting.kind) \(rewriting.recorded) is now \(rewriting.now ?? "unknown")")
            }
        }
        lines.append(verdict)
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line: what was compared and how it came out.
    public var verdict: String {
        let scope = "\(Self.count(connections, "connection")), \(Self.count(sessions, "session")), \(Self.count(actionsSent, "act"))"
        let limited = limits.isEmpty ? "" : " (limited, see above)"
        guard !findings.isEmpty else { return "same: \(matched) of \(expected) recorded packets came again (\(scope))\(limited)" }
        let all = findings.count + findings.reduce(0) { $0 + $1.repetitions }
        let more = all > findings.count ? " (\(all) with repetitions)" : ""
        let after = downstream > 0 ? ", \(downstream) downstream" : ""
        return "different: \(Self.count(findings.count, "finding"))\(more)\(after); "
            + "\(matched) of \(expected) recorded packets came again (\(scope))\(limited)"
    }

    private func block(_ finding: ReplayFinding, number: Int) -> [String] {
        var lines = ["\(number). \(finding.title)"]
        var place = "   \(finding.grade.rawValue) · \(finding.kind.rawValue)"
        if let session = finding.session { place += " · \(session)" }
        if let namespace = finding.namespace, namespace != "/" { place += " · namespace \(namespace)" }
        if let packetID = finding.packetID { place += " · packet \(packetID)" }
        lines.append("\(place) · \(UnixTime.text(finding.at))")
        for difference in finding.differences { lines.append(Self.line(difference)) }
        if !finding.context.isEmpty {
            lines.append("   before it in the recording:")
            lines += finding.context.map { "     \($0)" }
        }
        if finding.repetitions > 0 { lines.append("   and \(Self.count(finding.repetitions, "more finding")) of the same kind") }
        if finding.downstream > 0 { lines.append("   \(Self.count(finding.downstream, "expectation")) downstream could not be judged") }
        if !finding.acceptedBy.isEmpty { lines.append("   to accept it: \(finding.acceptedBy.joined(separator: " "))") }
        return lines
    }

    private static func line(_ difference: ReplayDifference) -> String {
        switch difference.kind {
        case .missing: "   \(difference.path): missing, expected \(difference.expected ?? "?")"
        case .added: "   \(difference.path): added, got \(difference.got ?? "?")"
        case .type, .value: "   \(difference.path): expected \(difference.expected ?? "?"), got \(difference.got ?? "?")"
        }
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}
