/// Why a path cannot be read.
public struct RulePathError: Error, Sendable, CustomStringConvertible {
    public let rule: String
    public let reason: String

    public var description: String { "'\(rule)' is not a path: \(reason)." }
}

/// The path of a rule, of redaction as of replay: which places of a packet's arguments it speaks of.
///
/// `$` is the array of arguments. `$[0].at` is the `at` of the first argument. A path that begins with a name, as in `$.at`, means that
/// name in every argument that is an object. `[*]` and `.*` stand for every element or key, `..at` for an `at` at any depth.
package struct RulePath: Sendable, Hashable {
    package enum Segment: Sendable, Hashable {
        case key(String)
        case index(Int)
        case anyKey
        case anyIndex
        /// Any number of steps, none included.
        case anyDepth
    }

    package let segments: [Segment]

    /// A place that a rule speaks of as a whole.
    package init(segments: [Segment]) { self.segments = segments }

    package init(parsing text: Substring) throws(RulePathError) {
        var reader = PathReader(text: text)
        var segments = try reader.read()
        switch segments.first {
        case .key, .anyKey: segments.insert(.anyIndex, at: 0)
        default: break
        }
        self.segments = segments
    }

    /// The positions in `segments` that are still alive before the first step.
    package func start() -> [Int] { closure([0]) }

    /// The positions alive after stepping into `key` of an object.
    package func step(_ positions: [Int], intoKey key: String) -> [Int] {
        step(positions) { segment in
            switch segment {
            case .key(let name): name == key
            case .anyKey: true
            case .index, .anyIndex, .anyDepth: false
            }
        }
    }

    /// The positions alive after stepping into element `index` of an array.
    package func step(_ positions: [Int], intoIndex index: Int) -> [Int] {
        step(positions) { segment in
            switch segment {
            case .index(let number): number == index
            case .anyIndex: true
            case .key, .anyKey, .anyDepth: false
            }
        }
    }

    /// Whether the place reached is one that the path names.
    package func isComplete(_ positions: [Int]) -> Bool { positions.contains(segments.count) }

    private func step(_ positions: [Int], matching: (Segment) -> Bool) -> [Int] {
        var next: [Int] = []
        for position in positions where position < segments.count {
            if segments[position] == .anyDepth {
                next.append(position)
            } else if matching(segments[position]) {
                next.append(position + 1)
            }
        }
        return closure(next)
    }

    /// `..` may also stand for no step at all, so the segment behind it is alive as well.
    private func closure(_ positions: [Int]) -> [Int] {
        var all: [Int] = []
        for var position in positions {
            while true {
                if !all.contains(position) { all.append(position) }
                guard position < segments.count, segments[position] == .anyDepth else { break }
                position += 1
            }
        }
        return all
    }
}

/// Reads `$`, `.name`, `['name']`, `[3]`, `[*]`, `.*` and `..name`.
private struct PathReader {
    let text: Substring
    var rest: Substring

    init(text: Substring) {
        self.text = text
        rest = text
    }

    mutating func read() throws(RulePathError) -> [RulePath.Segment] {
        guard rest.first == "$" else { throw failure("a path begins with '$'") }
        rest.removeFirst()
        var segments: [RulePath.Segment] = []
        while let character = rest.first {
            switch character {
            case ".":
                rest.removeFirst()
                if rest.first == "." {
                    rest.removeFirst()
                    segments.append(.anyDepth)
                }
                segments.append(try name())
            case "[":
                rest.removeFirst()
                segments.append(try bracket())
            default:
                throw failure("expected '.' or '[' before '\(rest)'")
            }
        }
        return segments
    }

    private mutating func name() throws(RulePathError) -> RulePath.Segment {
        if rest.first == "*" {
            rest.removeFirst()
            return .anyKey
        }
        let name = rest.prefix { $0 != "." && $0 != "[" }
        guard !name.isEmpty else { throw failure("a name is missing after '.'") }
        rest = rest[name.endIndex...]
        return .key(String(name))
    }

    private mutating func bracket() throws(RulePathError) -> RulePath.Segment {
        guard let first = rest.first else { throw failure("'[' is not closed") }
        if first == "'" || first == "\"" {
            rest.removeFirst()
            guard let end = rest.firstIndex(of: first) else { throw failure("the quoted name is not closed") }
            let name = rest[..<end]
            rest = rest[rest.index(after: end)...]
            guard rest.first == "]" else { throw failure("'[' is not closed") }
            rest.removeFirst()
            return .key(String(name))
        }
        guard let end = rest.firstIndex(of: "]") else { throw failure("'[' is not closed") }
        let inner = rest[..<end]
        rest = rest[rest.index(after: end)...]
        if inner == "*" { return .anyIndex }
        guard let index = Int(inner), index >= 0 else {
            throw failure("'[\(inner)]' is neither a number from 0, nor '*', nor a quoted name")
        }
        return .index(index)
    }

    private func failure(_ reason: String) -> RulePathError { RulePathError(rule: String(text), reason: reason) }
}
