import ArgumentParser
import EngineIO
import Foundation
import Logging
import SocketIO
import SocketIOClient
import SocketIOWire
import Tape

/// What a serving command works with: flags, environment and defaults put together and checked.
struct ServerSettings {
    var host = "127.0.0.1"
    var port = 3000
    var tape: String?
    var inspectToken: String?
    var tls: (certificate: String, key: String)?
    var logLevel = Logger.Level.notice
    var threads: Int
    var engine = EngineOptions()
    var connectTimeout = Duration.seconds(45)
    var usesMessagePack = false
    var recovery: ConnectionStateRecovery?
    var recording = RecordingSettings()

    /// - Throws: `ValidationError` for a value that cannot be, ``CommandFailure`` for one that this version cannot do.
    init(_ flags: ServerFlags, settings: Settings = Settings()) throws {
        threads = min(4, ProcessInfo.processInfo.activeProcessorCount)
        try readListener(flags, settings)
        try readEngine(flags, settings)
        if try !settings.isOn(flags.noRecord, "NO_RECORD") {
            tape = try settings.value(flags.tape, "TAPE") ?? "tapedeck.tape"
            recording = try RecordingSettings(flags.recording, settings)
        }
        try refuseOpenInspector()
    }

    private mutating func readListener(_ flags: ServerFlags, _ settings: Settings) throws {
        host = try settings.value(flags.host, "HOST") ?? host
        port = try settings.value(flags.port, "PORT") ?? port
        guard (0...65535).contains(port) else { throw ValidationError("--port takes a number from 0 to 65535.") }
        threads = try settings.value(flags.threads, "THREADS") ?? threads
        guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256.") }
        logLevel = try settings.value(flags.logLevel, "LOG_LEVEL")?.level ?? logLevel
        inspectToken = try settings.value(flags.inspectToken, "INSPECT_TOKEN")
        let certificate = try settings.value(flags.tlsCertificate, "TLS_CERT")
        let key = try settings.value(flags.tlsKey, "TLS_KEY")
        switch (certificate, key) {
        case (nil, nil): break
        case (let certificate?, let key?): tls = (certificate, key)
        default: throw ValidationError("--tls-cert and --tls-key go together.")
        }
    }

    private mutating func readEngine(_ flags: ServerFlags, _ settings: Settings) throws {
        if let path = try settings.value(flags.path, "PATH") {
            guard path.hasPrefix("/") else { throw ValidationError("--path starts with a '/'.") }
            engine.path = path.hasSuffix("/") ? path : path + "/"
        }
        if let interval = try settings.value(flags.pingInterval, "PING_INTERVAL") { engine.pingInterval = interval.duration }
        if let timeout = try settings.value(flags.pingTimeout, "PING_TIMEOUT") { engine.pingTimeout = timeout.duration }
        if let timeout = try settings.value(flags.connectTimeout, "CONNECT_TIMEOUT") { connectTimeout = timeout.duration }
        if let size = try settings.value(flags.maxPayload, "MAX_PAYLOAD") { engine.maxHTTPBufferSize = size.bytes }
        if let transports = try settings.value(flags.transports, "TRANSPORTS") {
            engine.transports = Set(transports.names.compactMap(TransportKind.init(rawValue:)))
        }
        engine.allowEIO3 = try settings.isOn(flags.allowEIO3, "ALLOW_EIO3")
        if try settings.isOn(flags.perMessageDeflate, "PER_MESSAGE_DEFLATE") { engine.perMessageDeflate = .init() }
        if let duration = try settings.value(flags.recovery, "RECOVERY")?.duration {
            var recovery = ConnectionStateRecovery()
            recovery.maxDisconnectionDuration = duration
            self.recovery = recovery
        }
        usesMessagePack = try settings.value(flags.parser, "PARSER")?.value == .msgpack
        let origins = settings.list(flags.corsOrigins, "CORS_ORIGIN")
        if origins.contains("*") {
            engine.cors = .any
        } else if !origins.isEmpty {
            engine.cors = .origins(origins)
        }
    }

    /// What the view `runs` says of this run.
    var run: TapeRun {
        var values: JSONObject = [
            "path": .string(engine.path),
            "transports": .array(engine.transports.map(\.rawValue).sorted().map { .string($0) }),
            "ping_interval_ms": .integer(engine.pingInterval.milliseconds),
            "ping_timeout_ms": .integer(engine.pingTimeout.milliseconds),
            "connect_timeout_ms": .integer(connectTimeout.milliseconds),
            "allow_eio3": .bool(engine.allowEIO3),
            "parser": .string(usesMessagePack ? "msgpack" : "json"),
            "recovery_ms": recovery.map { .integer($0.maxDisconnectionDuration.milliseconds) } ?? .null,
            "max_payload": .integer(Int64(engine.maxHTTPBufferSize)),
            "threads": .integer(Int64(threads)),
        ]
        for (name, value) in recording.summary { values[name] = value }
        return TapeRun(kind: .serve, software: "tapedeck \(TapedeckCommand.version)", settings: JSONValue.object(values).description)
    }

    /// What it says of a run in front of another server.
    func run(inFrontOf upstream: ServerURL) -> TapeRun {
        var values: JSONObject = [
            "path": .string(engine.path), "parser": .string(usesMessagePack ? "msgpack" : "json"), "threads": .integer(Int64(threads)),
        ]
        for (name, value) in recording.summary { values[name] = value }
        return TapeRun(
            kind: .proxy, software: "tapedeck \(TapedeckCommand.version)", upstream: upstream.description,
            settings: JSONValue.object(values).description)
    }

    /// A tape is not offered to strangers.
    private func refuseOpenInspector() throws {
        guard tape != nil else { return }
        try Listener.refuseOpenInspector(
            host: host, token: inspectToken,
            "--inspect-token TOKEN to protect the inspector, or --no-record to do without it")
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
