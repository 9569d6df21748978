import Foundation
import Tapedeck

/// What a replay prints on standard output.
struct ReplayOutput: Sendable {
    let name: String
    let isVerbose: Bool
    private let usesColour = isatty(1) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

    init(name: String, isVerbose: Bool) {
        self.name = name
        self.isVerbose = isVerbose
    }

    func show(_ report: ReplayReport, number: Int, of count: Int) throws {
        guard count > 1 else { return try write(report.text(verbose: isVerbose, colour: usesColour)) }
        let head = "run \(number) of \(count): "
        try write(
            report.isMatch && !isVerbose ? head + report.verdict + "\n" : head + "\n" + report.text(verbose: isVerbose, colour: usesColour))
    }

    /// One line over many runs: whether they agree.
    func summarise(_ reports: [ReplayReport], of count: Int) throws {
        guard count > 1, !reports.isEmpty else { return }
        let same = reports.count(where: \.isMatch)
        let verdicts = Set(reports.map { $0.findings.map(\.title) })
        let agreement = verdicts.count == 1 ? "the same verdict every time" : "\(verdicts.count) different verdicts"
        try write("\(same) of \(reports.count) runs: same; \(agreement)\n")
    }

    private func write(_ text: String) throws {
        let output = StandardOutput()
        try output.write(text)
        try output.flush()
    }
}
