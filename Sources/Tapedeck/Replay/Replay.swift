/// Drives the recorded clients of a tape against a live server and compares what comes back.
///
/// ```swift
/// let report = try await Replay(tape: "monday.tape").run(against: "http://localhost:3000")
/// #expect(report.isMatch, "\(report.text())")
/// ```
public struct Replay: Sendable {
    private let tape: String
    private let options: ReplayOptions

    /// - Parameter tape: the path of a tape, finished or still being written.
    public init(tape: String, _ options: ReplayOptions = ReplayOptions()) {
        self.tape = tape
        self.options = options
    }

    /// What would be done, without a server.
    /// - Throws: ``ReplayError`` if the tape cannot be read.
    public func planText() throws(ReplayError) -> String {
        try prepare().plan.text()
    }

    /// Runs to the end; takes no longer than the server needs to answer, plus the settling time.
    /// - Parameter url: the server, such as `http://localhost:3000`; a path is the engine's path, `/socket.io/` if there is none.
    /// - Throws: ``ReplayError`` if there is no verdict: no such tape, nothing on it to compare, no server.
    public func run(against url: String) async throws(ReplayError) -> ReplayReport {
        let (recording, plan) = try prepare()
        return try await Self.run(recording: recording, plan: plan, options: options, url: url)
    }

    private func prepare() throws(ReplayError) -> (recording: Recording, plan: ReplayPlan) {
        let recording = try Recording(tape: tape)
        let plan = PlanBuilder.plan(for: recording, options: options)
        guard plan.expectations.contains(where: { !$0.isOptional }) else { throw ReplayError.nothingToCompare(tape: tape) }
        return (recording, plan)
    }
}
