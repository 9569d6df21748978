/// When the next batch is due, so that what comes right after one was taken is in the file before the flush interval is over:
/// the time that writing takes is part of the interval.
struct FlushPace {
    let interval: Duration
    private var taken: ContinuousClock.Instant?
    /// How long writing took of late: what was slow is believed for a while.
    private var writing = Duration.zero

    init(interval: Duration) { self.interval = interval }

    mutating func take(at now: ContinuousClock.Instant) { taken = now }

    mutating func written(at now: ContinuousClock.Instant) {
        guard let taken else { return }
        writing = max(now - taken, writing * 7 / 8)
    }

    /// An eighth is left for the time that a thread takes to wake up; more than one batch in half the interval would only make more work.
    func pause(at now: ContinuousClock.Instant) -> Duration {
        guard let taken else { return .zero }
        let due = taken + max(interval / 2, interval - interval / 8 - writing)
        return max(.zero, due - now)
    }
}
