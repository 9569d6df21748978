import SocketIOWire

extension Replay {
    /// Drives a plan and judges what came.
    static func run(recording: Recording, plan: ReplayPlan, options: ReplayOptions, url: String) async throws(ReplayError) -> ReplayReport {
        let start = ContinuousClock.now
        var driver = try ReplayDriver(plan: plan, options: options, url: url)
        let machine = try await driver.run()
        return ReplayReport(machine: machine, recording: recording, duration: ContinuousClock.now - start)
    }
}

extension ReplayReport {
    init(machine: ReplayMachine, recording: Recording, duration: Duration) {
        var findings = Findings(machine: machine, recording: recording)
        let plan = machine.plan
        let matcher = machine.matcher
        self.findings = findings.collect()
        connections = plan.lanes.count
        sessions = plan.sessions.count
        actionsSent = machine.sentActions
        actionsSkipped = machine.skipped.count
        expected = plan.expectations.count { !$0.isOptional }
        compared = matcher.compared
        matched = findings.matched
        downstream = findings.downstream
        received = matcher.receipts.count
        limits = plan.limits
        notes = machine.notes + machine.timeouts.map { "ran out of time \($0)" }
        rules = zip(matcher.rules.rules, matcher.ruleUses).map { RuleUse(rule: $0.description, count: $1) }
        rewritings = matcher.bindings.all.compactMap { variable, value in
            guard value != variable.recorded else { return nil }
            return Rewriting(
                kind: variable.kind.rawValue, recorded: Self.plain(variable.recorded), now: value.map(Self.plain),
                packetID: variable.packetID, path: variable.path)
        }
        self.duration = duration
    }

    private static func plain(_ value: JSONValue) -> String { value.stringValue ?? value.description }
}
