/// What is kept off a tape, and how.
///
/// A secret is replaced before anything is written, by `redacted-` and 16 digits: a hash of the value under a key that is not on
/// the tape. So equal secrets stay equal, and nobody can try passwords against the tape.
///
///     var options = TapeOptions()
///     options.redaction = try Redaction(adding: ["ssn", "login:$[1]"])
public struct Redaction: Sendable {
    /// Values of keys, header fields, cookies and query parameters that are named like a password, token, secret, cookie or credential.
    public static let standard = Redaction(isOn: true)
    /// Everything is recorded as it was on the wire.
    public static let nothing = Redaction(isOn: false)

    /// A rule of the user's, cut into its parts.
    struct PathRule: Sendable {
        /// Nil: every event, ack and auth.
        var event: String?
        var path: RulePath
    }

    let isOn: Bool
    private(set) var names: [String] = []
    private(set) var paths: [PathRule] = []
    /// The key of the hash. Random unless given: then secrets can be compared within one run only.
    public var key: [UInt8]

    private init(isOn: Bool) {
        self.isOn = isOn
        var random = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// The standard, and more.
    ///
    /// - Parameters:
    ///   - rules: `ssn`: the values of that name wherever it stands, headers and query included. `user.card`: a `card` directly in a
    ///     `user`. `$[0].card` and `login:$[1]`: a place in the arguments of every event and ack, or of one event.
    ///   - key: of the hash, to compare secrets across runs.
    /// - Throws: `RulePathError` for a rule that cannot be read.
    public init(adding rules: [String], key: [UInt8]? = nil) throws {
        self.init(isOn: true)
        if let key { self.key = key }
        for rule in rules { try add(rule) }
    }

    private mutating func add(_ text: String) throws {
        var event: String?
        var path = Substring(text)
        if !text.hasPrefix("$"), let colon = text.lastIndex(of: ":") {
            event = String(text[..<colon])
            path = text[text.index(after: colon)...]
        }
        guard !path.isEmpty else { throw RulePathError(rule: text, reason: "a path is missing") }
        if event == nil, !path.contains(where: { "$.[".contains($0) }) {
            let name = SecretNames.normalized(path.utf8)
            guard !name.isEmpty else { throw RulePathError(rule: text, reason: "a name has letters or digits") }
            return names.append(name)
        }
        let isPlaced = path.hasPrefix("$")
        paths.append(PathRule(event: event, path: try RulePath(parsing: isPlaced ? path : "$.." + path)))
    }
}

/// How a value that was replaced looks on a tape.
package enum RedactedValue {
    package static let prefix = "redacted-"
    static let digits = 16

    /// Whether the whole of a value is such a replacement.
    static func isWhole(_ value: [UInt8]) -> Bool {
        value.count == prefix.utf8.count + digits && value.starts(with: prefix.utf8)
            && value.dropFirst(prefix.utf8.count).allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }

    /// The hashes of all replaced values in a text, in the order they stand there.
    package static func hashes(in text: String) -> [String] {
        text.split(separator: prefix, omittingEmptySubsequences: false).dropFirst().compactMap { part in
            let hash = part.prefix(digits)
            return hash.count == digits && hash.allSatisfy(\.isHexDigit) ? String(hash) : nil
        }
    }
}
