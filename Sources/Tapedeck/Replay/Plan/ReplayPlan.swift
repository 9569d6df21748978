package import SocketIOWire

/// What a recording asks for, before any server is spoken to: lanes, acts and what must come back, in one order.
///
/// A pure function of recording and options. Acts and expectations stand in the order of the recording; an act waits for all
/// expectations before it, in its own lane and in the others.
package struct ReplayPlan: Sendable {
    /// One recorded connection.
    package struct Lane: Sendable {
        package enum Transport: String, Sendable {
            case polling
            case webSocket = "websocket"
            case upgrade = "polling, then websocket"
        }

        package let index: Int
        package let connectionID: Int64
        /// Of the Engine.IO protocol, 3 or 4.
        package let revision: Int
        package let usesMessagePack: Bool
        package let transport: Transport
        /// The engine's path.
        package let path: String
        /// Query items that the client added of its own.
        package let query: [QueryItem]
        package let headers: [Recording.Header]
        package let engineID: Int?
    }

    package struct QueryItem: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    /// One stay of a connection in a namespace, from its CONNECT on.
    package struct Session: Sendable {
        package let index: Int
        package let lane: Int
        package let namespace: String
        /// The tape's id of it, if the tape has one.
        package let sessionID: Int64?
        package let socketID: String?
        /// How people are told of it: `ann (session 2)` or `session 2`.
        package let label: String
        /// The name alone, for lists of recipients.
        package let name: String
        /// The expectation that is the answer to its connect, if there was one.
        package internal(set) var connectAnswer: Int?
    }

    package struct Action: Sendable {
        package enum Kind: Sendable {
            case open
            case upgrade
            case connect(auth: JSONValue?)
            case emit(event: String, arguments: RecordedArguments, ackID: UInt64?)
            /// The answer to the event that is expectation `request`.
            case answer(request: Int, arguments: RecordedArguments)
            case leave
            case close
            /// The line is cut, without a word.
            case cut
        }

        let place: Place
        package let kind: Kind

        package var index: Int { Int(place.index) }
        package var lane: Int { Int(place.lane) }
        package var session: Int? { place.session < 0 ? nil : Int(place.session) }
        package var packetID: Int64? { place.packetID < 0 ? nil : place.packetID }
        package var at: Int64 { place.at }
        /// How many expectations stood before it in the recording; it waits for them.
        package var after: Int { Int(place.after) }

        init(index: Int, lane: Int, session: Int?, packetID: Int64?, at: Int64, kind: Kind, after: Int) {
            self.init(place: Place(index: index, lane: lane, session: session, packetID: packetID, at: at, after: after), kind: kind)
        }

        init(place: Place, kind: Kind) {
            self.place = place
            self.kind = kind
        }
    }

    /// Where an act or expectation stands. There may be millions of them, so it is small.
    struct Place: BitwiseCopyable, Sendable {
        let at: Int64
        let packetID: Int64
        let index: Int32
        let lane: Int32
        let session: Int32
        let after: Int32

        init(index: Int, lane: Int, session: Int?, packetID: Int64?, at: Int64, after: Int) {
            self.at = at
            self.packetID = packetID ?? -1
            self.index = Int32(clamping: index)
            self.lane = Int32(clamping: lane)
            self.session = Int32(clamping: session ?? -1)
            self.after = Int32(clamping: after)
        }

        /// Of nothing.
        init() { self.init(index: 0, lane: 0, session: nil, packetID: nil, at: 0, after: 0) }
    }

    package struct Expectation: Sendable {
        package enum Kind: Sendable {
            case connected(JSONValue?)
            case refused(JSONValue?)
            case event(name: String, arguments: RecordedArguments, ackID: UInt64?)
            case ack(action: Int, event: String, arguments: RecordedArguments)
            case disconnected
            /// The server ends the connection.
            case closed(reason: String)
        }

        let place: Place
        package let kind: Kind
        let answered: Int32
        let broadcast: Int64
        package let holdsVariables: Bool
        /// It may come or not: the user ignores it.
        package let isOptional: Bool
        /// The server sent an offset with it, for clients that come back.
        package let hasOffset: Bool

        package var index: Int { Int(place.index) }
        package var lane: Int { Int(place.lane) }
        package var session: Int? { place.session < 0 ? nil : Int(place.session) }
        package var packetID: Int64? { place.packetID < 0 ? nil : place.packetID }
        package var at: Int64 { place.at }
        /// How many actions stood before it in the recording. The last of them is its likely cause.
        package var after: Int { Int(place.after) }
        /// The action that it answers: whose ack it is, whose connect. It proves that the server has seen the action.
        package var answers: Int? { answered < 0 ? nil : Int(answered) }
        package var broadcastID: Int64? { broadcast < 0 ? nil : broadcast }

        init(
            index: Int, lane: Int, session: Int?, packetID: Int64?, at: Int64, kind: Kind, after: Int, answers: Int?, broadcastID: Int64?,
            holdsVariables: Bool, isOptional: Bool, hasOffset: Bool = false
        ) {
            place = Place(index: index, lane: lane, session: session, packetID: packetID, at: at, after: after)
            self.kind = kind
            answered = Int32(clamping: answers ?? -1)
            broadcast = broadcastID ?? -1
            self.holdsVariables = holdsVariables
            self.isOptional = isOptional
            self.hasOffset = hasOffset
        }

        init(
            place: Place, kind: Kind, answered: Int32, broadcast: Int64, holdsVariables: Bool, isOptional: Bool, hasOffset: Bool
        ) {
            self.place = place
            self.kind = kind
            self.answered = answered
            self.broadcast = broadcast
            self.holdsVariables = holdsVariables
            self.isOptional = isOptional
            self.hasOffset = hasOffset
        }
    }

    package internal(set) var lanes: [Lane] = []
    package internal(set) var sessions: [Session] = []
    package internal(set) var actions: LongList<Action> = []
    package internal(set) var expectations: LongList<Expectation> = []
    package internal(set) var variables = VariableTable()
    /// The values of secrets that were given, by variable. No plan shows them.
    package internal(set) var secrets: [Int: JSONValue] = [:]
    /// Where secrets stand that nobody has given.
    package internal(set) var missingSecrets: [String] = []
    /// What could not be planned or must be known to judge the verdict.
    package internal(set) var notes: [String] = []
    /// The recorded gaps and interruptions, said in words; a verdict over such a tape is labelled with them.
    package internal(set) var limits: [String] = []

    package init() {}
}

extension ReplayPlan.Action {
    /// The client ends the connection. Even a flood waits before it: what has not come then never will.
    var isEnd: Bool {
        switch kind {
        case .close, .cut: true
        default: false
        }
    }

    /// Decoded anew at each call.
    package var arguments: [JSONValue] {
        switch kind {
        case .connect(let auth): auth.map { [$0] } ?? []
        case .emit(_, let arguments, _), .answer(_, let arguments): arguments.values
        case .open, .upgrade, .leave, .close, .cut: []
        }
    }

    /// What it is, in a few words.
    package var title: String {
        switch kind {
        case .open: "open"
        case .upgrade: "upgrade"
        case .connect: "connect"
        case .emit(let event, _, let ackID): ackID == nil ? "emit '\(event)'" : "emit '\(event)' with an ack"
        case .answer: "answer the ack"
        case .leave: "leave the namespace"
        case .close: "close"
        case .cut: "cut the line"
        }
    }
}

extension ReplayPlan.Expectation {
    /// The name that rules know its packet by.
    package var ruleName: String {
        switch kind {
        case .connected: "connect"
        case .refused: "connect_error"
        case .event(let name, _, _): name
        case .ack(_, let event, _): event
        case .disconnected, .closed: "disconnect"
        }
    }

    /// Decoded anew at each call.
    package var arguments: [JSONValue] {
        switch kind {
        case .connected(let payload), .refused(let payload): payload.map { [$0] } ?? []
        case .event(_, let arguments, _), .ack(_, _, let arguments): arguments.values
        case .disconnected, .closed: []
        }
    }

    package var title: String {
        switch kind {
        case .connected: "the connect's acceptance"
        case .refused: "the connect's refusal"
        case .event(let name, _, let ackID): ackID == nil ? "'\(name)'" : "'\(name)' with an ack"
        case .ack(_, let event, _): "the ack of '\(event)'"
        case .disconnected: "the server's disconnect"
        case .closed: "the end of the connection by the server"
        }
    }
}
