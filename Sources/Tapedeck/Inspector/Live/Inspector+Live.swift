import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import SocketIOWire
import Tape

/// What happens, as it happens: server-sent events with the ids of the tape.
extension Inspector {
    private static let kind = APIParameter(
        "kind", .choice(["packet", "room-change", "session"]), "Only events of this kind; all three unless given.")

    func addLive(to api: inout APIRoutes) {
        api.get(
            "live",
            "Packets, room changes and sessions as they happen, as server-sent events. Last-Event-ID, or 'after', resumes without loss.",
            APIParameter.packetFilters + [Self.kind, APIParameter("after", .id, "Begin after this id, as Last-Event-ID does.")], .stream
        ) { request in
            let parameters = request.parameters
            let filter = try PacketFilter(parameters)
            let kind = parameters.text("kind")
            let after = try Self.lastEventID(request) ?? parameters.integer("after")
            _ = try recordedTape()
            guard live.listenerCount < live.limits.listeners else { throw Problem.busy }
            let headers: HTTPFields = [.contentType: "text/event-stream; charset=utf-8"]
            guard request.request.method == .get else { return Response(status: .ok, headers: headers) }
            try await request.context.limitPendingWrites()
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    var listener = LiveListener(feed: live, filter: filter, kind: kind, read: { try await read($0) })
                    // When the server drains, the stream ends properly, and the client comes back with Last-Event-ID.
                    try await withGracefulShutdownHandler {
                        try await live.listening { position in
                            try await listener.run(from: after, end: position) { text in
                                try await writer.write(text)
                                try await request.context.letWritesSettle()
                            }
                        }
                    } onGracefulShutdown: {
                        live.end()
                        request.context.closeSoon()
                    }
                    try await writer.finish(nil)
                })
        }
    }

    private static func lastEventID(_ request: APIRequest) throws -> Int64? {
        guard let name = HTTPField.Name("Last-Event-ID"), let text = request.request.headers[name], !text.isEmpty else { return nil }
        guard let id = Int64(text), id >= 0 else {
            throw Problem(
                status: .badRequest, title: "Bad header", detail: "'Last-Event-ID' takes the id of an event of this stream.",
                parameter: "Last-Event-ID")
        }
        return id
    }
}

/// One who listens: where it stands and what it wants.
struct LiveListener: Sendable {
    typealias Read =
        @Sendable (@escaping @Sendable (TapeSnapshot) throws -> (items: [TapeChange], upTo: Int64)) async throws -> (
            items: [TapeChange], upTo: Int64
        )

    let feed: LiveFeed
    let filter: PacketFilter
    let kind: String?
    let read: Read
    private var position: Int64 = 0
    /// It reads from the tape what happened before it came.
    private var isCatchingUp = false

    init(feed: LiveFeed, filter: PacketFilter, kind: String?, read: @escaping Read) {
        self.feed = feed
        self.filter = filter
        self.kind = kind
        self.read = read
    }

    private var wantsAll: Bool { kind == nil && filter == Self.everything }
    private static let everything: PacketFilter = {
        var filter = PacketFilter()
        filter.includesHeartbeats = true
        return filter
    }()

    /// Until the client goes, the server drains, or the tape ends.
    mutating func run(from after: Int64?, end: Int64, write: (ByteBuffer) async throws -> Void) async throws {
        position = min(after ?? end, end)
        isCatchingUp = position < end
        var greeting = ByteBuffer(string: "retry: 1000\n\n")
        greeting.writeImmutableBuffer(LiveBlock.event("ready", id: position, ["after": .integer(position)]))
        if let after, after > end {
            // An id of another tape: there is nothing to resume, and the client must know.
            greeting.writeImmutableBuffer(Self.skipped(after: nil, upTo: end, "the tape does not know this id"))
        }
        try await write(greeting)
        while true {
            switch feed.next(after: position) {
            case .behind where isCatchingUp, .nothing where isCatchingUp && position < end:
                try await readTape(write)
            case .block(let block) where needsTape(for: block):
                try await readTape(write)
            case .block(let block):
                isCatchingUp = false
                let (text, upTo) = wantsAll && position == block.after ? (block.text, block.upTo) : block.piece(isWanted, after: position)
                position = upTo
                if text.readableBytes > 0 { try await write(text) }
            case .behind(let start):
                let skipped = Self.skipped(after: position, upTo: start, "the listener was too slow")
                position = start
                try await write(skipped)
            case .nothing:
                isCatchingUp = false
                switch try await feed.wait(after: position) {
                case .news: break
                case .quiet: try await write(ByteBuffer(string: ": still here\n\n"))
                case .ended: return
                }
            }
        }
    }

    /// Who is in a room, only the tape knows; and of a CONNECT, the tape alone knows later which session it began.
    private func needsTape(for block: LiveBlock) -> Bool {
        filter.room != nil || (filter.session != nil && block.lastUndecided.map { $0 > position } ?? false)
    }

    private mutating func readTape(_ write: (ByteBuffer) async throws -> Void) async throws {
        let (items, upTo) = try await read { [filter, position] in try $0.changes(filter, after: position) }
        var text = ByteBuffer()
        for item in items where isOfKind(item) { text.writeImmutableBuffer(try LiveBlock.event(item)) }
        if upTo <= position {
            // The end of a session that is not on the tape yet; it will be with the writer's next batch. Or the server has not decided
            // yet whether it accepts the socket; however long that takes, nothing of it is skipped.
            isCatchingUp = true
            try await Task.sleep(for: feed.limits.interval)
        }
        position = max(position, upTo)
        if text.readableBytes > 0 { try await write(text) }
    }

    private func isWanted(_ change: TapeChange) -> Bool { isOfKind(change) && filter.accepts(change) }

    private func isOfKind(_ change: TapeChange) -> Bool {
        switch change {
        case .packet: kind == nil || kind == "packet"
        case .roomChange: kind == nil || kind == "room-change"
        case .session: kind == nil || kind == "session"
        }
    }

    /// Says that something was left out, and what: `packets?after=…` has it.
    private static func skipped(after: Int64?, upTo: Int64, _ reason: String) -> ByteBuffer {
        LiveBlock.event(
            "skipped", id: upTo, ["after": after.map { .integer($0) } ?? .null, "up_to": .integer(upTo), "reason": .string(reason)])
    }
}
