import Foundation
import GRDBSQLite
import NIOConcurrencyHelpers

/// A way to the file system for SQLite (a VFS) that counts syncs and has the faults that a test asks for; otherwise the real one.
final class FaultyDisk: Sendable {
    struct Faults {
        /// Bytes by which files may still grow; nil: as they like.
        var room: Int?
        /// Every write and sync fails.
        var isGone = false
        /// A sync does not come back before this is false again.
        var holdsSyncs = false
    }

    private struct State {
        var faults = Faults()
        var syncs: [String: Int] = [:]
        var isHolding = false
    }

    /// For `TapeOptions.vfs`.
    let name: String
    private let state = NIOLockedValueBox(State())

    init() {
        name = "faulty-\(UUID().uuidString)"
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: Self.real.pointee)
        // SQLite keeps name and struct for as long as the process lives.
        vfs.pointee.zName = UnsafePointer(strdup(name))
        vfs.pointee.xOpen = { FaultyDisk.open($0, $1, $2, $3, $4) }
        Self.disks.withLockedValue { $0.byVFS[UInt(bitPattern: vfs)] = self }
        sqlite3_vfs_register(vfs, 0)
    }

    func set(_ change: (inout Faults) -> Void) { state.withLockedValue { change(&$0.faults) } }

    /// Syncs of files whose names end so.
    func syncs(of suffix: String) -> Int {
        state.withLockedValue { $0.syncs.filter { $0.key.hasSuffix(suffix) }.values.reduce(0, +) }
    }

    /// A sync is being held right now.
    var isHolding: Bool { state.withLockedValue { $0.isHolding } }

    // MARK: Under SQLite

    /// Functions of the real file system, and the same with ours in some places. Never freed: SQLite may hold them.
    private struct Methods: @unchecked Sendable {  // neither is written once it is here
        let real: sqlite3_io_methods
        let ours: UnsafeMutablePointer<sqlite3_io_methods>
    }

    private struct Place {
        let disk: FaultyDisk
        let path: String
        let real: Methods
    }

    private struct Disks {
        /// By the address of SQLite's struct.
        var byVFS: [UInt: FaultyDisk] = [:]
        var byFile: [UInt: Place] = [:]
        /// SQLite has one kind for databases and another for what lies beside them.
        var methods: [UInt: Methods] = [:]
    }

    private static let disks = NIOLockedValueBox(Disks())
    nonisolated(unsafe) private static let real = sqlite3_vfs_find(nil)!
    private static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ flags: Int32, _ out: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        let code = real.pointee.xOpen(real, path, file, flags, out)
        guard code == SQLITE_OK, let file, let found = file.pointee.pMethods, let vfs else { return code }
        disks.withLockedValue { disks in
            guard let disk = disks.byVFS[UInt(bitPattern: vfs)] else { return }
            let key = UInt(bitPattern: found)
            if disks.methods[key] == nil {
                let ours = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
                ours.initialize(to: found.pointee)
                ours.pointee.xWrite = { FaultyDisk.write($0, $1, $2, $3) }
                ours.pointee.xSync = { FaultyDisk.sync($0, $1) }
                ours.pointee.xClose = { FaultyDisk.close($0) }
                disks.methods[key] = Methods(real: found.pointee, ours: ours)
            }
            guard let methods = disks.methods[key] else { return }
            disks.byFile[UInt(bitPattern: file)] = Place(disk: disk, path: path.map { String(cString: $0) } ?? "", real: methods)
            file.pointee.pMethods = UnsafePointer(methods.ours)
        }
        return code
    }

    private static func place(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Place? {
        guard let file else { return nil }
        return disks.withLockedValue { $0.byFile[UInt(bitPattern: file)] }
    }

    private static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: Int64
    ) -> Int32 {
        guard let place = place(file) else { return SQLITE_IOERR }
        var size: Int64 = 0
        _ = place.real.real.xFileSize(file, &size)
        let growth = Int(max(0, offset + Int64(count) - size))
        let code = place.disk.state.withLockedValue { state -> Int32 in
            if state.faults.isGone { return (SQLITE_IOERR | 3 << 8) }
            guard let room = state.faults.room, growth > 0 else { return SQLITE_OK }
            if growth > room { return SQLITE_FULL }
            state.faults.room = room - growth
            return SQLITE_OK
        }
        return code == SQLITE_OK ? place.real.real.xWrite(file, bytes, count, offset) : code
    }

    private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
        guard let place = place(file) else { return SQLITE_IOERR }
        let disk = place.disk
        disk.state.withLockedValue { $0.syncs[place.path, default: 0] += 1 }
        while disk.state.withLockedValue({
            $0.isHolding = $0.faults.holdsSyncs; return $0.isHolding
        }) { usleep(1000) }
        if disk.state.withLockedValue({ $0.faults.isGone }) { return (SQLITE_IOERR | 4 << 8) }
        return place.real.real.xSync(file, flags)
    }

    private static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        guard let file, let place = place(file) else { return SQLITE_IOERR }
        disks.withLockedValue { $0.byFile[UInt(bitPattern: file)] = nil }
        return place.real.real.xClose(file)
    }
}
