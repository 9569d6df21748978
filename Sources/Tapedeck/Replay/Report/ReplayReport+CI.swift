extension ReplayReport {
    /// The report as JUnit XML: a test case for each recorded session and one for the connections, a failure for each finding.
    ///
    /// - Parameters:
    ///   - reports: one for each run.
    ///   - name: what the suites are called, such as the tape's file name.
    ///   - grade: findings below it do not fail a case, they are only printed.
    public static func junit(_ reports: [ReplayReport], name: String, failingOn grade: ReplayFinding.Grade = .low) -> String {
        let suites = reports.enumerated().map { index, report in
            report.junitSuite(name: reports.count == 1 ? name : "\(name), run \(index + 1)", grade)
        }
        let tests = suites.reduce(0) { $0 + $1.tests }
        let failures = suites.reduce(0) { $0 + $1.failures }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="tapedeck replay" tests="\(tests)" failures="\(failures)">
            \(suites.map(\.text).joined(separator: "\n"))
            </testsuites>

            """
    }

    private func junitSuite(name: String, _ grade: ReplayFinding.Grade) -> (text: String, tests: Int, failures: Int) {
        let places = ["connections"] + sessionLabels
        var byPlace: [String: [ReplayFinding]] = [:]
        for finding in findings { byPlace[finding.session ?? "connections", default: []].append(finding) }
        var failures = 0
        let cases = places.map { place in
            let found = byPlace[place] ?? []
            let head = "    <testcase classname=\"\(Self.xml(name))\" name=\"\(Self.xml(place))\""
            guard !found.isEmpty else { return head + "/>" }
            let failing = found.filter { $0.grade >= grade }
            if !failing.isEmpty { failures += 1 }
            var lines = [head + ">"]
            for finding in failing {
                lines.append(
                    "      <failure type=\"\(finding.kind.rawValue)\" message=\"\(Self.xml(finding.title))\">"
                        + "\(Self.xml(finding.description))</failure>")
            }
            let tolerated = found.filter { $0.grade < grade }
            if !tolerated.isEmpty {
                lines.append("      <system-out>\(Self.xml(tolerated.map(\.description).joined(separator: "\n")))</system-out>")
            }
            return (lines + ["    </testcase>"]).joined(separator: "\n")
        }
        let seconds = "\(Double(Int64(duration / .milliseconds(1))) / 1000)"
        var text =
            "  <testsuite name=\"\(Self.xml(name))\" tests=\"\(places.count)\" failures=\"\(failures)\" errors=\"\(isInterrupted ? 1 : 0)\""
            + " time=\"\(seconds)\">\n" + cases.joined(separator: "\n")
        text += "\n    <system-out>\(Self.xml((limits + notes + [verdict]).joined(separator: "\n")))</system-out>\n  </testsuite>"
        return (text, places.count, failures)
    }

    /// Text for XML, without the characters that XML has no way to write.
    static func xml(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Annotations for GitHub Actions: an error for each finding that fails the run, a warning for each other.
    /// - Parameter tape: the tape's path in the repository.
    public func githubAnnotations(tape: String, failingOn grade: ReplayFinding.Grade = .low) -> String {
        findings.map { finding in
            let level = finding.grade >= grade ? "error" : "warning"
            return "::\(level) file=\(Self.property(tape)),title=\(Self.property(finding.title))::\(Self.annotation(finding.description))\n"
        }.joined()
    }

    private static func annotation(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String { annotation(text).replacing(":", with: "%3A").replacing(",", with: "%2C") }
}
