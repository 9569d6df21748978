import NIOCore
import SocketIOWire

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func string() -> String {
        let alphabet = [
            "a", "Z", "\"", "\\", "\n", "\u{1}", "é", "日", "🦦", " ", "/", "\u{2028}", "_placeholder", "num", "0123456789abcdef",
        ]
        return (0..<Int.random(in: 0...6, using: &self)).map { _ in alphabet.randomElement(using: &self)! }.joined()
    }

    mutating func value(depth: Int = 0, binary: Bool = false) -> JSONValue {
        switch Int.random(in: 0...(depth > 4 ? 6 : 9), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2: return .integer(.random(in: .min ... .max, using: &self))
        case 3: return .integer(.random(in: -1000...1000, using: &self))
        case 4: return .number(Double(bitPattern: next()).isFinite ? Double.random(in: -1e9...1e9, using: &self) : 0.5)
        case 5: return .string(string())
        case 6 where binary: return .binary(ByteBuffer(bytes: (0..<Int.random(in: 0...20, using: &self)).map { UInt8($0) }))
        case 6: return .string(string())
        case 7, 8: return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth: depth + 1, binary: binary) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...4, using: &self) { object["k" + string()] = value(depth: depth + 1, binary: binary) }
            return .object(object)
        }
    }

    /// The bytes with a few changed, removed, added or moved.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let interesting = Array("{}[]\",:\\u0123456789-+.eE truefalsn".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC0, 0xED, 0xFF]
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            switch Int.random(in: 0...3, using: &self) {
            case 0 where !bytes.isEmpty: bytes[Int.random(in: 0..<bytes.count, using: &self)] = interesting.randomElement(using: &self)!
            case 1 where !bytes.isEmpty: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &self))
            case 2 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &self))
            default: bytes.insert(interesting.randomElement(using: &self)!, at: Int.random(in: 0...bytes.count, using: &self))
            }
        }
        return bytes
    }
}
