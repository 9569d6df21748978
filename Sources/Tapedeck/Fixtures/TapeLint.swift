import Foundation
import SocketIOWire
import Tape

/// Reads a tape with the eyes of somebody who will replay it next year, elsewhere.
public struct TapeLint {
    private let recording: Recording
    private let plan: ReplayPlan
    private let checks: Set<LintFinding.Check>
    private var found: [LintFinding] = []
    private var places: [Place: Int] = [:]

    private struct Place: Hashable {
        let check: LintFinding.Check
        let what: String
        let session: String?
    }

    /// - Throws: ``ReplayError`` if the tape cannot be read.
    public static func findings(
        tape: String, checks: Set<LintFinding.Check> = Set(LintFinding.Check.allCases)
    ) throws(ReplayError) -> [LintFinding] {
        findings(in: try Recording(tape: tape), checks: checks)
    }

    static func findings(
        in recording: Recording, checks: Set<LintFinding.Check> = Set(LintFinding.Check.allCases)
    ) -> [LintFinding] {
        var lint = TapeLint(recording: recording, checks: checks)
        lint.look()
        return lint.found
    }

    private init(recording: Recording, checks: Set<LintFinding.Check>) {
        self.recording = recording
        self.checks = checks
        plan = PlanBuilder.plan(for: recording, options: ReplayOptions())
    }

    private mutating func look() {
        lookForGaps()
        lookForAcks()
        lookForTimers()
        for connection in recording.connections { lookIntoHandshake(connection) }
        for action in plan.actions {
            let event = action.session == nil ? "" : action.eventName(in: plan)
            for (index, value) in action.arguments.enumerated() {
                look(into: value, path: JSONPath(argument: index)) { lint, leaf, path in
                    lint.lookForSecret(leaf, "'\(event)' at \(path)", action.session, action.packetID, scrub: "\(event):\(path)")
                    lint.lookForExpiry(leaf, path: path, event: event, action)
                }
            }
        }
        for expectation in plan.expectations {
            let event = expectation.ruleName
            for (index, value) in expectation.arguments.enumerated() {
                look(into: value, path: JSONPath(argument: index)) { lint, leaf, path in
                    lint.lookForSecret(leaf, "'\(event)' at \(path)", expectation.session, expectation.packetID, scrub: "\(event):\(path)")
                    lint.lookForClock(leaf, path: path, event: event, expectation)
                }
            }
        }
    }

    private mutating func look(into value: JSONValue, path: JSONPath, _ visit: (inout TapeLint, JSONValue, JSONPath) -> Void) {
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() { look(into: element, path: path.appending(index: index), visit) }
        case .object(let object): for (key, element) in object { look(into: element, path: path.appending(key: key), visit) }
        default: visit(&self, value, path)
        }
    }

    private mutating func add(
        _ check: LintFinding.Check, _ message: String, session: Int? = nil, packetID: Int64? = nil, remedy: String? = nil
    ) {
        guard checks.contains(check) else { return }
        let place = Place(check: check, what: message, session: nil)
        if let known = places[place] {
            found[known].count += 1
            return
        }
        places[place] = found.count
        found.append(
            LintFinding(
                check: check, message: message, session: session.map { plan.sessions[$0].label }, packetID: packetID, remedy: remedy))
    }

    // MARK: What is not there

    private mutating func lookForGaps() {
        for limit in plan.limits { add(.gaps, limit, remedy: "a verdict over this tape is limited; record it again if you can") }
    }

    private mutating func lookForAcks() {
        var answered: Set<Int> = []
        for expectation in plan.expectations { if case .ack(let action, _, _) = expectation.kind { answered.insert(action) } }
        var replied: Set<Int> = []
        for action in plan.actions { if case .answer(let request, _) = action.kind { replied.insert(request) } }
        for action in plan.actions {
            guard case .emit(let event, _, .some) = action.kind, !answered.contains(action.index) else { continue }
            add(
                .acks, "the server never answered '\(event)', which was sent with an ack", session: action.session,
                packetID: action.packetID,
                remedy: "replay cannot tell a lost ack from one that was never meant")
        }
        for expectation in plan.expectations {
            guard case .event(let event, _, .some) = expectation.kind, !replied.contains(expectation.index) else { continue }
            add(
                .acks, "a client never answered '\(event)', which the server sent with an ack", session: expectation.session,
                packetID: expectation.packetID, remedy: "replay stays silent, too; the server's timeout may show")
        }
    }

    // MARK: Time

    private static let handlerTime: Int64 = 1_000_000

    private mutating func lookForTimers() {
        guard checks.contains(.timers) else { return }
        var causes = MockCauses(plan: plan)
        var lastOwn: [Int: Int64] = [:]
        var next = 0
        for expectation in plan.expectations {
            while next < expectation.after {
                if let session = plan.actions[next].session { lastOwn[session] = plan.actions[next].at }
                next += 1
            }
            guard case .event(let event, _, _) = expectation.kind, let session = expectation.session else { continue }
            if let cause = causes.cause(of: expectation) {
                let delay = expectation.at - plan.actions[cause].at
                guard delay > Self.handlerTime else { continue }
                add(
                    .timers, "'\(event)' came more than a second after what caused it", session: session, packetID: expectation.packetID,
                    remedy: "replay waits for it that long and --timeout longer")
            } else if let last = lastOwn[session], expectation.at - last > 0 {
                add(
                    .timers, "'\(event)' came by itself: a timer or something outside made the server send it", session: session,
                    packetID: expectation.packetID, remedy: "if it comes by chance: --ignore '\(event)'")
            }
        }
    }

    /// A time that a client sent and that was still to come then.
    private mutating func lookForExpiry(_ leaf: JSONValue, path: JSONPath, event: String, _ action: ReplayPlan.Action) {
        guard checks.contains(.dates), let time = Self.time(leaf, key: path.lastKey), time > action.at + 60_000_000 else { return }
        let hasPassed = time < UnixTime.now()
        add(
            .dates,
            "'\(event)' at \(path) is \(UnixTime.text(time)), which was to come when it was recorded and \(hasPassed ? "has passed" : "will pass")",
            session: action.session, packetID: action.packetID,
            remedy: "in a rules file: refresh: [\"\(event):\(path)\"], or --set '\(event):\(path)=VALUE'")
    }

    /// The time of day, in what the server sends.
    private mutating func lookForClock(_ leaf: JSONValue, path: JSONPath, event: String, _ expectation: ReplayPlan.Expectation) {
        guard checks.contains(.clock), let time = Self.time(leaf, key: path.lastKey), abs(time - expectation.at) < 5_000_000 else { return }
        let kind = if case .string = leaf { "iso8601" } else { "epoch" }
        add(
            .clock, "'\(event)' at \(path) is the time of day", session: expectation.session, packetID: expectation.packetID,
            remedy: "--match '\(event):\(path)=\(kind)'")
    }

    /// Microseconds since 1970, if a value looks like a time: ISO 8601, Unix time, or the `exp` of a JSON web token. A day alone is its end.
    static func time(_ value: JSONValue, key: String?) -> Int64? {
        switch value {
        case .integer(let number) where (1_000_000_000..<10_000_000_000).contains(number): return number * 1_000_000
        case .integer(let number) where (1_000_000_000_000..<10_000_000_000_000).contains(number): return number * 1000
        case .number(let number) where (1e9..<1e10).contains(number): return Int64(number * 1e6)
        case .string(let text): return time(text)
        default: return nil
        }
    }

    private static func time(_ text: String) -> Int64? {
        guard text.utf8.count >= 10, text.utf8.count < 4096 else { return nil }
        if text.hasPrefix("eyJ") { return expiry(ofToken: text) }
        guard ValueKind.iso8601.accepts(.string(text)) else { return nil }
        var full = text.replacing(" ", with: "T")
        if full.count == 10 { full += "T23:59:59Z" }
        if full.firstMatch(of: /(Z|[+-]\d\d:?\d\d)$/) == nil { full += "Z" }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: full.contains("."))
        guard let date = try? style.parse(full) else { return nil }
        return Int64(date.timeIntervalSince1970 * 1e6)
    }

    private static func expiry(ofToken text: String) -> Int64? {
        let parts = text.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var payload = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        payload += String(repeating: "=", count: (4 - payload.count % 4) % 4)
        guard let data = Data(base64Encoded: String(payload)), let object = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            let expiry = object["exp"]?.doubleValue
        else { return nil }
        return Int64(expiry * 1e6)
    }

    // MARK: Secrets

    private mutating func lookForSecret(
        _ leaf: JSONValue, _ place: String, _ session: Int?, _ packetID: Int64?, scrub: String
    ) {
        guard checks.contains(.secrets), case .string(let text) = leaf, let kind = SecretPatterns.kind(of: text) else { return }
        add(
            .secrets, "\(place) looks like \(kind)", session: session, packetID: packetID,
            remedy: scrub.hasPrefix("connect") ? "tapedeck cut TAPE OUT --scrub NAME" : "tapedeck cut TAPE OUT --scrub '\(scrub)'")
    }

    private mutating func lookIntoHandshake(_ connection: Recording.Connection) {
        guard checks.contains(.secrets) else { return }
        let texts =
            connection.headers.map { (place: "the header \($0.name)", text: $0.value) } + [(place: "the URL", text: connection.url)]
        for (place, text) in texts {
            for part in text.split(whereSeparator: { " ;,&=?".contains($0) }) {
                guard let kind = SecretPatterns.kind(of: String(part)) else { continue }
                add(
                    .secrets, "\(place) of connection \(connection.id) looks like \(kind)",
                    remedy: "tapedeck cut TAPE OUT --scrub NAME, with the name of the field")
            }
        }
    }
}

extension ReplayPlan.Action {
    /// The name that rules know it by.
    func eventName(in plan: ReplayPlan) -> String {
        switch kind {
        case .emit(let event, _, _): event
        case .answer(let request, _): plan.expectations[request].ruleName
        default: "connect"
        }
    }
}

extension JSONPath {
    /// The key that the path ends with.
    var lastKey: String? { description.last == "]" ? nil : description.split(separator: ".").last.map(String.init) }
}
