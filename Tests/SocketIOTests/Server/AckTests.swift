import SocketIO
import Testing

@Suite struct AckTests {
    @Test("Ack ids count from 0 per namespace, broadcasts included (trap 56)")
    func ids() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            async let first: String = socket.emitWithAck("q", 1)
            #expect(try await client.text() == "420[\"q\",1]")
            client.send("430[\"a\"]")
            #expect(try await first == "a")
            async let all = io.emitWithAck("q", 2, as: Int.self)
            #expect(try await client.text() == "421[\"q\",2]")
            client.send("431[7]")
            #expect(await all.answers == [id: 7])
            let third = Mailbox<Result<String?, AckError>>()
            socket.emit("q", 3) { third.put($0) }
            #expect(try await client.text() == "422[\"q\",3]")
            client.send("432[]")
            #expect(try await third.next() == .success(nil))
        }
    }

    @Test("Waiting for an ack inside a handler holds up nothing")
    func insideHandler() async throws {
        try await withServer { io, port in
            io.onConnection { socket in
                socket.on("ask") { (question: String) async throws -> String in
                    try await socket.emitWithAck("question", question)
                }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("420[\"ask\",\"life?\"]")
            #expect(try await client.text() == "420[\"question\",\"life?\"]")
            client.send("430[\"42\"]")
            #expect(try await client.text() == "430[\"42\"]")
        }
    }

    @Test("Without an answer a wait ends in time; a late answer is ignored")
    func timeout() async throws {
        let tap = RecordingTap()
        try await withServer {
            $0.tap = tap
        } _: { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            await #expect(throws: AckError.timedOut) { let _: Int = try await socket.emitWithAck("q", timeout: .milliseconds(20)) }
            await #expect(throws: AckError.timedOut) { _ = try await socket.timeout(.milliseconds(20)).emitWithAck("q", as: Int.self) }
            #expect(try await client.text() == "420[\"q\"]")
            #expect(try await client.text() == "421[\"q\"]")
            client.send("430[1]")
            #expect(try await client.settle() == [])
            #expect(tap.lines.filter { $0.hasPrefix("timeout") } == ["timeout 0", "timeout 1"])
        }
    }

    @Test("A disconnect settles pending acks at once (trap 57)")
    func disconnect() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            async let answer: Int = socket.emitWithAck("q", timeout: .seconds(600))
            #expect(try await client.text() == "420[\"q\"]")
            client.send("41")
            do {
                _ = try await answer
                Issue.record("there was no answer")
            } catch {
                #expect(error as? AckError == .disconnected)
            }
            await #expect(throws: AckError.disconnected) { let _: Int = try await socket.emitWithAck("q") }
        }
    }

    @Test("A cancelled task does not wait on")
    func cancellation() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            let task = Task { try await socket.emitWithAck("q", timeout: .seconds(600), as: Int.self) }
            #expect(try await client.text() == "420[\"q\"]")
            task.cancel()
            await #expect(throws: AckError.cancelled) { try await task.value }
        }
    }

    @Test("An answer of another type is an error of that wait")
    func unexpectedAnswer() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            async let answer: Int = socket.emitWithAck("q")
            _ = try await client.text()
            client.send("430[\"text\"]")
            do {
                _ = try await answer
                Issue.record("text is no Int")
            } catch {
                guard case .unexpectedAnswer = error as? AckError else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test("Pending acks are bounded")
    func bounded() async throws {
        try await withServer {
            $0.limits.pendingAcksPerSocket = 1
        } _: { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            async let first: Int = socket.emitWithAck("q")
            _ = try await client.text()
            await #expect(throws: AckError.tooManyPending(limit: 1)) { let _: Int = try await socket.emitWithAck("q") }
            client.send("430[1]")
            #expect(try await first == 1)
        }
    }

    @Test("A broadcast has one result per client: answered, left, timed out (trap 58)")
    func broadcast() async throws {
        try await withServer { io, port in
            let (a, idA) = try await RawClient.join(port: port)
            let (b, idB) = try await RawClient.join(port: port)
            let (c, idC) = try await RawClient.join(port: port)
            async let result = io.timeout(.milliseconds(1500)).emitWithAck("ready?", as: Bool.self)
            for client in [a, b, c] { #expect(try await client.text() == "420[\"ready?\"]") }
            a.send("430[true]")
            b.send("41")
            let responses = await result.responses
            #expect(responses == [idA: .success(true), idB: .failure(.disconnected), idC: .failure(.timedOut)])
            #expect(await result.isComplete == false)
            #expect(await io.to("nobody").emitWithAck("q", as: Int.self).responses.isEmpty)
        }
    }
}
