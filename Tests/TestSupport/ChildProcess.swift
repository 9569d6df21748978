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
        process.terminationHandler = { [weak self] process in
            guard let self else { return }
            // What was written before the end is read before the end is told.
            read(output.fileHandleForReading.readDataToEndOfFile(), to: \.output)
            read(errors.fileHandleForReading.readDataToEndOfFile(), to: \.errors)
            let status = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
            update { $0.exit = status }
        }
        output.fileHandleForReading.readabilityHandler = { [weak self] in self?.read($0.availableData, to: \.output, from: $0) }
        errors.fileHandleForReading.readabilityHandler = { [weak self] in self?.read($0.availableData, to: \.errors, from: $0) }
        try process.run()
    }

    private func read(_ data: Data, to stream: any (WritableKeyPath<State, String> & Sendable), from handle: FileHandle? = nil) {
        guard !data.isEmpty else {
            handle?.readabilityHandler = nil
            return
        }
        update { $0[keyPath: stream] += String(decoding: data, as: UTF8.self) }
    }

    private func update(_ change: (inout State) -> Void) {
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
