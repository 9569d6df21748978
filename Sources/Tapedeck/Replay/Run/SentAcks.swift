/// Which act an ack that comes is the answer to. Clients count their ack ids from 0 or 1, so a list for each session does, with four bytes for
/// each; ids that are far from that are kept apart.
struct SentAcks: Sendable {
    private struct Key: Hashable {
        let session: Int
        let ackID: UInt64
    }

    /// How far an id may be beyond the last one.
    private static let reach = 64
    private var counted: [Int: [Int32]] = [:]
    private var others: [Key: Int] = [:]

    subscript(session: Int, ackID: UInt64) -> Int? {
        get {
            if let list = counted[session], ackID < UInt64(list.count), list[Int(ackID)] >= 0 { return Int(list[Int(ackID)]) }
            return others[Key(session: session, ackID: ackID)]
        }
        set {
            let count = counted[session]?.count ?? 0
            guard let newValue, ackID < UInt64(count + Self.reach) else {
                others[Key(session: session, ackID: ackID)] = newValue
                return
            }
            let missing = Int(ackID) + 1 - count
            if missing > 0 { counted[session, default: []].append(contentsOf: repeatElement(-1, count: missing)) }
            counted[session]?[Int(ackID)] = Int32(clamping: newValue)
        }
    }
}
