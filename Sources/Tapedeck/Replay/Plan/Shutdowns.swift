/// When the recorded servers began to shut down. What they sent from then on, such as who has left, came of that and of no client.
struct Shutdowns {
    private let spans: [ClosedRange<Int64>]

    init(recording: Recording) {
        spans = recording.runs.compactMap { run in
            let end = run.endedAt ?? .max
            let ends =
                recording.connections.filter { $0.closeReason == "server shutting down" }.compactMap(\.closedAt)
                + recording.sessions.filter { $0.reason == "server shutting down" }.compactMap(\.disconnectedAt)
            guard let first = ends.filter({ $0 >= run.startedAt && $0 <= end }).min() else { return nil }
            return first...end
        }
    }

    func contain(_ at: Int64) -> Bool { spans.contains { $0.contains(at) } }
}
