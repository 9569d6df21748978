/// Tells by its name whether a value is a secret: `password`, `newPassword2`, `access_token`, `X-Api-Key`.
struct SecretNames {
    private static let parts = ["password", "passwd", "passphrase", "passcode", "secret"]
    private static let ends = [
        "token", "tokens", "authorization", "cookie", "cookies", "apikey", "apikeys", "privatekey", "accesskey", "signingkey",
        "encryptionkey", "credential", "credentials", "pwd",
    ]
    private static let names: Set<String> = ["pass", "jwt", "otp", "cvv", "cvc"]

    private let added: Set<String>

    init(adding names: [String]) { added = Set(names) }

    /// Looks a verdict up that was found before, else finds it. Clients choose names, so the memory of them has a bound.
    private var short: [ShortName] = Array(repeating: ShortName(), count: 512)

    private struct ShortName {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var isSecret = false
    }

    mutating func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count > 0 else { return false }
        guard name.count <= 23 else { return isSecret(name) }
        // Zero-padded with the length in the last byte: equal words are equal names.
        var key = ShortName()
        withUnsafeMutableBytes(of: &key) { words in
            for index in 0..<name.count { words[index] = name[index] }
            words[23] = UInt8(truncatingIfNeeded: name.count)
        }
        let mixed = (key.first ^ (key.second &* 0x9E37_79B9_7F4A_7C15) ^ key.third) &* 0xD6E8_FEB8_6659_FD93
        let slot = Int(truncatingIfNeeded: mixed >> 55)
        let known = short[slot]
        if known.first == key.first, known.second == key.second, known.third == key.third { return known.isSecret }
        key.isSecret = isSecret(name)
        short[slot] = key
        return key.isSecret
    }

    private func isSecret(_ name: UnsafeRawBufferPointer) -> Bool {
        // A name as long as this is text that somebody used as a key.
        guard name.count <= 256 else { return false }
        var name = Self.normalized(name)
        if added.contains(name) { return true }
        while let last = name.last, last.isNumber { name.removeLast() }
        if Self.names.contains(name) || added.contains(name) || Self.ends.contains(where: name.hasSuffix) { return true }
        return Self.parts.contains { name.contains($0) } && !name.contains("secretar")
    }

    /// Letters and digits only, in lower case.
    static func normalized(_ name: some Sequence<UInt8>) -> String {
        var letters: [UInt8] = []
        for byte in name {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): letters.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF: letters.append(byte)
            default: break
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }
}
