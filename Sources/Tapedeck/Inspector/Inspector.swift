import Foundation
import HTTPTypes
public import Hummingbird
import SocketIOWire
public import Tape

/// The read-only HTTP API over a tape, finished or being written, below `/inspect/`; and `/healthz`, `/metrics`.
///
/// ```swift
/// let router = Router(context: InspectorContext.self)
/// Inspector(tape: try TapeReader(path: "tapedeck.tape")).addRoutes(to: router)
/// ```
public struct Inspector: Sendable {
    let tape: TapeReader?
    /// Another tape, to be looked at beside it.
    let beside: TapeReader?
    let recorder: Recorder?
    let access: InspectorAccess
    let metrics: PrometheusMetrics?
    let gate: ReadGate
    /// Strangers' SQL is heavier than lists: fewer at a time, so that lists stay quick beside it.
    let queryGate = ReadGate(limit: 2, maxWaiting: 16)
    let live: LiveFeed
    /// How long one question may take.
    let limit = Duration.seconds(5)
    /// How long a list is searched for rare packets before it answers with what there is and where to go on.
    static let patience = Duration.seconds(1)
    /// Bytes of the WAL from which on reads make room for a checkpoint.
    static let longWAL = 128 << 20

    /// - Parameters:
    ///   - tape: what to show; `nil` when nothing is recorded, which the API then says.
    ///   - beside: a second tape, whose API stands below `/inspect/beside/api`: what a recorded replay comes from.
    ///   - recorder: what records onto it now, for `/healthz` and `/metrics`.
    ///   - access: who may read.
    ///   - metrics: what `/metrics` shows; `nil` for no such path.
    public init(
        tape: TapeReader?, beside: TapeReader? = nil, recorder: Recorder? = nil, access: InspectorAccess = InspectorAccess(),
        metrics: PrometheusMetrics? = nil
    ) {
        self.tape = tape
        self.beside = beside
        self.recorder = recorder
        self.access = access
        self.metrics = metrics
        let wal = tape.map { $0.path + "-wal" }
        let gate = ReadGate(limit: 4, maxWaiting: 1024) {
            // No WAL: no bytes.
            guard let wal, let size = try? FileManager.default.attributesOfItem(atPath: wal)[.size] as? NSNumber else { return false }
            return size.intValue > Self.longWAL
        }
        self.gate = gate
        let limit = limit
        live = LiveFeed { after in
            guard let tape else { return ([], 0) }
            if let after, let recorder, recorder.committedID == after { return ([], after) }
            return try await gate.pass {
                try await tape.read(within: limit) { tape in
                    guard let after else { return (changes: [], upTo: try tape.lastID()) }
                    var everything = PacketFilter()
                    everything.includesHeartbeats = true
                    let found = try tape.changes(everything, after: after, limit: 1000)
                    return (changes: found.items, upTo: found.upTo)
                }
            }
        }
    }

    /// Adds the routes. The fence stands before all of `/inspect` and `/metrics`, so give it a router whose other routes lie elsewhere.
    public func addRoutes(to router: Router<InspectorContext>) {
        router.add(middleware: InspectorGate(access: access, metrics: InspectorMetrics(metrics)))
        router.get("/healthz") { _, _ in Health(recorder: recorder, tape: tape).response }
        let guarded = router.group("").add(middleware: InspectorFence(access: access))
        if let metrics {
            guarded.get("/metrics") { _, _ in
                Response(
                    status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: .init(byteBuffer: .init(string: metrics.text + InspectorMetrics.now(of: self))))
            }
        }
        guarded.get("/inspect/") { request, _ in try page("index.html", request) }
        guarded.get("/inspect/:name") { request, context in try page(context.parameters.require("name"), request) }
        guarded.get("/inspect/:name/:file") { request, context in
            try page("\(context.parameters.require("name"))/\(context.parameters.require("file"))", request)
        }
        addAPI(to: guarded.group("/inspect/api"))
        if let beside { Inspector(tape: beside, access: access).addAPI(to: guarded.group("/inspect/beside/api")) }
    }

    private func addAPI(to group: RouterGroup<InspectorContext>) {
        var api = APIRoutes(group)
        addHistory(to: &api)
        addPackets(to: &api)
        addBroadcasts(to: &api)
        addRooms(to: &api)
        addQuestions(to: &api)
        addLive(to: &api)
        let document = OpenAPI(endpoints: api.endpoints, hasToken: access.token != nil).document
        api.get("openapi.json", "This document.", [], .json(["type": "object"])) { request in
            .json(document, isTagged: true, for: request.request)
        }
    }

    /// Reads from one state of the tape, within the limit of time.
    func read<Value: Sendable>(_ body: @escaping @Sendable (TapeSnapshot) throws -> Value) async throws -> Value {
        let tape = try recordedTape()
        do {
            return try await gate.pass { try await tape.read(within: limit, body) }
        } catch let error as TapeError {
            throw Problem(error)
        }
    }

    func recordedTape() throws -> TapeReader {
        guard let tape else {
            throw Problem(
                status: .notFound, title: "Nothing is recorded", detail: "The server runs with --no-record, so there is no tape to ask.")
        }
        return tape
    }

    private func page(_ name: String, _ request: Request) throws -> Response {
        guard let file = EmbeddedFile.named("web/inspector/\(name)") else { throw HTTPError(.notFound) }
        let answer = FileResponse(file, request: request.headers)
        return Response(status: answer.status, headers: answer.headers, body: .init(byteBuffer: answer.body))
    }
}

extension Problem {
    /// What a tape could not do, for a client that asked. Paths of the machine are nobody's business.
    init(_ error: TapeError) {
        switch error {
        case .invalidSQL, .notReadOnly, .invalidFilter:
            self.init(status: .badRequest, title: "Bad question", detail: error.description)
        case .queryTimedOut:
            self.init(status: .requestTimeout, title: "Too slow", detail: error.description)
        case .database, .unwritten:
            self.init(status: .internalServerError, title: "The tape cannot be read", detail: error.description)
        default:
            self.init(
                status: .internalServerError, title: "The tape cannot be read",
                detail: "The tape is not where it was, or not what it was. The server's log says more.")
        }
    }
}
