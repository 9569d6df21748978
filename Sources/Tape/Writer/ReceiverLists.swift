/// Finds, for the receivers of a delivery, a list that is on the tape already, or says what to add.
///
/// Rooms are written to again and again, so a delivery names a list instead of repeating it. Two frequent changes do not need
/// a new list: a member that came last (the list grows at its end, earlier deliveries name a shorter part of it) and a few
/// who are left out, such as the sender of a `broadcast` emit.
struct ReceiverLists {
    struct Part: Equatable {
        var list: Int64
        /// The positions below this one, without `omitted`, are the receivers.
        var length: Int
        var omitted: [Int]
    }

    struct Addition: Equatable {
        var list: Int64
        var position: Int
        var session: Int64
    }

    private struct List {
        let id: Int64
        var sessions: [Int64]
    }

    private var recent: [List] = []
    private var exact: [[Int64]: Part] = [:]
    private var exactElements = 0
    private var nextID: Int64

    private let recentLimit = 16
    private let elementLimit = 400_000

    init(nextID: Int64) { self.nextID = nextID }

    /// - Parameter receivers: in ascending order, without repetition.
    mutating func part(for receivers: [Int64]) -> (part: Part, additions: [Addition]) {
        if let part = exact[receivers] { return (part, []) }
        for index in recent.indices.reversed() {
            guard let (length, omitted) = Self.match(receivers, recent[index].sessions) else { continue }
            var list = recent.remove(at: index)
            let known = list.sessions.count
            let added = receivers.suffix(max(0, length - known))
            list.sessions.append(contentsOf: added)
            recent.append(list)
            let part = Part(list: list.id, length: length, omitted: omitted)
            remember(part, receivers)
            return (part, Self.additions(added, to: list.id, from: known))
        }
        // When each sender is left out in turn no list has them all; the union of two that nearly agree does.
        var sessions = receivers
        var part = Part(list: nextID, length: receivers.count, omitted: [])
        if let union = recent.reversed().lazy.compactMap({ Self.union(receivers, $0.sessions) }).first,
            let (length, omitted) = Self.match(receivers, union)
        {
            sessions = union
            part = Part(list: nextID, length: length, omitted: omitted)
        }
        let list = List(id: nextID, sessions: sessions)
        nextID += 1
        if recent.count >= recentLimit { recent.removeFirst() }
        recent.append(list)
        remember(part, receivers)
        return (part, Self.additions(sessions[...], to: list.id, from: 0))
    }

    /// After a rollback the lists may be gone; their ids are not used again.
    mutating func forget() {
        recent.removeAll()
        exact.removeAll()
        exactElements = 0
    }

    private mutating func remember(_ part: Part, _ receivers: [Int64]) {
        if exactElements + receivers.count > elementLimit {
            exact.removeAll()
            exactElements = 0
        }
        exactElements += receivers.count
        exact[receivers] = part
    }

    private static func additions(_ sessions: ArraySlice<Int64>, to list: Int64, from position: Int) -> [Addition] {
        sessions.enumerated().map { Addition(list: list, position: position + $0.offset, session: $0.element) }
    }

    /// How the receivers lie in the list: the part's length, which may go past the list's end by what has to be added, and who is left out.
    private static func match(_ receivers: [Int64], _ list: [Int64]) -> (length: Int, omitted: [Int])? {
        let allowed = min(16, (receivers.count + 3) / 4)
        var omitted: [Int] = []
        var position = 0
        var index = 0
        while index < receivers.count, position < list.count {
            if list[position] == receivers[index] {
                index += 1
            } else if list[position] < receivers[index], omitted.count < allowed {
                omitted.append(position)
            } else {
                return nil
            }
            position += 1
        }
        // What goes past the end must be the smaller part, or two rooms would grow into one list.
        let past = receivers.count - index
        guard past == 0 || past * 4 <= receivers.count + 3 else { return nil }
        return (position + past, omitted)
    }

    /// Both lists in one, if few are in only one of them.
    private static func union(_ receivers: [Int64], _ list: [Int64]) -> [Int64]? {
        let allowed = min(16, receivers.count / 4)
        guard abs(receivers.count - list.count) <= allowed else { return nil }
        var union: [Int64] = []
        union.reserveCapacity(receivers.count + allowed)
        var left = receivers[...]
        var right = list[...]
        while let first = left.first, let second = right.first {
            union.append(min(first, second))
            if first <= second { left.removeFirst() }
            if second <= first { right.removeFirst() }
            if union.count > receivers.count + allowed { return nil }
        }
        union += left
        union += right
        return union.count <= receivers.count + allowed ? union : nil
    }
}
