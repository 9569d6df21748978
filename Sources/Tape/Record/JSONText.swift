/// JSON text for the few values that the tape itself puts together.
enum JSONText {
    static func string(_ value: some StringProtocol) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// Header fields as an object: names in lower case, the values of a repeated field joined as HTTP allows.
    static func headers(_ fields: [(name: String, value: String)]) -> String {
        var names: [String] = []
        var values: [String: String] = [:]
        for (name, value) in fields {
            let name = name.lowercased()
            if let known = values[name] {
                values[name] = known + (name == "cookie" ? "; " : ", ") + value
            } else {
                names.append(name)
                values[name] = value
            }
        }
        return "{" + names.map { string($0) + ":" + string(values[$0] ?? "") }.joined(separator: ",") + "}"
    }

    static func array(_ numbers: [Int]) -> String { "[" + numbers.map(String.init).joined(separator: ",") + "]" }
}
