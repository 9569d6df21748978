public import Foundation
import NIOConcurrencyHelpers

/// A program started by a test: its output is read line by line, it is ended when the test is done with it.
public final class ChildProcess: Sendable {
    /// What a wait reports when its deadline has passed.
    public struct Timeout: Error, CustomStringConvertible {
        public let description: String
    }

    private struct State {
        var output = ""
        var errors = ""
        var exit: Int32?
        var status: Int32?
        /// Its output and its errors are read to their ends, and it has ended.
        var awaitedEnds = 3

        mutating func end() {
            awaitedEnds -= 1
            if awaitedEnds == 0 { exit = status }
        }
        var waiters: [UUID: @Sendable (borrowing State) -> Bool] = [:]
    }

    private let process: Process
    private let state = NIOLockedValueBox(State())

    /// Starts `executable`; `environment` is added to that of the tests.
    public init(_ executable: URL, _ arguments: [String] = [], environment: [String: String] = [:], directory: URL? = nil) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        if let directory { process.currentDirectoryURL = directory }
        self.process = process
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        // What was written before the end is read before the end is told.
        process.terminationHandler = { [state] process in
            let status = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
            Self.update(state) {
                $0.status = status
                $0.end()
            }
        }
        try process.run()
        read(output.fileHandleForReading, to: \.output)
        read(errors.fileHandleForReading, to: \.errors)
    }

    /// On a thread of its own: a `readabilityHandler` whose pipe ends while it is at work can bring libdispatch down.
    private func read(_ handle: FileHandle, to stream: any (WritableKeyPath<State, String> & Sendable)) {
        let reader = Thread { [state] in
            var rest = Data()
            while case let data = handle.availableData, !data.isEmpty {
                rest += data
                // never half a character
                guard let end = rest.lastIndex(where: { $0 < 0x80 }) else { continue }
                let text = String(decoding: rest[...end], as: UTF8.self)
                rest = Data(rest[rest.index(after: end)...])
                Self.update(state) { $0[keyPath: stream] += text }
            }
            // Not when nobody holds it any more: a Process lives on for a while, and thousands of open files bring `Process.run` down.
            try? handle.close()
            let last = String(decoding: rest, as: UTF8.self)
            Self.update(state) {
                $0[keyPath: stream] += last
                $0.end()
            }
        }
        reader.start()
    }

    private func update(_ change: (inout State) -> Void) { Self.update(state, change) }

    private static func update(_ state: NIOLockedValueBox<State>, _ change: (inout State) -> Void) {
        state.withLockedValue { state in
            change(&state)
            for (id, waiter) in state.waiters where waiter(state) { state.waiters[id] = nil }
        }
    }

    public var output: String { state.withLockedValue { $0.output } }
    public var errors: String { state.withLockedValue { $0.errors } }
    public var identifier: Int32 { process.processIdentifier }

    /// Sends a signal, SIGTERM unless said otherwise.
    public func signal(_ number: Int32 = SIGTERM) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    /// The rest of the first line of the output that starts with `prefix`.
    public func line(startingWith prefix: String, within deadline: Duration = .seconds(30)) async throws -> String {
        try await wait(for: "a line '\(prefix)…'", within: deadline) { state in
            // The last piece may be half a line, so it does not count.
            let lines = state.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        }
    }

    /// The exit status; the negative number of the signal that ended it, if one did.
    @discardableResult
    public func exitStatus(within deadline: Duration = .seconds(30)) async throws -> Int32 {
        try await wait(for: "its end", within: deadline) { $0.exit }
    }

    private func wait<Value: Sendable>(
        for what: String, within deadline: Duration, _ look: @escaping @Sendable (borrowing State) -> Value?
    ) async throws -> Value {
        let id = UUID()
        return try await withCheckedThrowingContinuation { continuation in
            let once = NIOLockedValueBox<CheckedContinuation<Value, any Error>?>(continuation)
            let take: @Sendable () -> CheckedContinuation<Value, any Error>? = {
                once.withLockedValue { waiting in
                    defer { waiting = nil }
                    return waiting
                }
            }
            update { state in
                state.waiters[id] = { state in
                    guard let value = look(state) else { return false }
                    take()?.resume(returning: value)
                    return true
                }
            }
            let seconds = Double(deadline.components.seconds) + Double(deadline.components.attoseconds) / 1e18
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
                state.withLockedValue { $0.waiters[id] = nil }
                guard let waiting = take() else { return }
                let program = process.executableURL?.lastPathComponent ?? "a program"
                let text = "Waited \(deadline) for \(what) of \(program) in vain.\n\(output)\n\(errors)"
                waiting.resume(throwing: Timeout(description: text))
            }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
