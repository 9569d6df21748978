import NIOCore

/// Deadlines in order, as plain values: who waited is looked up when the time has come, so that a wait that was settled costs nothing.
struct DeadlineHeap<Token> {
    struct Entry {
        let deadline: NIODeadline
        let token: Token
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }
    var first: NIODeadline? { entries.first?.deadline }

    mutating func insert(_ token: Token, at deadline: NIODeadline) {
        entries.append(Entry(deadline: deadline, token: token))
        siftUp(entries.count - 1)
    }

    /// Takes the earliest entry if its deadline is not after `now`.
    mutating func popDue(_ now: NIODeadline) -> Token? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            siftDown(0)
        }
        return first.token
    }

    /// Drops entries that nobody waits for any more.
    mutating func removeAll(where isSettled: (Token) -> Bool) {
        entries.removeAll { isSettled($0.token) }
        // An array in ascending order is a heap.
        entries.sort { $0.deadline < $1.deadline }
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            let left = 2 * parent + 1
            let right = left + 1
            if left < entries.count, entries[left].deadline < entries[smallest].deadline { smallest = left }
            if right < entries.count, entries[right].deadline < entries[smallest].deadline { smallest = right }
            guard smallest != parent else { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
