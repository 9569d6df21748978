/// The place of a value in a packet's arguments, written as rules write it: `$[0].user.name`.
package struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    package private(set) var description: String

    init() { description = "$" }

    init(argument index: Int) { description = "$[\(index)]" }

    private init(description: String) { self.description = description }

    func appending(index: Int) -> JSONPath { JSONPath(description: "\(description)[\(index)]") }

    func appending(key: String) -> JSONPath {
        let isPlain =
            !key.isEmpty && key.utf8.allSatisfy { ValueIndex.isWordByte($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        if isPlain { return JSONPath(description: "\(description).\(key)") }
        let quote = key.contains("'") ? "\"" : "'"
        return JSONPath(description: "\(description)[\(quote)\(key)\(quote)]")
    }
}
