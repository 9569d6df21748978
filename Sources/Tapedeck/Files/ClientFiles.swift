public import EngineIO
import HTTPTypes
import Tape

/// The browser client's files, served below the Socket.IO path: `/socket.io/socket.io.js` and its kin.
public struct ClientFiles: Sendable {
    private let path: String

    /// - Parameter path: the Socket.IO path, with its slashes.
    public init(path: String) {
        self.path = path
    }

    /// The answer to a request for a file, nil if it is for none of them. Meant for `EngineOptions.fileHandler`.
    public func answer(_ request: EngineRequest) -> EngineResponse? {
        guard request.path.hasPrefix(path) else { return nil }
        let name = String(request.path.dropFirst(path.count))
        guard name.hasPrefix("socket.io."), let file = EmbeddedFile.named("web/client/dist/\(name)") else { return nil }
        let answer = FileResponse(file, request: request.headers)
        return EngineResponse(status: answer.status, headers: answer.headers, body: answer.body)
    }
}
