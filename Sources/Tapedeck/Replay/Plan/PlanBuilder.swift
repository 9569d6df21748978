import SocketIOWire

/// Turns a recording into a plan. One pass over the packets; nothing here looks back further than a table.
struct PlanBuilder {
    private let recording: Recording
    private let options: ReplayOptions
    private let rules: RuleSet
    private var plan = ReplayPlan()

    private var laneOfConnection: [Int64: Int] = [:]
    private var hasOpened: [Bool] = []
    /// The lanes that are still to be upgraded, and when they were.
    private var upgradedAt: [Int: Int64] = [:]
    private var hasEnded: [Bool] = []
    /// The session that a namespace's packets belong to now, per lane.
    private var currentSession: [SessionKey: Int] = [:]
    private var sessionNames: SessionNames
    private var sessionRows: [Int64: Recording.Session] = [:]
    /// Emits that still wait for their ack.
    private var pendingEmits: [AckKey: Int] = [:]
    /// Requests of the server that the client may still answer.
    private var pendingRequests: [AckKey: Int] = [:]
    private var pendingConnects: [Int: Int] = [:]
    private var skippedPackets = 0
    private let span: Range<Int64>?
    /// The last packet of a client was a connect.
    private var followsConnect = false
    private let shutdowns: Shutdowns
    private var overriding: Overriding
    private var secrets: Secrets

    private struct SessionKey: Hashable {
        let lane: Int
        let namespace: String
    }

    private struct AckKey: Hashable {
        let session: Int
        let ackID: UInt64
    }

    static func plan(for recording: Recording, options: ReplayOptions) -> ReplayPlan {
        var builder = PlanBuilder(recording: recording, options: options)
        builder.build()
        return builder.plan
    }

    private init(recording: Recording, options: ReplayOptions) {
        self.recording = recording
        self.options = options
        rules = options.ruleSet
        span = Self.span(of: recording, options)
        shutdowns = Shutdowns(recording: recording)
        sessionNames = SessionNames(recording: recording)
        plan.variables = Correlation.variables(of: recording)
        overriding = Overriding(options: options, table: plan.variables)
        secrets = Secrets(table: plan.variables, known: [:])
    }

    private static func span(of recording: Recording, _ options: ReplayOptions) -> Range<Int64>? {
        guard options.since != nil || options.until != nil else { return nil }
        let start = recording.connections.map(\.openedAt).min() ?? 0
        let from = options.since?.microseconds(start: start) ?? .min
        return from..<max(from, options.until?.microseconds(start: start) ?? .max)
    }

    private mutating func build() {
        for session in recording.sessions { sessionRows[session.id] = session }
        addLanes()
        let ends = ConnectionEnds(recording: recording, lanes: laneOfConnection)
        var nextEnd = ends.ends.startIndex
        for packet in recording.packets {
            while nextEnd < ends.ends.endIndex, ends.ends[nextEnd].precedes(packet) {
                end(ends.ends[nextEnd])
                nextEnd += 1
            }
            guard let lane = laneOfConnection[packet.connectionID] else { continue }
            add(packet, lane: lane)
        }
        for end in ends.ends[nextEnd...] { self.end(end) }
        addLimits()
        addSecrets()
        plan.notes += overriding.notes
        if let seed = options.chaos { plan.shuffle(seed: seed) }
    }

    // MARK: Lanes

    private mutating func addLanes() {
        let chosen: Set<Int64>? =
            options.sessions.isEmpty
            ? nil : Set(recording.sessions.filter { options.sessions.contains($0.id) }.map(\.connectionID))
        for connection in recording.connections {
            if let chosen, !chosen.contains(connection.id) { continue }
            let transport = transport(of: connection)
            let index = plan.lanes.count
            plan.lanes.append(
                ReplayPlan.Lane(
                    index: index, connectionID: connection.id, revision: connection.revision, usesMessagePack: connection.usesMessagePack,
                    transport: transport, path: Self.path(of: connection.url),
                    query: Self.ownQuery(of: connection.url),
                    headers: connection.headers.filter { ["authorization", "cookie"].contains($0.name.lowercased()) },
                    engineID: connection.sid.flatMap { plan.variables.variable(forWhole: $0) }))
            laneOfConnection[connection.id] = index
            // forced, it is upgraded as soon as it stands
            if transport == .upgrade { upgradedAt[index] = options.transport == nil ? connection.upgradedAt : .min }
            hasOpened.append(false)
            hasEnded.append(false)
        }
    }

    private func transport(of connection: Recording.Connection) -> ReplayPlan.Lane.Transport {
        switch options.transport {
        case .polling: .polling
        case .webSocket: .webSocket
        case .upgrade: .upgrade
        case nil where connection.upgradedAt != nil: .upgrade
        case nil: connection.transport == "websocket" ? .webSocket : .polling
        }
    }

    private static func path(of url: String) -> String {
        let path = url.prefix { $0 != "?" }
        return path.hasPrefix("/") ? String(path) : "/socket.io/"
    }

    /// The query without what the protocol itself puts there.
    private static func ownQuery(of url: String) -> [ReplayPlan.QueryItem] {
        guard let mark = url.firstIndex(of: "?") else { return [] }
        let ofProtocol: Set<Substring> = ["EIO", "transport", "sid", "t", "b64", "j"]
        return url[url.index(after: mark)...].split(separator: "&").compactMap { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, !name.isEmpty, !ofProtocol.contains(name) else { return nil }
            return ReplayPlan.QueryItem(name: percentDecoded(name), value: parts.count > 1 ? percentDecoded(parts[1]) : "")
        }
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let decoded = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Packets

    private mutating func add(_ packet: Recording.Packet, lane: Int) {
        if packet.kind == .engineOpen || !hasOpened[lane] { open(lane, packet) }
        guard !hasEnded[lane] || packet.direction == .outgoing else { return }
        switch packet.kind {
        case .engineOpen, .engineClose: return
        case .engineUpgrade:
            if packet.direction == .incoming { upgrade(lane, packet) }
            return
        default: break
        }
        // a tape that has no packet for it still has its time
        if let at = upgradedAt[lane], packet.at > at { upgrade(lane, packet) }
        if packet.direction == .incoming { followsConnect = packet.kind == .connect }
        guard options.namespaces.isEmpty || options.namespaces.contains(packet.namespace), isChosen(packet) else { return }
        switch packet.direction {
        case .incoming: addAction(packet, lane: lane)
        case .outgoing: if !hasEnded[lane], !shutdowns.contain(packet.at) { addExpectation(packet, lane: lane) }
        }
    }

    /// Of what was before the chosen span, only that clients came.
    private func isChosen(_ packet: Recording.Packet) -> Bool {
        guard let span else { return true }
        if packet.at >= span.upperBound { return false }
        if packet.at >= span.lowerBound { return true }
        switch packet.kind {
        case .connect, .connectError, .disconnect, .engineOpen, .engineUpgrade: return true
        // what a server says to who has just come, it says again
        case .event: return packet.direction == .outgoing && followsConnect
        case .ack, .engineClose: return false
        }
    }

    private mutating func open(_ lane: Int, _ packet: Recording.Packet) {
        guard !hasOpened[lane] else { return }
        hasOpened[lane] = true
        act(.open, lane: lane, session: nil, packet)
    }

    private mutating func upgrade(_ lane: Int, _ packet: Recording.Packet) {
        guard upgradedAt.removeValue(forKey: lane) != nil else { return }
        act(.upgrade, lane: lane, session: nil, packet)
    }

    private mutating func addAction(_ packet: Recording.Packet, lane: Int) {
        let key = SessionKey(lane: lane, namespace: packet.namespace)
        if packet.kind == .connect {
            let session = startSession(packet, lane: lane)
            currentSession[key] = session
            pendingConnects[session] = plan.actions.count
            let auth = overriding.auth(packet.arguments, namespace: packet.namespace)
            secrets.sent(auth, "the auth of \(plan.sessions[session].label)")
            act(.connect(auth: auth.first), lane: lane, session: session, packet)
            return
        }
        guard let session = currentSession[key] else {
            skippedPackets += 1
            return
        }
        switch packet.kind {
        case .event:
            if let ackID = packet.ackID { pendingEmits[AckKey(session: session, ackID: ackID)] = plan.actions.count }
            let arguments = overriding.arguments(packet.content, event: packet.event ?? "")
            if plan.variables.hasSecrets { secrets.sent(arguments.values, "'\(packet.event ?? "")' of \(plan.sessions[session].label)") }
            act(.emit(event: packet.event ?? "", arguments: arguments, ackID: packet.ackID), lane: lane, session: session, packet)
        case .ack:
            guard let ackID = packet.ackID, let request = pendingRequests.removeValue(forKey: AckKey(session: session, ackID: ackID)) else {
                if span == nil { skippedPackets += 1 }
                return
            }
            let event = plan.expectations[request].ruleName
            let arguments = overriding.arguments(packet.content, event: event)
            if plan.variables.hasSecrets {
                secrets.sent(arguments.values, "the answer to '\(event)' of \(plan.sessions[session].label)")
            }
            act(.answer(request: request, arguments: arguments), lane: lane, session: session, packet)
        case .disconnect:
            act(.leave, lane: lane, session: session, packet)
            currentSession[key] = nil
        case .connect, .connectError, .engineOpen, .engineClose, .engineUpgrade: return
        }
    }

    private mutating func addExpectation(_ packet: Recording.Packet, lane: Int) {
        guard let session = currentSession[SessionKey(lane: lane, namespace: packet.namespace)] else {
            skippedPackets += 1
            return
        }
        switch packet.kind {
        case .connect, .connectError:
            if plan.sessions[session].connectAnswer == nil { plan.sessions[session].connectAnswer = plan.expectations.count }
            let payload = packet.arguments.first
            expect(
                packet.kind == .connect ? .connected(payload) : .refused(payload), lane: lane, session: session,
                answers: pendingConnects.removeValue(forKey: session), packet)
        case .event:
            if let ackID = packet.ackID { pendingRequests[AckKey(session: session, ackID: ackID)] = plan.expectations.count }
            expect(
                .event(name: packet.event ?? "", arguments: packet.content, ackID: packet.ackID), lane: lane, session: session, packet)
        case .ack:
            guard let ackID = packet.ackID, let action = pendingEmits.removeValue(forKey: AckKey(session: session, ackID: ackID)),
                case .emit(let event, _, _) = plan.actions[action].kind
            else {
                if span == nil { skippedPackets += 1 }
                return
            }
            expect(.ack(action: action, event: event, arguments: packet.content), lane: lane, session: session, answers: action, packet)
        case .disconnect: expect(.disconnected, lane: lane, session: session, packet)
        case .engineOpen, .engineClose, .engineUpgrade: return
        }
    }

    private mutating func startSession(_ packet: Recording.Packet, lane: Int) -> Int {
        let index = plan.sessions.count
        let row = packet.sessionID.flatMap { sessionRows[$0] }
        let name = sessionNames.name(sessionID: packet.sessionID, auth: packet.arguments.first)
        let number = packet.sessionID.map { "session \($0)" } ?? "session #\(index + 1)"
        plan.sessions.append(
            ReplayPlan.Session(
                index: index, lane: lane, namespace: packet.namespace, sessionID: packet.sessionID, socketID: row?.sid,
                label: name.map { "\($0) (\(number))" } ?? number, name: name ?? number))
        return index
    }

    private mutating func end(_ end: ConnectionEnds.End) {
        if let span, end.at >= span.upperBound { return }
        guard hasOpened[end.lane], !hasEnded[end.lane] else { return }
        hasEnded[end.lane] = true
        switch end.kind {
        case .close, .cut:
            plan.actions.append(
                ReplayPlan.Action(
                    index: plan.actions.count, lane: end.lane, session: nil, packetID: nil, at: end.at,
                    kind: end.kind == .close ? .close : .cut, after: plan.expectations.count))
        case .byServer(let reason):
            plan.expectations.append(
                ReplayPlan.Expectation(
                    index: plan.expectations.count, lane: end.lane, session: nil, packetID: nil, at: end.at, kind: .closed(reason: reason),
                    after: plan.actions.count, answers: nil, broadcastID: nil, holdsVariables: false, isOptional: false))
        }
    }

    private mutating func act(_ kind: ReplayPlan.Action.Kind, lane: Int, session: Int?, _ packet: Recording.Packet) {
        plan.actions.append(
            ReplayPlan.Action(
                index: plan.actions.count, lane: lane, session: session, packetID: packet.id, at: packet.at, kind: kind,
                after: plan.expectations.count))
    }

    private mutating func expect(
        _ kind: ReplayPlan.Expectation.Kind, lane: Int, session: Int, answers: Int? = nil, _ packet: Recording.Packet
    ) {
        if plan.variables.hasSecrets { secrets.received(packet.arguments) }
        var isOptional = false
        if case .event(let name, _, _) = kind { isOptional = rules.isIgnored(event: name) || packet.at < span?.lowerBound ?? .min }
        plan.expectations.append(
            ReplayPlan.Expectation(
                index: plan.expectations.count, lane: lane, session: session, packetID: packet.id, at: packet.at, kind: kind,
                after: plan.actions.count, answers: answers, broadcastID: packet.broadcastID,
                holdsVariables: plan.variables.occur(in: packet.content), isOptional: isOptional, hasOffset: packet.hasOffset))
    }

    // MARK: Honesty

    private mutating func addSecrets() {
        plan.secrets = overriding.secrets
        guard plan.variables.hasSecrets else { return }
        secrets.learn(overriding.secrets)
        let own = Set(options.headers.map { $0.name.lowercased() })
        for lane in plan.lanes {
            for header in lane.headers where !own.contains(header.name.lowercased()) {
                secrets.sent([.string(header.value)], "the header \(header.name) of connection \(lane.connectionID)")
            }
            for item in lane.query { secrets.sent([.string(item.value)], "the query of connection \(lane.connectionID)") }
        }
        plan.missingSecrets = secrets.missing
    }

    private mutating func addLimits() {
        for run in recording.runs where run.endedAt == nil {
            plan.limits.append(
                "run \(run.id) of the tape has no end: it was interrupted or is still being recorded, so its last moments may be missing")
        }
        for gap in recording.gaps {
            plan.limits.append("the tape has a gap: \(gap.packets) packets were not recorded (\(gap.reason))")
        }
        if skippedPackets > 0 {
            plan.limits.append("\(skippedPackets) packets could not be judged: what they belong to is not on the tape")
        }
    }
}
