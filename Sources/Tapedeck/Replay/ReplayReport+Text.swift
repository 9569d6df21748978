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
        lines.append("\(place) · \(ReplayTime.text(finding.at))")
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

/// Times of the tape as people and SQL see them: ISO 8601, UTC, microseconds.
enum ReplayTime {
    static func text(_ microseconds: Int64) -> String {
        let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let days = seconds / 86_400
        let second = seconds % 86_400
        // the civil calendar from a count of days, in eras of 400 years that begin on the first of March
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted % 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let date =
            "\(pad(era * 400 + year + (month < 10 ? 0 : 1), 4))-\(pad(month < 10 ? month + 3 : month - 9, 2))-"
            + pad(dayOfYear - (153 * month + 2) / 5 + 1, 2)
        return "\(date)T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2)).\(pad(fraction, 6))Z"
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
