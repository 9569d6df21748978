import Foundation
import HTTPTypes
import Hummingbird

/// The query of a request, read strictly: an unknown name or a value that cannot be read is a problem that names the parameter.
struct QueryParameters: Sendable {
    private let values: [String: String]

    /// - Throws: ``Problem`` for a parameter that is not declared, stands there twice, is missing, or has a value that it does not take.
    init(of request: Request, declared: [APIParameter]) throws {
        var values: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(sides[0])
            let value = sides.count > 1 ? try Self.decoded(sides[1]) : ""
            guard declared.contains(where: { $0.name == name }) else {
                let known = declared.map(\.name).sorted().joined(separator: ", ")
                throw Problem(
                    status: .badRequest, title: "Unknown parameter",
                    detail: "'\(name)' is not known here. Known: \(known.isEmpty ? "none" : known).", parameter: name)
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem.parameter(name, takes: "one value, not two")
            }
        }
        self.values = values
        for parameter in declared { try check(parameter) }
    }

    private func check(_ parameter: APIParameter) throws {
        let name = parameter.name
        guard let value = values[name] else {
            guard !parameter.isRequired else {
                throw Problem(
                    status: .badRequest, title: "Missing parameter", detail: "'\(name)' is wanted: \(parameter.about)", parameter: name)
            }
            return
        }
        switch parameter.kind {
        case .text, .pairCursor: break
        case .cursor:
            guard value.utf8.count <= 18, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !value.isEmpty
            else { throw Problem.parameter(name, takes: "the value of 'next' of the page before") }
        case .id: _ = try integer(name)
        case .limit: _ = try limit()
        case .number: _ = try number(name)
        case .flag: _ = try isOn(name)
        case .time: _ = try time(name)
        case .choice(let words):
            guard words.contains(value) else { throw Problem.parameter(name, takes: "one of \(words.joined(separator: ", "))") }
        }
    }

    /// As forms and `URLSearchParams` write it: a blank may be a plus.
    private static func decoded(_ text: Substring) throws -> String {
        guard let decoded = text.replacing("+", with: " ").removingPercentEncoding else {
            throw Problem(status: .badRequest, title: "Bad query", detail: "'\(text)' is not percent-encoded UTF-8.")
        }
        return decoded
    }

    /// Whether it stands there at all.
    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func integer(_ name: String, in range: ClosedRange<Int64> = 0...Int64.max, takes: String = "a whole number") throws -> Int64? {
        guard let text = values[name] else { return nil }
        guard let value = Int64(text), range.contains(value) else { throw Problem.parameter(name, takes: takes) }
        return value
    }

    func number(_ name: String) throws -> Double? {
        guard let text = values[name] else { return nil }
        guard let value = Double(text), value.isFinite, value >= 0 else { throw Problem.parameter(name, takes: "a number from 0 on") }
        return value
    }

    func isOn(_ name: String) throws -> Bool {
        switch values[name] {
        case nil: return false
        case "true", "1": return true
        case "false", "0": return false
        default: throw Problem.parameter(name, takes: "true or false")
        }
    }

    /// One of a few words that an enumeration knows.
    func choice<Value: RawRepresentable>(_ name: String) -> Value? where Value.RawValue == String {
        values[name].flatMap(Value.init(rawValue:))
    }

    /// A moment, in microseconds since 1970: ISO 8601 with or without a fraction, or that number itself.
    func time(_ name: String) throws -> Int64? {
        guard let text = values[name] else { return nil }
        if let microseconds = Int64(text), (0...APIParameter.lastTime).contains(microseconds) { return microseconds }
        // A '+' of a zone's offset arrives as a blank, since in a query it means one.
        guard let microseconds = ISO8601Time.microseconds(of: text.replacing(" ", with: "+")) else {
            throw Problem.parameter(name, takes: "a time such as 2026-01-31T12:00:00.000000Z, or microseconds since 1970")
        }
        return microseconds
    }

    /// How many items a page holds: 1 to 1000, 100 unless asked for.
    func limit() throws -> Int {
        Int(try integer("limit", in: 1...1000, takes: "a number from 1 to 1000") ?? 100)
    }
}

/// ISO 8601 times to the microsecond.
enum ISO8601Time {
    /// Microseconds since 1970, or `nil` if `text` is not such a time.
    static func microseconds(of text: String) -> Int64? {
        let pattern = /(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:?\d\d)?/
        guard let match = try? pattern.wholeMatch(in: text) else { return nil }
        let strategy = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        // A leap second is the last of its minute to this calendar.
        let second = match.3 == "60" ? "59" : match.3
        guard let date = try? strategy.parse("\(match.1)T\(match.2):\(second)\((match.5 ?? "Z").uppercased())") else { return nil }
        let fraction = match.4.map { String($0.prefix(6)) } ?? ""
        let padded = fraction + String(repeating: "0", count: 6 - fraction.count)
        return Int64(date.timeIntervalSince1970) * 1_000_000 + (Int64(padded) ?? 0)
    }
}
