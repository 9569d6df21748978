import Hummingbird
import SocketIOWire
import Tape

/// The answer of `/healthz`: open to everyone, so it tells how the recording goes and nothing of what is recorded.
struct Health {
    let recorder: Recorder?
    let tape: TapeReader?

    var response: Response {
        var report: JSONObject = ["status": "ok", "recorder": .null]
        if let status = recorder?.status {
            report["status"] = status.state == .failing || status.isBlind ? "degraded" : "ok"
            report["recorder"] = [
                "state": .string(status.state.rawValue),
                "packets": .integer(Int64(status.packets)),
                "lost": .integer(Int64(status.lost)),
                "queued": .integer(Int64(status.queued)),
                "last_flush": status.lastWriteAt.map { .string(UnixTime.text($0)) } ?? .null,
                "last_error": status.lastError.map { .string($0) } ?? .null,
            ]
        }
        return Response(json: .object(report))
    }
}
