import CoreMetrics
import Foundation
import Tape

/// What the inspector says of itself and of the recorder.
struct InspectorMetrics: Sendable {
    private let factory: PrometheusMetrics?

    init(_ factory: PrometheusMetrics?) { self.factory = factory }

    /// One answered request; endpoints as they are declared, so that ids make no series of their own.
    func answered(_ endpoint: String?, status: Int, after duration: Duration) {
        guard let factory else { return }
        let dimensions = [("endpoint", endpoint ?? "other"), ("status", String(status))]
        let (seconds, attoseconds) = duration.components
        factory.makeTimer(label: "tapedeck_inspector_request_seconds", dimensions: dimensions)
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// What is looked up when it is asked for, rather than kept.
    static func now(of inspector: Inspector) -> String {
        func gauge(_ name: String, _ value: Int) -> String { "# TYPE \(name) gauge\n" + PrometheusMetrics.line(name, [], value) }
        func counter(_ name: String, _ value: Int) -> String { "# TYPE \(name) counter\n" + PrometheusMetrics.line(name, [], value) }
        var text =
            gauge("tapedeck_inspector_live_listeners", inspector.live.listenerCount)
            + gauge("tapedeck_inspector_reads", inspector.gate.active)
            + gauge("tapedeck_inspector_reads_waiting", inspector.gate.waiting + inspector.queryGate.waiting)
        if let tape = inspector.tape {
            text += gauge("tapedeck_tape_bytes", bytes(tape.path)) + gauge("tapedeck_tape_wal_bytes", bytes(tape.path + "-wal"))
        }
        guard let status = inspector.recorder?.status else { return text }
        text += gauge("tapedeck_recorder_queued_records", status.queued)
        text += counter("tapedeck_recorder_packets_total", status.packets)
        text += counter("tapedeck_recorder_lost_packets_total", status.lost)
        text += gauge("tapedeck_recorder_up", status.state == .recording ? 1 : 0)
        text += gauge("tapedeck_recorder_blind", status.isBlind ? 1 : 0)
        if let at = status.lastWriteAt {
            text += "# TYPE tapedeck_recorder_last_flush_timestamp_seconds gauge\n"
            text += PrometheusMetrics.line("tapedeck_recorder_last_flush_timestamp_seconds", [], Double(at) / 1_000_000)
        }
        return text
    }

    private static func bytes(_ path: String) -> Int {
        // Not there: no bytes.
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
    }
}
