import SocketIOWire

/// Outcome of a wait for the client's ack.
typealias AckOutcome = Result<JSONArguments, AckError>

/// The acks that a socket waits for. A value, confined to the socket's event loop.
///
/// Ids come from the namespace's counter, which broadcasts share (trap 56 of the behaviour notes). Whatever is put in comes out
/// exactly once: answered, timed out, cancelled, or disconnected (trap 57).
struct AckTable {
    typealias Completion = @Sendable (AckOutcome) -> Void

    private var pending: [UInt64: Completion] = [:]

    var count: Int { pending.count }

    func isWaiting(for id: UInt64) -> Bool {
        pending[id] != nil
    }

    mutating func insert(_ id: UInt64, _ completion: @escaping Completion) {
        pending[id] = completion
    }

    /// Takes the completion out; nil for an id that is unknown or was settled before, which is ignored (late acks).
    mutating func remove(_ id: UInt64) -> Completion? {
        pending.removeValue(forKey: id)
    }

    /// Takes all out, in the order of their ids.
    mutating func removeAll() -> [Completion] {
        let all = pending.sorted { $0.key < $1.key }.map(\.value)
        pending = [:]
        return all
    }
}
