import CoreMetrics
import Testing

@testable import Tapedeck

@Suite("Metrics as Prometheus text")
struct PrometheusMetricsTests {
    @Test("counters, gauges and histograms, by name and labels")
    func text() {
        let metrics = PrometheusMetrics()
        let counter = Counter(label: "a.count-total", dimensions: [("x", "1\"\\\n"), ("b", "2")], factory: metrics)
        counter.increment(by: 2)
        Counter(label: "a.count-total", dimensions: [("b", "2"), ("x", "1\"\\\n")], factory: metrics).increment()
        let meter = Meter(label: "level", factory: metrics)
        meter.set(2.5)
        meter.increment(by: 1)
        CoreMetrics.Recorder(label: "now", dimensions: [], aggregate: false, factory: metrics).record(7)
        let timer = CoreMetrics.Timer(label: "took_seconds", factory: metrics)
        timer.recordMilliseconds(3)
        timer.recordSeconds(60)
        let text = metrics.text
        #expect(
            text.hasPrefix("# TYPE a_count_total counter\na_count_total{b=\"2\",x=\"1\\\"\\\\\\n\"} 3\n# TYPE level gauge\nlevel 3.5\n"))
        #expect(text.contains("# TYPE now gauge\nnow 7\n"))
        #expect(text.contains("took_seconds_bucket{le=\"0.0025\"} 0\ntook_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.hasSuffix("took_seconds_bucket{le=\"+Inf\"} 2\ntook_seconds_sum 60.003\ntook_seconds_count 2\n"))
    }

    @Test("series of one family are bounded, and kinds are not mixed")
    func bounds() {
        let metrics = PrometheusMetrics(maxSeries: 3)
        for number in 0..<10 { Counter(label: "many", dimensions: [("n", "\(number)")], factory: metrics).increment() }
        Meter(label: "many", factory: metrics).set(1)
        #expect(metrics.text.split(separator: "\n").count == 4)
    }
}
