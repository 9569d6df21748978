import Foundation
import NIOConcurrencyHelpers

/// Hands out tickets that are worth something once.
final class TicketOffice: Sendable {
    /// Tickets that nobody redeems must not fill the memory; the oldest are forgotten.
    private static let limit = 100_000

    private struct State {
        var valid: Set<String> = []
        var order: [String] = []
    }

    private let state = NIOLockedValueBox(State())

    func issue() -> String {
        let ticket = RandomText.letters(16)
        state.withLockedValue { state in
            if state.order.count == Self.limit {
                for old in state.order.prefix(Self.limit / 2) { state.valid.remove(old) }
                state.order.removeFirst(Self.limit / 2)
            }
            state.valid.insert(ticket)
            state.order.append(ticket)
        }
        return ticket
    }

    /// Whether the ticket was handed out and not redeemed before.
    func redeem(_ ticket: String) -> Bool {
        state.withLockedValue { $0.valid.remove(ticket) != nil }
    }
}

enum RandomText {
    /// Lower-case letters from the system's random numbers.
    static func letters(_ count: Int) -> String {
        String((0..<count).map { _ in Character(UnicodeScalar(UInt8.random(in: 97...122))) })
    }
}

enum ServerTime {
    /// The time now in ISO 8601, to the millisecond, as JavaScript writes it.
    static func now() -> String {
        Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
