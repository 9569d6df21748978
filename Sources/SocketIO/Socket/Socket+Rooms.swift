import NIOConcurrencyHelpers

extension Socket {
    /// The rooms that the socket is in, its own id's included. Empty after it was disconnected.
    public var rooms: Set<Room> {
        namespace.table.withLockedValue { $0.rooms(of: id) }
    }

    /// Puts the socket into a room, at once. From a middleware too; after a disconnect nothing happens (trap 49 of the behaviour notes).
    public func join(_ room: Room) {
        namespace.join(self, [room])
    }

    /// Puts the socket into several rooms, at once.
    public func join(_ rooms: [Room]) {
        namespace.join(self, rooms)
    }

    /// Takes the socket out of a room, at once.
    public func leave(_ room: Room) {
        namespace.leave(self, [room])
    }

    /// Takes the socket out of several rooms, at once.
    public func leave(_ rooms: [Room]) {
        namespace.leave(self, rooms)
    }

    // MARK: To others

    /// Reaches everyone in the namespace but this socket.
    public var broadcast: BroadcastOperator { namespace.except(id) }

    /// Reaches everyone in the room but this socket.
    public func to(_ room: Room) -> BroadcastOperator { broadcast.to(room) }

    /// Reaches everyone in any of the rooms but this socket.
    public func to(_ rooms: [Room]) -> BroadcastOperator { broadcast.to(rooms) }

    /// The same as `to`; Socket.IO calls it `in`.
    public func inRoom(_ room: Room) -> BroadcastOperator { broadcast.to(room) }

    /// Reaches everyone in the namespace but this socket and those in the room.
    public func except(_ room: Room) -> BroadcastOperator { broadcast.except(room) }

    /// Reaches everyone in the namespace but this socket and those in any of the rooms.
    public func except(_ rooms: [Room]) -> BroadcastOperator { broadcast.except(rooms) }

    /// Reaches sockets on this server, this one left out.
    public var local: BroadcastOperator { broadcast.local }
}
