public import CoreMetrics
import NIOConcurrencyHelpers

/// A backend of swift-metrics that keeps its values in memory and writes them as Prometheus text.
///
/// ```swift
/// let metrics = PrometheusMetrics()
/// metrics.bootstrap()
/// Counter(label: "socketio_upgrades_total").increment()
/// print(metrics.text)
/// ```
///
/// Counters, gauges (`Meter`, and `Recorder` without aggregation), histograms (`Timer` in seconds, `Recorder` with aggregation). Values of
/// one label with other dimensions are series of one family. Updating a value takes a few nanoseconds; only making one takes a lock.
public final class PrometheusMetrics: MetricsFactory, Sendable {
    private struct Family {
        let kind: Kind
        var series: [String: any PrometheusSeries] = [:]
    }

    enum Kind: String {
        case counter, gauge, histogram
    }

    private let families = NIOLockedValueBox<[String: Family]>([:])
    /// A client that makes up names must not fill the memory: series beyond this number share one that is not shown.
    private let maxSeries: Int

    /// - Parameter maxSeries: series of one family; further ones are counted nowhere. Default 1000.
    public init(maxSeries: Int = 1000) { self.maxSeries = maxSeries }

    /// Makes it the backend of the process; once, before the first metric is made.
    public func bootstrap() { MetricsSystem.bootstrap(self) }

    /// Upper bounds of a timer's buckets, in seconds.
    static let seconds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// Upper bounds of a recorder's buckets, in its own unit.
    static let amounts: [Double] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

    private func series<Series: PrometheusSeries>(_ label: String, _ dimensions: [(String, String)], _ kind: Kind, _ make: () -> Series)
        -> Series
    {
        let name = Self.name(label)
        let labels = Self.labels(dimensions)
        return families.withLockedValue { families in
            var family = families[name] ?? Family(kind: kind)
            if let known = family.series[labels] as? Series { return known }
            let made = make()
            // Another kind under the same name would make the text ambiguous.
            guard family.kind == kind, family.series[labels] == nil, family.series.count < maxSeries else { return made }
            family.series[labels] = made
            families[name] = family
            return made
        }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { PrometheusCounter() }
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter) { PrometheusGauge() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { PrometheusGauge() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { PrometheusGauge() } }
        return series(label, dimensions, .histogram) { PrometheusHistogram(bounds: Self.amounts) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram) { PrometheusHistogram(bounds: Self.seconds) }
    }

    // A counter that nobody holds any more keeps what it counted.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// All values, in the Prometheus text format 0.0.4.
    public var text: String {
        let families = families.withLockedValue { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(name, labels, to: &text) }
        }
        return text
    }

    /// A line of a value that is only looked up when it is asked for.
    static func line(_ name: String, _ dimensions: [(String, String)] = [], _ value: some CustomStringConvertible) -> String {
        let labels = labels(dimensions)
        return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
    }

    static func name(_ label: String) -> String {
        var name = String(label.unicodeScalars.map { Self.isOfName($0) ? Character($0) : "_" })
        if name.first?.isNumber ?? true { name = "_" + name }
        return name
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
        default: false
        }
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(Self.name(name).replacing(":", with: "_"))=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
