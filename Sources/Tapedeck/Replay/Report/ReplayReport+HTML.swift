extension ReplayReport {
    /// The report as one page of HTML that needs no other file.
    /// - Parameter name: of the tape, for the title.
    public static func html(_ reports: [ReplayReport], name: String) -> String {
        let title = "Replay of \(xml(name))"
        let runs = reports.enumerated().map { index, report in
            (reports.count > 1 ? "<h2>Run \(index + 1)</h2>\n" : "") + report.htmlSection
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            :root { color-scheme: light dark }
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
            .same { color: #0a7d33 } .different { color: #c0222b } code, pre, td { font-family: ui-monospace, monospace; font-size: 13px }
            section { border-left: 4px solid #c0222b; padding-left: 1rem; margin: 1.5rem 0 } section.low { border-color: #999 }
            section.medium { border-color: #d98200 } h3 { margin: 0 } table { border-collapse: collapse } td, th { padding: 2px 12px 2px 0;
            text-align: left; vertical-align: top } .note { opacity: .7 }
            h3, p, pre, code, td { overflow-wrap: anywhere; white-space: pre-wrap }
            </style></head><body>
            <h1>\(title)</h1>
            \(runs.joined(separator: "\n"))
            </body></html>

            """
    }

    private var htmlSection: String {
        var lines = ["<p class=\"\(isMatch ? "same" : "different")\">\(Self.xml(verdict))</p>"]
        for limit in limits { lines.append("<p class=\"note\">Limited: \(Self.xml(limit))</p>") }
        for finding in findings { lines += Self.html(finding) }
        for note in notes.prefix(20) { lines.append("<p class=\"note\">\(Self.xml(note))</p>") }
        for use in rules { lines.append("<p class=\"note\">Rule <code>\(Self.xml(use.rule))</code> accepted \(use.count)</p>") }
        return lines.joined(separator: "\n")
    }

    private static func html(_ finding: ReplayFinding) -> [String] {
        var lines = [
            "<section class=\"\(finding.grade.rawValue)\"><h3>\(xml(finding.title))</h3>",
            "<p class=\"note\">\(finding.grade.rawValue), \(finding.kind.rawValue)"
                + (finding.packetID.map { ", packet \($0)" } ?? "") + (finding.session.map { ", \(xml($0))" } ?? "") + "</p>",
        ]
        if !finding.differences.isEmpty {
            lines.append("<table><tr><th>where</th><th>expected</th><th>got</th></tr>")
            for difference in finding.differences {
                lines.append(
                    "<tr><td>\(xml(difference.path))</td><td class=\"same\">\(shown(difference.expected))</td>"
                        + "<td class=\"different\">\(shown(difference.got))</td></tr>")
            }
            lines.append("</table>")
        }
        if !finding.context.isEmpty {
            lines.append("<p class=\"note\">before it in the recording:</p><pre>\(xml(finding.context.joined(separator: "\n")))</pre>")
        }
        if finding.repetitions > 0 { lines.append("<p>and \(finding.repetitions) more of the same kind</p>") }
        if finding.downstream > 0 { lines.append("<p>\(finding.downstream) downstream could not be judged</p>") }
        if !finding.acceptedBy.isEmpty {
            lines.append("<p>To accept it: <code>\(xml(finding.acceptedBy.joined(separator: " ")))</code></p>")
        }
        return lines + ["</section>"]
    }

    private static func shown(_ value: String?) -> String { value.map { xml($0) } ?? "<em>nothing</em>" }
}
