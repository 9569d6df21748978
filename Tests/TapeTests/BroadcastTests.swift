import Testing

@testable import Tape

@Suite("Who received a broadcast, and what came before an end")
struct BroadcastTests {
    private func tape() async throws -> (TapeFolder, TapeReader) {
        let folder = TapeFolder()
        try await writeTape(
            folder.tape,
            (1...4).flatMap { connected(UInt64($0)) } + [
                roomChange(1, .join, "r", at: 1), roomChange(2, .join, "r", at: 2), roomChange(3, .join, "r", at: 3),
                roomChange(4, .join, "r", at: 4), roomChange(4, .leave, "r", at: 5),
                broadcast(1, at: 10), delivery(of: 1, to: [1, 3], at: 10),
                packet(3, 3, .in, at: 11, event: "last", #"["last"]"#),
                record(12, .sessionDisconnected(session: 3, reason: "transport close")),
                record(13, .connectionClosed(connection: 3, reason: "transport close", detail: "end of stream", bytesIn: 1, bytesOut: 1)),
                broadcast(2, at: 20), delivery(of: 2, to: [1], at: 20), delivery(of: 2, to: [2], at: 21),
            ])
        return (folder, try TapeReader(path: folder.tape))
    }

    @Test("recipients are listed with their packets, page by page")
    func recipients() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let all = try await reader.read { try $0.recipients(of: 1).items }
        #expect(all.map(\.sessionID) == [1, 3])
        #expect(all.map(\.sid) == ["socket1", "socket3"])
        let packets = try await reader.read { tape in
            var filter = PacketFilter()
            filter.broadcast = 1
            return try tape.packets(filter).items.map(\.id)
        }
        #expect(all.compactMap(\.packetID) == packets)
        let first = try await reader.read { try $0.recipients(of: 2, limit: 1) }
        #expect(first.items.map(\.sessionID) == [1])
        let next = try #require(first.next)
        #expect(try await reader.read { try $0.recipients(of: 2, after: next, limit: 1).items.map(\.sessionID) } == [2])
        #expect(try await reader.read { try $0.broadcast(2)?.recipients } == 2)
        #expect(try await reader.read { try $0.broadcasts().items.map(\.id) } == [1, 2])
    }

    @Test("who was in the room and did not get it is found, and who was gone is not")
    func missed() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        #expect(try await reader.read { try $0.missed(1, room: "r")?.items.map(\.sessionID) } == [2])
        #expect(try await reader.read { try $0.missed(1, room: nil)?.items.map(\.sessionID) } == [2, 4])
        #expect(try await reader.read { try $0.missed(2, room: "r")?.items.map(\.sessionID) } == [])
        #expect(try await reader.read { try $0.missed(1, room: "nowhere")?.items.isEmpty } == true)
        #expect(try await reader.read { try $0.missed(9, room: nil) == nil })
    }

    @Test("the last packets of a connection are the last ones, deliveries of broadcasts among them")
    func lastPackets() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        var filter = PacketFilter()
        filter.connection = 3
        filter.includesHeartbeats = true
        let wanted = filter
        let all = try await reader.read { try $0.packets(wanted).items }
        for count in [1, 2, 3, 100] {
            #expect(try await reader.read { try $0.lastPackets(wanted, count: count) } == Array(all.suffix(count)))
        }
        #expect(all.last?.event == "last")
    }

    @Test("a rare packet is looked for in stretches, and the cursor goes on where patience ended")
    func patience() async throws {
        let folder = TapeFolder()
        defer { withExtendedLifetime(folder) {} }
        var records = connected(1) + connected(2)
        for number in 0..<40_000 { records.append(packet(1, 1, .in, at: Int64(number), #"["n"]"#)) }
        records += [broadcast(1, at: 50_000), delivery(of: 1, to: [1, 2], at: 50_000), packet(2, 2, .in, at: 50_001, #"["needle"]"#)]
        try await writeTape(folder.tape, records)
        let reader = try TapeReader(path: folder.tape)
        var filter = PacketFilter()
        for (text, count) in [("needle", 1), ("cast", 2), ("nothing", 0)] {
            filter.text = text
            var found: [Int64] = []
            var after: Int64? = 0
            var pages = 0
            while let cursor = after {
                let wanted = filter
                let page = try await reader.read { try $0.packets(wanted, after: cursor, limit: 1, patience: .zero) }
                found += page.items.map(\.id)
                if let next = page.next { #expect(next > cursor) }
                after = page.next
                pages += 1
            }
            #expect(found.count == count, "\(text)")
            #expect(Set(found).count == count)
            #expect(pages > 1)
            let wanted = filter
            #expect(try await reader.read { try $0.packets(wanted, limit: 100).items.map(\.id) } == found)
        }
    }

    @Test("numbers of a growing tape are counted on from where they were")
    func totals() async throws {
        let folder = TapeFolder()
        defer { withExtendedLifetime(folder) {} }
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        let reader = try TapeReader(path: folder.tape)
        for round in 1...3 {
            writer.append(connected(UInt64(round)))
            writer.append(broadcast(UInt64(round)))
            writer.append(delivery(of: UInt64(round), to: (1...round).map(UInt64.init)))
            #expect(await eventually { writer.status.queued == 0 })
            let isRight = try await eventually {
                let fresh = try TapeReader(path: folder.tape).read { try $0.summary().packets }
                let known = try reader.read { try $0.summary() }
                return known.packets == fresh && known.packetsIn == round
            }
            #expect(isRight)
        }
        #expect(try await reader.read { try $0.summary().packets } == 6 + 6)
        try reader.close()
        try await writer.close()
    }
}

@Suite("Numbers at the end of what a number can be")
struct ExtremeNumberTests {
    static let numbers: [Int64] = [Int64.max, Int64.max - 1, Int64.max / 2 + 1, Int64.min, Int64.min + 1, -1]

    @Test("are answered with nothing", arguments: numbers)
    func extremes(_ number: Int64) async throws {
        let folder = TapeFolder()
        defer { withExtendedLifetime(folder) {} }
        try await writeTape(folder.tape, connected(1) + [broadcast(1), delivery(of: 1, to: [1])])
        let reader = try TapeReader(path: folder.tape)
        try await reader.read { tape in
            #expect(try tape.packet(number) == nil)
            #expect(try tape.session(number) == nil)
            #expect(try tape.missed(number, room: "r") == nil)
            #expect(try tape.recipients(of: number).items.isEmpty)
            _ = try tape.attachment(of: number, index: .max)
            let fields: [WritableKeyPath<PacketFilter, Int64?>] = [\.run, \.session, \.connection, \.since, \.until, \.broadcast]
            for path in fields {
                var filter = PacketFilter()
                filter[keyPath: path] = number
                _ = try tape.packets(filter, patience: .zero)
                _ = try tape.lastPackets(filter, count: 3)
                _ = try tape.changes(filter, after: 0)
            }
            let patiences: [Duration?] = [nil, .zero]
            for patience in patiences {
                let page = try tape.packets(after: number, patience: patience)
                #expect(page.items.isEmpty == (number > 0))
            }
            _ = try tape.changes(after: number)
            _ = try tape.rooms(at: number)
            _ = try tape.roomMembers(room: "r", at: number, after: number)
            var acks = AckFilter()
            acks.since = number
            acks.until = number
            _ = try tape.acks(acks, after: number)
        }
    }
}
