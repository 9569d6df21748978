/// How far the times of records went back in the order of their ids, which readers need to know to find a time by ids.
///
/// Event loops stamp a record and take its id a moment later, so records of two loops may stand the other way around.
struct TimeOrder {
    private var latest = Int64.min
    private var disorder: Int64 = 0
    private var committed: (latest: Int64, stored: Int64?) = (.min, nil)

    mutating func note(_ at: Int64) {
        if at > latest {
            latest = at
        } else if latest - at > disorder {
            disorder = latest - at
        }
    }

    /// What the run's row must say from now on, if it does not yet: a power of two, so that it changes rarely.
    var unstored: Int64? {
        var bound: Int64 = 1
        while bound < disorder { bound *= 2 }
        return committed.stored.map { $0 < bound } ?? true ? bound : nil
    }

    mutating func didCommit() {
        committed = (latest, unstored ?? committed.stored)
    }

    /// The same records come again.
    mutating func didRollBack() {
        latest = committed.latest
    }
}
