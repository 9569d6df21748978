/// Values by namespace, in an array: a client has one or a few, and a dictionary costs more memory than all the rest.
struct SlotTable<Slot> {
    private var entries: [(namespace: String, slot: Slot)] = []

    var count: Int { entries.count }
    var values: [Slot] { entries.map(\.slot) }

    subscript(namespace: String) -> Slot? {
        get {
            entries.first { $0.namespace == namespace }?.slot
        }
        set {
            let index = entries.firstIndex { $0.namespace == namespace }
            switch (index, newValue) {
            case (let index?, let slot?): entries[index].slot = slot
            case (let index?, nil): entries.remove(at: index)
            case (nil, let slot?): entries.append((namespace, slot))
            case (nil, nil): break
            }
        }
    }
}
