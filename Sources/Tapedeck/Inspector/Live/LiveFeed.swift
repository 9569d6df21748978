import HTTPTypes
import NIOConcurrencyHelpers
import Tape

/// Watches a growing tape for all who listen: it is read once, whatever their number, and not at all without listeners.
///
/// The tape itself is the queue. A listener that keeps up is served from a window of the last blocks; one that comes back reads what
/// it missed from the tape, at its own pace; one that falls out of the window is told what it skipped. No listener holds memory
/// of its own beyond what it is being sent.
final class LiveFeed: Sendable {
    /// Why a wait ended.
    enum Wake {
        case news
        /// Nothing happened for a while.
        case quiet
        /// The tape cannot be read any more.
        case ended
    }

    private struct State {
        var window: LiveWindow?
        var listeners = 0
        var isEnded = false
        var isShutDown = false
        var waiting: [UInt64: CheckedContinuation<Wake, any Error>] = [:]
        var lastID: UInt64 = 0
        var pump: Task<Void, Never>?
    }

    struct Limits: Sendable {
        var listeners = 20_000
        var windowBytes = 8 << 20
        var windowItems = 20_000
        /// How often a growing tape is looked at.
        var interval = Duration.milliseconds(50)
        /// How long it may be quiet before a comment shows that the stream is alive.
        var quiet = Duration.seconds(10)
    }

    let limits: Limits
    private let read: @Sendable (_ after: Int64?) async throws -> (changes: [TapeChange], upTo: Int64)
    private let state = NIOLockedValueBox(State())

    /// - Parameter read: what happened after an id; without one nothing, and where the tape ends now.
    init(limits: Limits = Limits(), read: @escaping @Sendable (Int64?) async throws -> (changes: [TapeChange], upTo: Int64)) {
        self.limits = limits
        self.read = read
    }

    var listenerCount: Int { state.withLockedValue { $0.listeners } }

    /// Counts a listener in for as long as `body` runs, and says where the tape ends.
    func listening(_ body: (_ position: Int64) async throws -> Void) async throws {
        let isAdmitted = state.withLockedValue { state in
            guard state.listeners < limits.listeners else { return false }
            state.listeners += 1
            return true
        }
        guard isAdmitted else { throw Problem.busy }
        defer { leave() }
        try await body(try await begin())
    }

    private func leave() {
        let pump = state.withLockedValue { state -> Task<Void, Never>? in
            state.listeners -= 1
            guard state.listeners == 0 else { return nil }
            // What happens from now on is read by nobody; the next listener begins anew.
            state.window = nil
            defer { state.pump = nil }
            return state.pump
        }
        pump?.cancel()
    }

    private func begin() async throws -> Int64 {
        if let position = state.withLockedValue({ $0.window?.position }) { return position }
        let end = try await read(nil).upTo
        return state.withLockedValue { state in
            if let window = state.window { return window.position }
            state.window = LiveWindow(position: end, maxBytes: limits.windowBytes, maxItems: limits.windowItems)
            state.isEnded = state.isShutDown
            state.pump = Task { await self.pump() }
            return end
        }
    }

    func next(after position: Int64) -> LiveWindow.Next {
        state.withLockedValue { $0.window?.next(after: position) ?? .nothing }
    }

    /// Waits for something after a position.
    func wait(after position: Int64) async throws -> Wake {
        let id = state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLockedValue { state -> Result<Wake, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isEnded { return .success(.ended) }
                    guard let window = state.window, window.position <= position else { return .success(.news) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLockedValue { $0.waiting.removeValue(forKey: id) }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Reads what is new until nobody listens any more.
    private func pump() async {
        let clock = ContinuousClock()
        var lastNews = clock.now
        while !Task.isCancelled, let position = state.withLockedValue({ $0.window?.position }) {
            do {
                let (changes, upTo) = try await read(position)
                if upTo > position {
                    let block = try LiveBlock(after: position, upTo: upTo, changes)
                    state.withLockedValue { $0.window?.add(block) }
                    if !changes.isEmpty {
                        lastNews = clock.now
                        wake(.news)
                        continue
                    }
                }
            } catch is CancellationError {
                return
            } catch TapeError.queryTimedOut {
                // The disk is busy; the next look begins where this one did.
            } catch let problem as Problem where problem.status == .serviceUnavailable || problem.status == .requestTimeout {
            } catch {
                state.withLockedValue { $0.isEnded = true }
                return wake(.ended)
            }
            if clock.now - lastNews >= limits.quiet {
                lastNews = clock.now
                wake(.quiet)
            }
            guard (try? await clock.sleep(for: limits.interval)) != nil else { return }
        }
    }

    /// Nobody is told anything any more.
    func end() {
        state.withLockedValue {
            $0.isEnded = true
            $0.isShutDown = true
        }
        wake(.ended)
    }

    private func wake(_ reason: Wake) {
        let waiting = state.withLockedValue { state in
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume(returning: reason) }
    }
}
