internal import OrderedCollections

/// The members of a JSON object in the order in which they were written.
///
/// Two objects are equal if they have the same members, in whatever order.
///
/// ```swift
/// let user: JSONObject = ["name": "ferret", "age": 3]
/// user["name"] == "ferret"
/// ```
public struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private var members: OrderedDictionary<String, JSONValue>

    public init() {
        members = [:]
    }

    /// If a key comes twice, the last value wins, as in JavaScript.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = [:]
        members.reserveCapacity(elements.count)
        for (key, value) in elements { members[key] = value }
    }

    public init(_ elements: some Sequence<(key: String, value: JSONValue)>) {
        members = [:]
        for (key, value) in elements { members[key] = value }
    }

    /// The value of a member; `nil` removes it or says that there is none.
    public subscript(key: String) -> JSONValue? {
        get { members[key] }
        set { members[key] = newValue }
    }

    public var keys: [String] { Array(members.keys) }
    public var values: [JSONValue] { Array(members.values) }

    public static func == (left: Self, right: Self) -> Bool {
        guard left.members.count == right.members.count else { return false }
        return left.members.allSatisfy { right.members[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        // the order is free, so the members are combined by a sum, which does not know one
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            member.combine(key)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { members.count }
    public var count: Int { members.count }
    public subscript(position: Int) -> (key: String, value: JSONValue) {
        let element = members.elements[position]
        return (element.key, element.value)
    }
}
