import Foundation
import SocketIOWire
import TestSupport
import Testing

/// Whoever reads a tape holds on to a state of it, and the WAL cannot begin anew.
@Suite("Long readers", .serialized)
struct LongReaderTests {
    /// What the writer waits at, when checkpoints do not keep up.
    private static let bound: Int64 = 16 * 4000 * 4096

    private func report(_ kind: String, megabytes: Int) async throws -> JSONValue {
        let server = try await ServerProcess.tapedeck()
        let tape = try #require(server.tape)
        defer { try? FileManager.default.removeItem(at: tape.deletingLastPathComponent()) }
        let script = TestPlaces.root.appending(path: "Tests/Clients/long_readers.py")
        let result = try await run(TestPlaces.python, [script.path, server.url, tape.path, kind, "\(megabytes)"], within: .seconds(300))
        #expect(result.status == 0, "\(result.errors)")
        #expect(try await server.stop() == 0)
        print("long readers, \(kind):", result.output)
        return try JSONValue(parsing: result.output)
    }

    @Test(
        "of the API do not make the WAL grow without end: endless queries one after another, lists, streams and exports that nobody takes")
    func inside() async throws {
        let report = try await report("inside", megabytes: TestPlaces.number("TAPEDECK_LONG_READERS") ?? 400)
        #expect(report["recorded"] == report["sent"] && report["missing"] == 0, "\(report)")
        #expect(try #require(report["wal_largest"]?.integerValue) < Self.bound, "\(report)")
        #expect(try #require(report["wal_after"]?.integerValue) <= 100 << 20, "\(report)")
        // They did hold on: queries ran into their limit of time.
        #expect(report["answers"]?["408"] != nil, "\(report)")
    }

    @Test("in another program: the recording goes on, what is missing is counted, and the WAL shrinks when they leave")
    func outside() async throws {
        let report = try await report("outside", megabytes: 160)
        let recorded = try #require(report["recorded"]?.integerValue)
        let missing = try #require(report["missing"]?.integerValue)
        #expect(report["sent"]?.integerValue == recorded + missing, "\(report)")
        // It was held: all of the traffic was in the WAL.
        #expect(try #require(report["wal_held"]?.integerValue) > 100 << 20, "\(report)")
        #expect(try #require(report["wal_after"]?.integerValue) <= 100 << 20, "\(report)")
    }
}
