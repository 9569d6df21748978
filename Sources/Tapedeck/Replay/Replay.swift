/// Drives the recorded clients of a tape against a live server and compares what comes back.
///
/// ```swift
/// let report = try await Replay("monday.tape").run(against: "http://localhost:3000")
/// for finding in report.findings { Issue.record("\(finding)") }
/// #expect(report.isMatch)
/// ```
public struct Replay: Sendable {
    private let tape: String
    private let options: ReplayOptions

    /// - Parameter tape: the path of a tape, finished or still being written.
    public init(_ tape: String, _ options: ReplayOptions = ReplayOptions()) {
        self.tape = tape
        self.options = options
    }

    /// What would be done, without a server.
    /// - Throws: ``ReplayError`` if the tape cannot be read.
    public func planText() throws(ReplayError) -> String {
        try prepare().plan.text()
    }

    /// What would be done, in pieces.
    /// - Throws: ``ReplayError`` if the tape cannot be read, and what `output` throws.
    public func writePlan(to output: (String) throws -> Void) throws {
        try prepare().plan.write(to: output)
    }

    /// Runs to the end; takes no longer than the server needs to answer, plus the settling time. If its task is cancelled, the report
    /// covers what had happened by then, and says so.
    ///
    /// - Parameters:
    ///   - url: the server, such as `http://localhost:3000`; a path is the engine's path, `/socket.io/` if there is none.
    ///   - onProgress: told how many acts of how many are done, from the replay's task.
    /// - Throws: ``ReplayError`` if there is no verdict: no such tape, nothing on it to compare, no server, secrets that are not given.
    public func run(
        against url: String, onProgress: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil
    ) async throws(ReplayError) -> ReplayReport {
        let (recording, plan) = try prepare()
        guard plan.missingSecrets.isEmpty else { throw ReplayError.missingSecrets(plan.missingSecrets) }
        return try await Self.run(
            recording: recording, plan: plan, options: options, tape: tape, url: url, onProgress: onProgress)
    }

    private func prepare() throws(ReplayError) -> (recording: Recording, plan: ReplayPlan) {
        var recording = try Recording(tape: tape)
        let plan = PlanBuilder.plan(for: recording, options: options)
        // the plan holds all of it that is needed
        recording.packets = []
        guard plan.expectations.contains(where: { !$0.isOptional }) else { throw ReplayError.nothingToCompare(tape: tape) }
        return (recording, plan)
    }
}
