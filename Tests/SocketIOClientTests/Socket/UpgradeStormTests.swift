import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SocketIO
import SocketIOWire
import Testing

@testable import SocketIOClient

/// Many clients change from polling to WebSocket at once while both sides send numbered events.
///
/// A hundred of them, lest other tests starve; `TAPEDECK_STORM_CLIENTS=500` makes a storm of it.
@Suite("An upgrade storm")
struct UpgradeStormTests {
    private static let clients = ProcessInfo.processInfo.environment["TAPEDECK_STORM_CLIENTS"].flatMap(Int.init) ?? 100
    private static let events: Int64 = 60

    @Test("loses, doubles and reorders nothing, in either direction")
    func storm() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        let io = SocketIOServer()
        io.onConnection { socket in
            let expected = NIOLockedValueBox<Int64>(1)
            socket.on("up") { (number: Int64) in
                let isNext = expected.withLockedValue { expected in
                    defer { expected += 1 }
                    return expected == number
                }
                socket.emit("down", number, isNext)
                socket.namespace.to(socket.id).emit("down again", number)
            }
        }
        let address = try await io.start(port: 0, group: group)
        let url = "http://127.0.0.1:\(address.port ?? 0)"
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<Self.clients {
                tasks.addTask { try await Self.run(url, on: group) }
            }
            try await tasks.waitForAll()
        }
        #expect(io.engine.statistics.upgrades == Self.clients)
        await io.shutdown()
        try await group.shutdownGracefully()
    }

    private static func run(_ url: String, on group: any EventLoopGroup) async throws {
        var configuration = try EngineClient.Configuration(url: url)
        configuration.eventLoopGroup = group
        let client = SocketIOClient(configuration)
        let socket = client.socket()
        let received = Collected<[Int64]>()
        socket.on("down") { (number: Int64, isNext: Bool) in received.append([number, isNext ? 1 : 0]) }
        let again = Collected<Int64>()
        let upgraded = Collected<Bool>()
        socket.on("down again") { (number: Int64) in again.append(number) }
        client.onEngineEvent { event in if case .upgraded = event { upgraded.append(true) } }
        socket.connect()
        // Each answer lets the next event go, so that events are under way all through the upgrade; two start it off.
        socket.on("down") { (number: Int64, _: Bool) in if number + 2 <= events { socket.emit("up", number + 2) } }
        socket.emit("up", Int64(1))
        socket.emit("up", Int64(2))
        try await received.wait(within: .seconds(60)) { $0.count >= Int(events) }
        try await again.wait(within: .seconds(60)) { $0.count >= Int(events) }
        try await upgraded.wait(within: .seconds(60)) { !$0.isEmpty }
        #expect(received.values == (1...events).map { [$0, 1] })
        #expect(again.values == Array(1...events))
        client.close()
        await client.closeAndWait()
    }
}
