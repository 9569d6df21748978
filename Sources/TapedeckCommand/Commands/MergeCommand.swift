import ArgumentParser
import Tape

struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Puts the tapes of several nodes, or of a rotation, into one with one time line.",
        discussion: "Example: tapedeck merge node1.tape node2.tape --output cluster.tape"
    )

    @Argument(help: "Two to nine tapes.", completion: .file())
    var tapes: [String]

    @Option(name: .shortAndLong, help: "The tape to make. There must be no file of that name.", completion: .file())
    var output = "merged.tape"

    func validate() throws {
        guard (2...9).contains(tapes.count) else { throw ValidationError("merge takes two to nine tapes.") }
    }

    func run() async throws {
        try await reportingFailures {
            let summary = try TapeMerge.merge(tapes, to: output)
            let made = StandardOutput()
            try made.write("\(output): \(summary.runs) runs, \(summary.text)\n")
            try made.flush()
        }
    }
}
