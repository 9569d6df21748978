/// Public ids: 20 characters of 6 random bits each, from the system's cryptographic generator.
enum RandomID {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        var bits = generator.next()
        return String(unsafeUninitializedCapacity: 20) { characters in
            for index in 0..<20 {
                // Ten characters use 60 bits of one random word.
                if index == 10 { bits = generator.next() }
                characters[index] = alphabet.utf8Start[Int(bits & 63)]
                bits >>= 6
            }
            return 20
        }
    }
}
