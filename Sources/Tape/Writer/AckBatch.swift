/// The acks of one batch: most are answered within it and need one row, written once.
struct AckBatch {
    struct Key: Hashable {
        var session: Int64
        /// Of the request.
        var direction: Int64
        var ackID: Int64
    }

    struct Row {
        var request: Int64
        var key: Key
        var event: Int64?
        var requestedAt: Int64
        var response: Int64?
        var ackedAt: Int64?
        var status: Status
    }

    enum Status: Int64 {
        case pending = 0
        case acked = 1
        case timeout = 2
        case lost = 3
    }

    private var rows: [Row] = []
    private var ended: Set<Int64> = []
    private var pending: [Key: Int] = [:]

    mutating func request(_ key: Key, id: Int64, event: Int64?, at: Int64) {
        pending[key] = rows.count
        rows.append(Row(request: id, key: key, event: event, requestedAt: at, response: nil, ackedAt: nil, status: .pending))
    }

    /// False: the request is not of this batch.
    mutating func respond(_ key: Key, id: Int64, at: Int64) -> Bool {
        guard let index = pending.removeValue(forKey: key) else { return false }
        rows[index].response = id
        rows[index].ackedAt = at
        rows[index].status = .acked
        return true
    }

    /// False: the request is not of this batch.
    mutating func timeOut(_ key: Key) -> Bool {
        guard let index = pending.removeValue(forKey: key) else { return false }
        rows[index].status = .timeout
        return true
    }

    /// The session has ended: what is still pending at the end of the batch will not come.
    mutating func end(session: Int64) { ended.insert(session) }

    /// The rows to write, with what has been lost marked.
    func finished() -> [Row] {
        guard !ended.isEmpty else { return rows }
        return rows.map { row in
            var row = row
            if row.status == .pending, ended.contains(row.key.session) { row.status = .lost }
            return row
        }
    }

    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
        ended.removeAll(keepingCapacity: true)
    }
}
