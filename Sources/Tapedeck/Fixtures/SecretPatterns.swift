/// Finds what looks like a secret, whatever it is called.
enum SecretPatterns {
    /// What a text looks like, if it looks like a secret. The text itself is never repeated.
    static func kind(of text: String) -> String? {
        guard text.utf8.count >= 13, text.utf8.count <= 100_000 else { return nil }
        if isCardNumber(text) { return "a payment card number" }
        guard text.utf8.count >= 16 else { return nil }
        for (kind, start, isMeant) in prefixes {
            var rest = text[...]
            while let found = rest.firstRange(of: start) {
                let isWordStart = found.lowerBound == text.startIndex || !isWord(text[text.index(before: found.lowerBound)])
                let word = text[found.lowerBound...].prefix { isWord($0) || $0 == "." || $0 == "-" }
                if isWordStart, isMeant(word) { return kind }
                rest = rest[found.upperBound...]
            }
        }
        return nil
    }

    private static let prefixes: [(kind: String, start: String, isMeant: @Sendable (Substring) -> Bool)] = [
        ("a JSON web token", "eyJ", { $0.split(separator: ".", omittingEmptySubsequences: false).count == 3 && $0.count > 40 }),
        ("an AWS access key", "AKIA", { $0.count == 20 }),
        ("a GitHub token", "ghp_", { $0.count >= 40 }),
        ("a GitHub token", "gho_", { $0.count >= 40 }),
        ("a GitHub token", "ghs_", { $0.count >= 40 }),
        ("a GitHub token", "github_pat_", { $0.count >= 40 }),
        ("a GitLab token", "glpat-", { $0.count >= 26 }),
        ("a Slack token", "xoxb-", { $0.count >= 24 }),
        ("a Slack token", "xoxp-", { $0.count >= 24 }),
        ("a Stripe key", "sk_live_", { $0.count >= 24 }),
        ("a Stripe key", "rk_live_", { $0.count >= 24 }),
        ("a Google API key", "AIza", { $0.count == 39 }),
        ("a private key", "-----BEGIN", { _ in true }),
    ]

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

    /// Thirteen to nineteen digits, spaces or dashes between them, with the right check digit and a first digit that cards have.
    private static func isCardNumber(_ text: String) -> Bool {
        guard text.utf8.count <= 23 else { return false }
        var digits: [Int] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(Int(byte - UInt8(ascii: "0")))
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            default: return false
            }
        }
        guard (13...19).contains(digits.count), (3...6).contains(digits[0]) else { return false }
        // times in milliseconds and microseconds have 13 and 16 digits, too, but begin with 1
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            guard digit.offset % 2 == 1 else { return sum + digit.element }
            return sum + (digit.element > 4 ? digit.element * 2 - 9 : digit.element * 2)
        }
        return sum % 10 == 0
    }
}
