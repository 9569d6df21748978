/// What has become of each expectation, in four bytes each: there may be millions.
package struct MatchStates: RandomAccessCollection, Sendable {
    /// 0 pending, -1 given up; else the receipt twice over, plus 1 where it only stands in, plus 2.
    private var codes: [Int32]

    init(count: Int) { codes = Array(repeating: 0, count: count) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { codes.count }

    package subscript(position: Int) -> Matcher.State {
        get {
            switch codes[position] {
            case 0: .pending
            case -1: .givenUp
            case let code where code & 1 == 0: .matched(receipt: Int(code / 2 - 1))
            case let code: .replaced(receipt: Int(code / 2 - 1))
            }
        }
        set {
            codes[position] =
                switch newValue {
                case .pending: 0
                case .givenUp: -1
                case .matched(let receipt): Int32(clamping: 2 * (receipt + 1))
                case .replaced(let receipt): Int32(clamping: 2 * (receipt + 1) + 1)
                }
        }
    }
}

/// The expectation of each receipt, if it has one, in four bytes each.
struct MatchPlaces: Sendable {
    private var places: [Int32] = []

    mutating func append(_ place: Int?) { places.append(Int32(clamping: place ?? -1)) }

    subscript(receipt: Int) -> Int? {
        get { places[receipt] < 0 ? nil : Int(places[receipt]) }
        set { places[receipt] = Int32(clamping: newValue ?? -1) }
    }
}
