extension Recording {
    /// Reads a tape by the views of the contract.
    init(tape path: String) throws(ReplayError) {
        throw ReplayError.unreadableTape(reason: "The tape \(path) cannot be read yet.")
    }
}
