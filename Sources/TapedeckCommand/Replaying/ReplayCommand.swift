import ArgumentParser
import Foundation
import Tapedeck

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Sends a tape's conversations to a live server and compares what comes back.",
        discussion: """
            One client per recorded connection sends what it sent then, as soon as everything that it had received before has come again.
            Exit status: 0 everything matched, 1 there are differences, 2 it could not be done or was interrupted.
            """
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Argument(help: "The server's address, such as http://localhost:3000.")
    var url: String

    @OptionGroup(title: "What is replayed and how it is judged")
    var flags: ReplayFlags

    @OptionGroup(title: "Around the replay")
    var surroundings: SurroundingFlags

    @Option(help: ArgumentHelp("Write the plan to a file and replay nothing.", valueName: "file"))
    var plan: String?

    @Option(help: ArgumentHelp("Replay twice or more against a good server and propose rules for what differs.", valueName: "file"))
    var learn: String?

    @Option(help: ArgumentHelp("Keep what happens as a new tape.", valueName: "tape"))
    var record: String?

    @Option(help: ArgumentHelp("Write the report as JSON too.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report as JUnit XML too.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("Write the report as a web page too.", valueName: "file"))
    var html: String?

    @Flag(help: "Print annotations for GitHub Actions too.")
    var github = false

    @Option(name: .customLong("fail-on"), help: "The lowest grade of a difference that counts: high, medium or low.")
    var failOn = Choice(ReplayFinding.Grade.low)

    @Flag(help: "List what was carried over from the server's answers too, and how long the server took.")
    var verbose = false

    func validate() throws {
        if record != nil, flags.clients > 1 || surroundings.repetitions > 1 || surroundings.retry > 0 {
            throw ValidationError("--record keeps one run; it goes neither with --clients nor with --repeat or --retry.")
        }
        if learn != nil, surroundings.retry > 0 {
            throw ValidationError("--learn does not go with --retry: what differs is what it looks for.")
        }
        if learn != nil, flags.clients > 1 { throw ValidationError("--learn does not go with --clients.") }
    }

    func run() async throws {
        try await reportingFailures {
            var options = try flags.options()
            options.recordingPath = record
            let replay = Replay(tape, options)
            if let plan { return try write(planOf: replay, to: plan) }
            let rounds = ReplayRounds(replay: replay, url: url, surroundings: surroundings, failOn: failOn.value)
            if let learn { return try await self.learn(rounds, into: learn) }
            if let record, FileManager.default.fileExists(atPath: record) {
                throw CommandFailure("'\(record)' exists; --record makes a new tape.")
            }
            let output = ReplayOutput(name: URL(filePath: tape).lastPathComponent, isVerbose: verbose)
            let reports = try await rounds.run { report, number, count in
                try output.show(report, number: number, of: count)
            }
            try output.summarise(reports, of: surroundings.repetitions)
            try write(reports)
            if reports.contains(where: \.isInterrupted) || reports.count < surroundings.repetitions { throw ExitCode(2) }
            if reports.contains(where: { $0.fails(on: failOn.value) }) { throw ExitCode(1) }
        }
    }

    private func write(planOf replay: Replay, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw CommandFailure("'\(path)' cannot be written.")
        }
        try replay.writePlan { try file.write(contentsOf: Data($0.utf8)) }
        try file.close()
    }

    private func write(_ reports: [ReplayReport]) throws {
        let name = URL(filePath: tape).lastPathComponent
        if let json { try Self.write(ReplayReport.json(reports), to: json) }
        if let junit { try Self.write(ReplayReport.junit(reports, name: name, failingOn: failOn.value), to: junit) }
        if let html { try Self.write(ReplayReport.html(reports, name: name), to: html) }
        if github {
            let text = reports.map { $0.githubAnnotations(tape: tape, failingOn: failOn.value) }.joined()
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        }
    }

    private static func write(_ text: String, to path: String) throws {
        do { try Data(text.utf8).write(to: URL(filePath: path)) } catch {
            throw CommandFailure("'\(path)' cannot be written: \(error.localizedDescription)")
        }
    }

    /// Proposes; a person decides. So nothing is written where nobody looks, and nothing that is there is lost.
    private func learn(_ rounds: ReplayRounds, into path: String) async throws {
        if let value = ProcessInfo.processInfo.environment["CI"], !value.isEmpty, value != "false" {
            throw CommandFailure(
                "--learn writes no rules in CI (the environment variable CI is set): learn at your desk, read the file, commit it.")
        }
        if FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("'\(path)' exists; --learn writes a new file, so that no rule is lost.")
        }
        var learner = RuleLearner()
        let reports = try await rounds.run(atLeast: 2) { _, _, _ in }
        if reports.contains(where: \.isInterrupted) { throw CommandFailure("interrupted: no rules were written.") }
        for report in reports { learner.add(report) }
        try Self.write(learner.yaml(tape: tape), to: path)
        let found = learner.isEmpty ? "nothing differed" : "read it before you use it"
        try FileHandle.standardOutput.write(contentsOf: Data("learned from \(reports.count) runs: \(path), \(found)\n".utf8))
    }
}
