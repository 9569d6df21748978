import Foundation
import Tapedeck

/// Runs a replay once or many times, with what has to happen before and after each run. The first SIGINT or SIGTERM ends the run that is
/// under way, with a partial report, and all that would follow but its `--after`.
struct ReplayRounds {
    let replay: Replay
    let url: String
    let surroundings: SurroundingFlags
    /// The lowest grade of a difference that makes a run be tried again.
    var failOn = ReplayFinding.Grade.low

    func run(
        atLeast minimum: Int = 1, each show: @Sendable @escaping (ReplayReport, _ number: Int, _ count: Int) throws -> Void
    ) async throws -> [ReplayReport] {
        let count = max(minimum, surroundings.repetitions)
        let work = Task {
            var reports: [ReplayReport] = []
            for number in 1...count {
                let report = try await oneWithRetries()
                reports.append(report)
                try show(report, number, count)
                if report.isInterrupted { break }
            }
            return reports
        }
        let signals = DrainSignals { work.cancel() }
        defer { withExtendedLifetime(signals) {} }
        do { return try await work.value } catch is CancellationError {
            throw CommandFailure("interrupted before the replay began.")
        }
    }

    /// One run, and again while it has differences and may be tried again.
    private func oneWithRetries() async throws -> ReplayReport {
        let first = try await surrounded()
        var tries = 1
        while tries <= surroundings.retry, first.fails(on: failOn), !first.isInterrupted {
            let next: ReplayReport
            do { next = try await surrounded() } catch is CancellationError { break }
            if next.isInterrupted { break }
            tries += 1
            if !next.fails(on: failOn) { return first.retried(tries: tries, isFlaky: true) }
        }
        return tries > 1 ? first.retried(tries: tries, isFlaky: false) : first
    }

    private func surrounded() async throws -> ReplayReport {
        try Task.checkCancellation()
        if let before = surroundings.before { try await Self.shell(before, "--before") }
        if let url = surroundings.waitFor {
            try await Readiness(url: url).wait(for: surroundings.waitTimeout.duration)
        }
        let outcome = await once()
        if let after = surroundings.after { try await Self.shell(after, "--after") }
        return try outcome.get()
    }

    private func once() async -> Result<ReplayReport, ReplayError> {
        let progress = ProgressLine()
        defer { progress.end() }
        do throws(ReplayError) {
            return .success(try await replay.run(against: url) { done, all in progress.show(done, of: all) })
        } catch { return .failure(error) }
    }

    /// Its output goes to standard error: standard output is the report's.
    private static func shell(_ command: String, _ flag: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.standardError
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw CommandFailure("the command of \(flag) ended with status \(status): \(command)") }
    }
}
