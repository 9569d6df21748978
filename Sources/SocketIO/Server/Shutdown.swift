public import SocketIOWire

/// How a server says goodbye (trap 62 of the behaviour notes).
public struct Shutdown: Sendable {
    /// An event that each client gets first, so that its page can say so.
    public var notice: Notice?
    /// How long clients may take to receive what waits for them.
    public var drain: Duration = .seconds(5)
    /// Over how long the connections are closed, each at a random moment: clients come back when they are cut off, and should not all do so at once.
    public var jitter: Duration = .zero

    /// An event for everybody.
    public struct Notice: Sendable {
        /// Its name.
        public var event: String
        /// What it says.
        public var arguments: JSONArguments

        public init(_ event: String, _ arguments: JSONValue...) {
            self.event = event
            self.arguments = JSONArguments(arguments)
        }
    }

    public init(notice: Notice? = nil, drain: Duration = .seconds(5), jitter: Duration = .zero) {
        self.notice = notice
        self.drain = drain
        self.jitter = jitter
    }
}
