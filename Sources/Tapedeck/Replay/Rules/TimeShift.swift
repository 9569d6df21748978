import Foundation
import SocketIOWire

/// Moves a recorded time to now, in the form that it was written in.
struct TimeShift: Sendable {
    /// How much later than the recording this run is, in microseconds.
    let microseconds: Int64

    func moved(_ value: JSONValue) -> JSONValue {
        switch value {
        case .integer(let number) where (1_000_000_000..<10_000_000_000).contains(number): .integer(number + microseconds / 1_000_000)
        case .integer(let number) where (1_000_000_000_000..<10_000_000_000_000).contains(number): .integer(number + microseconds / 1000)
        case .number(let number) where (1e9..<1e10).contains(number): .number(number + Double(microseconds) / 1e6)
        case .string(let text): .string(moved(text))
        default: value
        }
    }

    private func moved(_ text: String) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        guard let date = try? style.parse(text) else { return text }
        return (date + Double(microseconds) / 1e6).formatted(style)
    }
}
