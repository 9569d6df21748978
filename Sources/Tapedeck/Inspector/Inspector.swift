import HTTPTypes
public import Hummingbird
import SocketIOWire
public import Tape

/// The read-only HTTP API over a tape, finished or being written, below `/inspect/`; and `/healthz`.
///
/// ```swift
/// let router = Router(context: InspectorContext.self)
/// Inspector(tape: try TapeReader(path: "tapedeck.tape")).addRoutes(to: router)
/// ```
public struct Inspector: Sendable {
    let tape: TapeReader?
    let recorder: Recorder?
    let access: InspectorAccess

    /// - Parameters:
    ///   - tape: what to show; `nil` when nothing is recorded, which the API then says.
    ///   - recorder: what records onto it now, for `/healthz`.
    ///   - access: who may read.
    public init(tape: TapeReader?, recorder: Recorder? = nil, access: InspectorAccess = InspectorAccess()) {
        self.tape = tape
        self.recorder = recorder
        self.access = access
    }

    /// Adds the routes. The fence stands before all of `/inspect`, so give it a router of its own or one whose other routes lie elsewhere.
    public func addRoutes(to router: Router<InspectorContext>) {
        router.add(middleware: InspectorGate(access: access))
        router.get("/healthz") { _, _ in health() }
        router.get("/inspect/") { request, _ in try page("index.html", request) }
        router.get("/inspect/:file") { request, context in try page(context.parameters.require("file"), request) }
        let api = router.group("/inspect/api")
        addHistory(to: api)
        addPackets(to: api)
        addRooms(to: api)
        addQuestions(to: api)
    }

    /// Reads from one state of the tape.
    func read<Value: Sendable>(_ body: @escaping @Sendable (TapeSnapshot) throws -> Value) async throws -> Value {
        do {
            return try await recordedTape().read(body)
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

    private func health() -> Response {
        var report: JSONObject = ["status": "ok"]
        if let status = recorder?.status {
            report["status"] = status.state == .failing ? "degraded" : "ok"
            report["recorder"] = [
                "state": .string(status.state.rawValue),
                "packets": .integer(Int64(status.packets)),
                "lost": .integer(Int64(status.lost)),
                "queued": .integer(Int64(status.queued)),
                "last_error": status.lastError.map { .string($0) } ?? .null,
            ]
        } else {
            report["recorder"] = .null
        }
        return Response(json: .object(report))
    }
}

extension Problem {
    /// What a tape could not do, for a client that asked.
    init(_ error: TapeError) {
        switch error {
        case .invalidSQL, .notReadOnly, .invalidFilter:
            self.init(status: .badRequest, title: "Bad question", detail: error.description)
        case .queryTimedOut:
            self.init(status: .requestTimeout, title: "Too slow", detail: error.description)
        default:
            self.init(status: .internalServerError, title: "The tape cannot be read", detail: error.description)
        }
    }
}
