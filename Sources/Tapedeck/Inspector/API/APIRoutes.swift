import Foundation
import HTTPTypes
import Hummingbird
import SocketIOWire
import Tape

/// What a handler of the API is given: the request with its parameters checked.
struct APIRequest: Sendable {
    let request: Request
    let context: InspectorContext
    let parameters: QueryParameters

    /// An id in the path.
    func id(_ name: String = "id") throws -> Int64 {
        let text = try context.parameters.require(name)
        guard let id = Int64(text), id >= 0 else {
            throw Problem(status: .notFound, title: "Not found", detail: "An id is a whole number; '\(text)' is none.")
        }
        return id
    }

    /// A name in the path.
    func name(_ name: String) throws -> String {
        let text = try context.parameters.require(name)
        guard let decoded = text.removingPercentEncoding else {
            throw Problem(status: .notFound, title: "Not found", detail: "'\(text)' is not percent-encoded UTF-8.")
        }
        return decoded
    }

    /// The cursor of a list whose rows have ids.
    func after() throws -> Int64 {
        guard let text = parameters.text("after") else { return 0 }
        guard let id = Int64(text), id >= 0 else { throw Problem.parameter("after", takes: "the value of 'next' of the page before") }
        return id
    }
}

/// The endpoints of the API, each declared once: for the router, for the check of its parameters and for the OpenAPI document.
struct APIRoutes {
    /// What an endpoint answers, for the document.
    enum Answer: Sendable {
        case list(String)
        case row(String)
        case json(JSONValue)
        case bytes
        case stream
    }

    struct Endpoint: Sendable {
        let path: String
        let summary: String
        let parameters: [APIParameter]
        let answer: Answer
    }

    private let group: RouterGroup<InspectorContext>
    private(set) var endpoints: [Endpoint] = []

    init(_ group: RouterGroup<InspectorContext>) { self.group = group }

    /// - Parameter path: below `/inspect/api/`, with `{name}` for what varies.
    mutating func get(
        _ path: String, _ summary: String, _ parameters: [APIParameter] = [], _ answer: Answer,
        _ handler: @escaping @Sendable (APIRequest) async throws -> Response
    ) {
        endpoints.append(Endpoint(path: path, summary: summary, parameters: parameters, answer: answer))
        let route = path.replacing("{", with: ":").replacing("}", with: "")
        group.get(RouterPath(route)) { request, context in
            try await handler(
                APIRequest(request: request, context: context, parameters: try QueryParameters(of: request, declared: parameters)))
        }
    }

    /// A list in the order of ids: a page as JSON, or all of it as CSV or NDJSON, page after page, each of a state of its own.
    mutating func list<Row: TapeRow>(
        _ path: String, _ summary: String, _ filters: [APIParameter], of row: String, on inspector: Inspector,
        _ page: @escaping @Sendable (APIRequest) throws -> @Sendable (TapeSnapshot, _ after: Int64, _ limit: Int) throws -> TapePage<Row>?
    ) {
        get(path, summary, filters + [.after, .limit, .format], .list(row)) { request in
            let after = try request.after()
            let fetch = try page(request)
            let read: @Sendable (Int64, Int) async throws -> TapePage<Row>? = { after, limit in
                try await inspector.read { try fetch($0, after, limit) }
            }
            if let format: TableFormat = request.parameters.choice("format"), format != .json {
                let total = request.parameters.has("limit") ? try request.parameters.limit() : .max
                guard let first = try await read(after, min(total, ListExport.pageSize)) else { throw Problem.nothing(at: request) }
                return ListExport.response(as: format, limit: total, first: first, next: read)
            }
            guard let found = try await read(after, try request.parameters.limit()) else { throw Problem.nothing(at: request) }
            if let packets = found as? TapePage<PacketRow> { return .json(PacketText(page: packets).text, for: request.request) }
            return .json(try JSONValue(page: found), isTagged: true, for: request.request)
        }
    }
}

extension Problem {
    static func nothing(at request: APIRequest) -> Problem {
        Problem(status: .notFound, title: "Not found", detail: "There is nothing at \(request.request.uri.path) on this tape.")
    }
}
