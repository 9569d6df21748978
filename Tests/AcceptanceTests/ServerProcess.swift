import Foundation
import TestSupport

/// A server in a process of its own: `tapedeck serve`, or the same application on python-socketio.
struct ServerProcess: Sendable {
    let process: ChildProcess
    /// `http://127.0.0.1:PORT`
    let url: String
    let tape: URL?

    /// Starts `tapedeck serve` on a free port, recording on a tape of its own unless one is given.
    static func tapedeck(_ arguments: [String] = [], tape: URL? = nil) async throws -> ServerProcess {
        let tape = try tape ?? TestPlaces.temporaryFolder().appending(path: "test.tape")
        let process = try ChildProcess(
            TestPlaces.product("tapedeck"), ["serve", "--port", "0", "--tape", tape.path] + arguments)
        return try await ServerProcess(process: process, url: "http" + process.line(startingWith: "Listening on http"), tape: tape)
    }

    /// Starts the playground on python-socketio, with one fault in it if `fault` names one.
    /// - Parameter isLegacy: on version 4 of it, for clients of Socket.IO 2.
    static func foreign(fault: String? = nil, isLegacy: Bool = false) async throws -> ServerProcess {
        let script = TestPlaces.root.appending(path: "Tests/Foreign/\(isLegacy ? "legacy_playground" : "playground").py")
        let process = try ChildProcess(
            isLegacy ? TestPlaces.legacyPython : TestPlaces.python, [script.path, "--port", "0"] + (fault.map { ["--fault", $0] } ?? []))
        return try await ServerProcess(process: process, url: "http" + process.line(startingWith: "Listening on http"), tape: nil)
    }

    /// Ends it as a service manager would, and waits; returns the exit status. The foreign one would wait for its clients, so it is killed.
    @discardableResult
    func stop() async throws -> Int32 {
        process.signal(tape == nil ? SIGKILL : SIGTERM)
        return try await process.exitStatus()
    }
}

/// Runs the `tapedeck` executable to its end.
func tapedeck(_ arguments: String..., within deadline: Duration = .seconds(120)) async throws -> (
    status: Int32, output: String, errors: String
) {
    try await tapedeck(arguments, within: deadline)
}

func tapedeck(_ arguments: [String], within deadline: Duration = .seconds(120)) async throws -> (
    status: Int32, output: String, errors: String
) {
    try await run(TestPlaces.product("tapedeck"), arguments, within: deadline)
}

/// Runs any program to its end.
func run(_ executable: URL, _ arguments: [String], within deadline: Duration = .seconds(120)) async throws -> (
    status: Int32, output: String, errors: String
) {
    let process = try ChildProcess(executable, arguments)
    let status = try await process.exitStatus(within: deadline)
    return (status, process.output, process.errors)
}
