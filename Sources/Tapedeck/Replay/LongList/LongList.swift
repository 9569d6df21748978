import NIOConcurrencyHelpers

/// Something of which there may be millions. Nearly all of them are a few numbers, a name of a short list and the place of a payload.
package protocol LongListElement: Sendable {
    associatedtype Record: BitwiseCopyable, Sendable

    /// What stands for an element that numbers cannot say.
    static var blank: Record { get }

    /// - Returns: `nil` where numbers cannot say it; the list keeps it as it is then.
    func record(on shelf: inout LongListShelf) -> Record?

    /// - Returns: `nil` for a blank.
    init?(_ record: Record, at index: Int, on shelf: LongListShelf)
}

/// A list in bounded memory: its elements are records in a file, but for those that were looked at last.
///
/// A value like an array; a copy shares the records until one of the two is changed.
package struct LongList<Element: LongListElement>: RandomAccessCollection, ExpressibleByArrayLiteral, Sendable {
    private struct Contents: Sendable {
        var shelf = LongListShelf()
        var records: RecordBlocks<Element.Record>
        /// What numbers cannot say, by index.
        var others: [Int: Element] = [:]

        mutating func append(_ element: Element) {
            let record = element.record(on: &shelf)
            if record == nil { others[records.count] = element }
            records.append(record ?? Element.blank)
        }

        mutating func element(at index: Int) -> Element {
            if let element = Element(records.record(at: index), at: index, on: shelf) { return element }
            guard let element = others[index] else { preconditionFailure("element \(index) is neither a record nor kept") }
            return element
        }

        mutating func replace(at index: Int, with element: Element) {
            let record = element.record(on: &shelf)
            others[index] = record == nil ? element : nil
            records.replace(at: index, with: record ?? Element.blank)
        }
    }

    private final class Storage: Sendable {
        let contents: NIOLockedValueBox<Contents>

        init(_ contents: Contents) { self.contents = NIOLockedValueBox(contents) }
    }

    private var storage: Storage
    private let residentLimit: Int
    package private(set) var count = 0

    /// - Parameter residentLimit: how many thousands of elements stay in memory; at least 2.
    package init(residentLimit: Int = 32) {
        self.residentLimit = residentLimit
        storage = Storage(Contents(records: RecordBlocks(residentLimit: residentLimit)))
    }

    package init(arrayLiteral elements: Element...) { self.init(elements) }

    package init(_ elements: some Sequence<Element>) {
        self.init()
        for element in elements { append(element) }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(position: Int) -> Element {
        get {
            precondition(position >= 0 && position < count, "index \(position) is not below \(count)")
            return storage.contents.withLockedValue { $0.element(at: position) }
        }
        set {
            precondition(position >= 0 && position < count, "index \(position) is not below \(count)")
            separate()
            storage.contents.withLockedValue { $0.replace(at: position, with: newValue) }
        }
    }

    package mutating func append(_ element: Element) {
        separate()
        storage.contents.withLockedValue { $0.append(element) }
        count += 1
    }

    /// Files have no copy on write, so who changes a copy builds it anew.
    private mutating func separate() {
        guard !isKnownUniquelyReferenced(&storage) else { return }
        var own = Contents(records: RecordBlocks(residentLimit: residentLimit))
        for element in self { own.append(element) }
        storage = Storage(own)
    }
}

/// What the records of a list refer to: its names, and where its payloads are.
package struct LongListShelf: Sendable {
    private var names: [String] = []
    private var numbers: [String: Int32] = [:]
    private var store: PayloadStore?

    init() {}

    mutating func number(of name: String) -> Int32 {
        if let number = numbers[name] { return number }
        let number = Int32(clamping: names.count)
        names.append(name)
        numbers[name] = number
        return number
    }

    mutating func number(of name: String?) -> Int32 { name.map { number(of: $0) } ?? -1 }

    func name(_ number: Int32) -> String? { number < 0 ? nil : names[Int(number)] }

    /// - Returns: `nil` for what is not stored, or in another store than that of the list's first payload.
    mutating func place(of arguments: RecordedArguments) -> RecordedArguments.Place? {
        if arguments.isEmpty { return .empty }
        guard let (store, place) = arguments.stored else { return nil }
        if self.store == nil { self.store = store }
        return self.store === store ? place : nil
    }

    func arguments(at place: RecordedArguments.Place) -> RecordedArguments {
        guard place != .empty, let store else { return RecordedArguments([]) }
        return RecordedArguments(at: place, in: store)
    }
}
