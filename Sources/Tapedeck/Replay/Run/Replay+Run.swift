import SocketIOWire

extension Replay {
    /// Drives a plan and judges what came.
    static func run(
        recording: Recording, plan: ReplayPlan, options: ReplayOptions, tape: String = "", url: String,
        onProgress: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil
    ) async throws(ReplayError) -> ReplayReport {
        let start = ContinuousClock.now
        if options.copies > 1 { return try await load(recording: recording, plan: plan, options: options, url: url) }
        var recorder: RunRecorder?
        if let path = options.recordingPath { recorder = try RunRecorder(path: path, plan: plan, tape: tape, url: url) }
        var driver = try ReplayDriver(plan: plan, options: options, url: url, recorder: recorder, onProgress: onProgress)
        try await driver.run()
        return ReplayReport(
            machine: driver.machine, recording: recording, latencies: driver.meter.latencies, duration: ContinuousClock.now - start)
    }

    /// Every client several times, side by side. What one copy's acts bring to the others is nobody's fault.
    private static func load(
        recording: Recording, plan: ReplayPlan, options: ReplayOptions, url: String
    ) async throws(ReplayError) -> ReplayReport {
        let start = ContinuousClock.now
        let outcomes = await withTaskGroup(of: Result<(ReplayReport, LatencyMeter), ReplayError>.self) { group in
            for _ in 0..<options.copies {
                group.addTask {
                    do throws(ReplayError) {
                        var driver = try ReplayDriver(plan: plan, options: options, url: url)
                        try await driver.run()
                        let report = ReplayReport(machine: driver.machine, recording: recording, isCopy: true, duration: .zero)
                        return .success((report, driver.meter))
                    } catch { return .failure(error) }
                }
            }
            var outcomes: [Result<(ReplayReport, LatencyMeter), ReplayError>] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        var reports: [ReplayReport] = []
        var meter = LatencyMeter(plan: plan)
        for outcome in outcomes {
            let (report, own) = try outcome.get()
            reports.append(report)
            meter.merge(own)
        }
        return ReplayReport(copies: reports, latencies: meter.latencies, duration: ContinuousClock.now - start)
    }
}

extension ReplayReport {
    /// - Parameter isCopy: other copies of the same clients were there, so broadcasts come more often.
    init(
        machine: ReplayMachine, recording: Recording, latencies: [Latency] = [], isCopy: Bool = false, duration: Duration
    ) {
        var findings = Findings(machine: machine, recording: recording)
        let plan = machine.plan
        let matcher = machine.matcher
        self.findings = isCopy ? findings.collectOfCopy() : findings.collect()
        connections = plan.lanes.count
        sessions = plan.sessions.count
        actions = plan.actions.count
        actionsSent = machine.sentActions
        actionsSkipped = machine.skipped.count
        expected = plan.expectations.count { !$0.isOptional }
        compared = matcher.compared
        matched = findings.matched
        downstream = findings.downstream
        received = matcher.receipts.count
        limits = plan.limits + findings.skips
        notes = machine.notes + machine.timeouts.map { "ran out of time \($0)" }
        rules = zip(matcher.rules.rules, matcher.ruleUses).map { RuleUse(rule: $0.description, count: $1) }
        rewritings = matcher.bindings.all.compactMap { variable, value in
            guard value != variable.recorded else { return nil }
            return Rewriting(
                kind: variable.kind.rawValue, recorded: Self.plain(variable.recorded),
                now: variable.kind == .secret ? value.map { _ in "(not shown)" } : value.map(Self.plain), packetID: variable.packetID,
                path: variable.path)
        }
        sessionLabels = plan.sessions.map(\.label)
        self.latencies = latencies
        copies = 1
        isInterrupted = machine.isInterrupted
        self.duration = duration
    }

    /// The sum of what copies of the same clients saw.
    init(copies reports: [ReplayReport], latencies: [Latency], duration: Duration) {
        var findings: [ReplayFinding] = []
        var places: [String: Int] = [:]
        for finding in reports.flatMap(\.findings) {
            let key = "\(finding.kind.rawValue) \(finding.packetID ?? 0) \(finding.title)"
            if let place = places[key] {
                findings[place].repetitions += 1 + finding.repetitions
            } else {
                places[key] = findings.count
                findings.append(finding)
            }
        }
        func sum(_ part: (ReplayReport) -> Int) -> Int { reports.reduce(0) { $0 + part($1) } }
        self.findings = findings.sorted { ($0.at, $0.packetID ?? 0, $0.title) < ($1.at, $1.packetID ?? 0, $1.title) }
        connections = sum(\.connections)
        sessions = sum(\.sessions)
        actions = sum(\.actions)
        actionsSent = sum(\.actionsSent)
        actionsSkipped = sum(\.actionsSkipped)
        expected = sum(\.expected)
        compared = sum(\.compared)
        matched = sum(\.matched)
        downstream = sum(\.downstream)
        received = sum(\.received)
        limits = reports.first?.limits ?? []
        var seen: Set<String> = []
        notes = reports.flatMap(\.notes).filter { seen.insert($0).inserted }
        rules =
            reports.first.map { first in
                first.rules.indices.map { index in
                    RuleUse(rule: first.rules[index].rule, count: reports.reduce(0) { $0 + $1.rules[index].count })
                }
            } ?? []
        rewritings = []
        sessionLabels = reports.first?.sessionLabels ?? []
        self.latencies = latencies
        copies = reports.count
        isInterrupted = reports.contains { $0.isInterrupted }
        self.duration = duration
    }

    private static func plain(_ value: JSONValue) -> String { value.stringValue ?? value.description }
}
