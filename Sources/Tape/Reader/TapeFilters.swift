/// Which packets are wanted; what is nil does not matter.
public struct PacketFilter: Sendable, Equatable {
    public var run: Int64?
    public var session: Int64?
    public var connection: Int64?
    public var namespace: String?
    public var event: String?
    public var direction: TapeDirection?
    public var layer: PacketRow.Layer?
    /// As `TapePacketType` or `TapeEnginePacketType` name it.
    public var type: String?
    /// Packets of sessions while they were in a room of this name.
    public var room: String?
    /// Microseconds since 1970, inclusive.
    public var since: Int64?
    /// Microseconds since 1970, exclusive.
    public var until: Int64?
    /// Text inside the data; ASCII letters match in either case.
    public var text: String?
    public var broadcast: Int64?
    /// Packets that asked for an ack, by what became of it.
    public var ackStatus: AckRow.Status?
    /// Packets that asked for an ack and got it after this many milliseconds or later.
    public var minAckMilliseconds: Double?
    /// Pings and pongs of the engine too.
    public var includesHeartbeats = false

    public init() {}
}

public struct AckFilter: Sendable, Equatable {
    public var session: Int64?
    public var namespace: String?
    /// Of the request.
    public var direction: TapeDirection?
    public var status: AckRow.Status?
    public var event: String?
    public var minLatencyMilliseconds: Double?
    /// When the ack was asked for: microseconds since 1970, inclusive.
    public var since: Int64?
    /// Exclusive.
    public var until: Int64?

    public init() {}
}

public struct SessionFilter: Sendable, Equatable {
    public var run: Int64?
    public var connection: Int64?
    public var namespace: String?
    public var sid: String?
    /// Only those that have not ended, or only those that have.
    public var isOpen: Bool?

    public init() {}
}

public struct RoomChangeFilter: Sendable, Equatable {
    public var session: Int64?
    public var namespace: String?
    public var room: String?
    public var since: Int64?
    public var until: Int64?

    public init() {}
}
