/// The events that a recorded server sent to more than one client at a time: those of broadcasts, and, for tapes that do not know of
/// broadcasts, those that came to several sessions with the same arguments.
struct SharedEvents: Sendable {
    private var names: Set<String> = []

    init(plan: ReplayPlan) {
        var sessions: [UInt64: Int] = [:]
        for expectation in plan.expectations {
            guard case .event(let name, let arguments, _) = expectation.kind, let session = expectation.session, !names.contains(name)
            else { continue }
            let content = Fingerprint.of(name) ^ arguments.withText { Fingerprint.of($0) } &* 31
            // what carries no argument is the same for everyone, and says nothing
            let isElsewhere = !arguments.isEmpty && sessions.updateValue(session, forKey: content).map { $0 != session } ?? false
            if expectation.broadcastID != nil || isElsewhere { names.insert(name) }
        }
    }

    func contain(_ event: String?) -> Bool { event.map { names.contains($0) } ?? false }
}
