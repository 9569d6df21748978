/// An argument is not what a handler wants, or cannot be written as JSON.
public enum ArgumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There are fewer arguments than wanted. `index` counts from 0.
    case missing(index: Int, expected: String)
    /// `path` says where, `$[1].name` for the member `name` of the second argument.
    case mismatch(path: String, expected: String, found: String)
    /// Right in kind and yet not acceptable.
    case invalid(path: String, reason: String)

    public var description: String {
        switch self {
        case .missing(let index, let expected): "argument \(index + 1) is missing: \(expected) expected"
        case .mismatch(let path, let expected, let found): "\(path): \(expected) expected, \(found) found"
        case .invalid(let path, let reason): "\(path): \(reason)"
        }
    }
}
