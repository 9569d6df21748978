public import SocketIOWire

/// Connects this server with the others of its cluster: what one of them is told to do, all of them do.
///
/// Rooms and sockets are each server's own; an adapter carries requests between servers, and answers back. Without one, a server is alone
/// (``InMemoryAdapter``). ``ClusterAdapter`` needs no more than a bus that publishes and subscribes, such as Redis.
public protocol Adapter: Sendable {
    /// Called once, before anything is published. `receive` does what another server asks, and returns its answer where one is wanted.
    func start(_ receive: @escaping @Sendable (ClusterRequest) async -> JSONValue?)

    /// Sends a request to all other servers. Must not block; requests of one server arrive in the order of the calls.
    func publish(_ request: ClusterRequest)

    /// Sends a request to all other servers and gathers their answers.
    func ask(_ request: ClusterRequest, timeout: Duration) async -> ClusterAnswers

    /// How many servers there are, this one included.
    var serverCount: Int { get }

    func close() async
}

/// What a server asks the others to do in one namespace.
public struct ClusterRequest: Sendable, Hashable {
    /// What is to be done.
    public enum Kind: String, Sendable, CaseIterable {
        case broadcast
        case broadcastWithAck
        case join
        case leave
        case disconnect
        case fetchSockets
        case serverSideEmit
        case serverSideEmitWithAck
    }

    /// What is to be done.
    public var kind: Kind
    /// Where.
    public var namespace: String
    /// What is asked for; bytes may stand anywhere in it.
    public var body: JSONObject

    public init(_ kind: Kind, namespace: String, body: JSONObject) {
        self.kind = kind
        self.namespace = namespace
        self.body = body
    }
}

/// What the other servers answered.
public struct ClusterAnswers: Sendable {
    /// By the id of the server.
    public var answers: [String: JSONValue]
    /// Servers that are there but did not answer in time.
    public var missing: [String]

    public init(answers: [String: JSONValue] = [:], missing: [String] = []) {
        self.answers = answers
        self.missing = missing
    }
}

/// The adapter of a server that is alone.
public struct InMemoryAdapter: Adapter {
    public init() {}

    public func start(_ receive: @escaping @Sendable (ClusterRequest) async -> JSONValue?) {}
    public func publish(_ request: ClusterRequest) {}
    public func ask(_ request: ClusterRequest, timeout: Duration) async -> ClusterAnswers { ClusterAnswers() }
    public var serverCount: Int { 1 }
    public func close() async {}
}
