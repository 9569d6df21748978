/// The rules of the client's side of long-polling: one GET and one POST at a time, and a pause before an upgrade. A value without I/O.
struct PollingState {
    enum Action: Equatable {
        case none
        /// Send the next GET.
        case get
        /// The POST is free: write what waits, if anything.
        case write
        /// Neither GET nor POST is outstanding and none will be started: the upgrade may go on.
        case paused
    }

    private enum Mode {
        case running, pausing, paused, ending, ended
    }

    private(set) var isGetting = false
    private(set) var isPosting = false
    private var mode = Mode.running

    /// Whether a POST may be started now.
    var mayPost: Bool { !isPosting && (mode == .running || mode == .ending) }
    /// Whether nothing is outstanding.
    var isIdle: Bool { !isGetting && !isPosting }

    /// Asks for the next GET.
    mutating func poll() -> Action {
        guard !isGetting, mode == .running else { return .none }
        isGetting = true
        return .get
    }

    /// The GET was answered and its packets have been handled.
    mutating func getEnded() -> Action {
        isGetting = false
        return mode == .running ? poll() : settle()
    }

    mutating func postStarted() {
        isPosting = true
    }

    mutating func postEnded() -> Action {
        isPosting = false
        return mode == .running ? .write : settle()
    }

    /// Starts no request any more; answers when those that are out have ended (Engine.IO protocol, upgrade: the client pauses polling).
    mutating func pause() -> Action {
        guard mode == .running else { return .none }
        mode = .pausing
        return settle()
    }

    /// The upgrade failed after all.
    mutating func resume() -> Action {
        guard mode == .pausing || mode == .paused else { return .none }
        mode = .running
        return poll()
    }

    /// A last POST is about to be sent; the GET that is out may be answered, no other follows.
    mutating func end() {
        mode = .ending
    }

    /// Nothing more, whatever was outstanding.
    mutating func abort() {
        mode = .ended
        isGetting = false
        isPosting = false
    }

    private mutating func settle() -> Action {
        guard mode == .pausing, isIdle else { return .none }
        mode = .paused
        return .paused
    }
}
