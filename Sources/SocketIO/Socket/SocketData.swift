import Synchronization

/// What an app keeps with a socket, by typed keys.
///
/// ```swift
/// extension SocketData.Key where Value == String {
///     static var nickname: Self { "nickname" }
/// }
/// socket.data[.nickname] = "tobi"
/// let name = socket.data[.nickname] ?? "nobody"
/// ```
///
/// May be used from any thread. It ends with the socket.
public struct SocketData: Sendable {
    /// Names a value and its type. Two keys of one name and different types do not see each other's value.
    public struct Key<Value: Sendable>: Sendable, Hashable, ExpressibleByStringLiteral {
        /// The name that values are kept under.
        public let name: String

        public init(_ name: String) {
            self.name = name
        }

        public init(stringLiteral name: String) {
            self.name = name
        }
    }

    let socket: Socket

    /// The value; nil if there is none, or none of this type. Nil removes it.
    public subscript<Value: Sendable>(key: Key<Value>) -> Value? {
        get { socket.storedData.withLock { $0[key.name] as? Value } }
        nonmutating set { socket.storedData.withLock { $0[key.name] = newValue } }
    }

    /// The value, or `fallback` if there is none.
    public subscript<Value: Sendable>(key: Key<Value>, default fallback: @autoclosure () -> Value) -> Value {
        self[key] ?? fallback()
    }

    /// Removes everything.
    public func removeAll() {
        socket.storedData.withLock { $0 = [:] }
    }
}
