import EngineIO
import NIOCore
import SocketIOWire

extension Socket {
    /// Sends an event's packet, from any thread, in order.
    func write(_ message: OutgoingMessage, event: String, arguments: JSONArguments, _ flags: EmitFlags) {
        if context.isDirect {
            writeOnLoop(message, event: event, arguments: arguments, flags)
        } else {
            context.enqueue { self.writeOnLoop(message, event: event, arguments: arguments, flags) }
        }
    }

    func writeOnLoop(
        _ message: OutgoingMessage, event: String, arguments: JSONArguments, _ flags: EmitFlags, offset: String? = nil
    ) {
        guard canEmit else { return }
        if flags.isVolatile, !client.connection.isWritable { return recordDrop(event, message, broadcast: nil) }
        if handlers.rare != nil { announce(event, arguments, wantsAck: message.ackID != nil) }
        client.send(message, socket: number, compress: flags.compress, offset: offset)
    }

    /// Events may be sent from the middleware on, until the socket is disconnected.
    private var canEmit: Bool {
        state != .disconnected
    }

    func sendAck(_ id: UInt64, _ arguments: JSONArguments) {
        let message = core.packets.ack(namespace: namespace.name, ackID: id, arguments: arguments)
        if context.isDirect {
            writeAckOnLoop(message, id, arguments)
        } else {
            context.enqueue { self.writeAckOnLoop(message, id, arguments) }
        }
    }

    private func writeAckOnLoop(_ message: OutgoingMessage, _ id: UInt64, _ arguments: JSONArguments) {
        guard canEmit else { return }
        if handlers.rare != nil { announceAck(.outgoing, id, arguments) }
        client.send(message, socket: number)
    }

    /// This socket's part of a broadcast.
    ///
    /// - Returns: whether it was sent.
    func writeBroadcast(_ broadcast: Broadcast) -> Bool {
        guard state == .connected || state == .disconnecting else { return false }
        if broadcast.flags.isVolatile, !client.connection.isWritable {
            recordDrop(broadcast.event, broadcast.message, broadcast: broadcast.number)
            return false
        }
        if handlers.rare != nil { announce(broadcast.event, broadcast.arguments, wantsAck: broadcast.message.ackID != nil) }
        client.sendBroadcast(broadcast.message, compress: broadcast.flags.compress)
        return true
    }

    private func recordDrop(_ event: String, _ message: OutgoingMessage, broadcast: UInt64?) {
        core.metrics.droppedVolatile()
        core.record(.dropped(TapDrop(socket: number, eventName: event, bytes: message.byteCount, broadcast: broadcast)))
    }

    private func announce(_ event: String, _ arguments: JSONArguments, wantsAck: Bool) {
        guard let rare = handlers.rare else { return }
        for (_, handler) in rare.anyOutgoing.entries {
            handler(OutgoingEvent(name: event, arguments: arguments, wantsAck: wantsAck))
        }
    }

    private func announceAck(_ direction: TapDirection, _ id: UInt64, _ arguments: JSONArguments) {
        for (_, handler) in handlers.rare?.anyAck.entries ?? [] {
            handler(AckEvent(direction: direction, id: id, arguments: arguments))
        }
    }

    // MARK: Acks of the client (on the loop)

    /// Puts a wait into the table.
    ///
    /// - Returns: false if there is nothing to wait for: `completion` has been called with the reason.
    func expectAck(_ id: UInt64, timeout: Duration, _ completion: @escaping AckTable.Completion) -> Bool {
        eventLoop.assertInEventLoop()
        guard canEmit else {
            completion(.failure(.disconnected))
            return false
        }
        let limit = core.options.limits.pendingAcksPerSocket
        guard acks.count < limit else {
            completion(.failure(.tooManyPending(limit: limit)))
            return false
        }
        let asked = eventLoop.now
        acks.insert(id) { outcome in
            if case .success = outcome { self.core.metrics.acked(after: (self.eventLoop.now - asked).nanoseconds) }
            completion(outcome)
        }
        context.schedule(
            DeadlineToken(client: client.number, wait: .ack(socket: number, id: id)), at: eventLoop.now + TimeAmount(timeout))
        return true
    }

    func isWaiting(forAck id: UInt64) -> Bool {
        acks.isWaiting(for: id)
    }

    func settle(_ id: UInt64?, _ arguments: JSONArguments) {
        if handlers.rare != nil, let id { announceAck(.incoming, id, arguments) }
        guard let id, let completion = acks.remove(id) else { return }
        context.settled()
        completion(.success(arguments))
    }

    func ackTimedOut(_ id: UInt64) {
        guard let completion = acks.remove(id) else { return }
        core.metrics.ackTimedOut()
        core.record(.ackTimedOut(socket: number, ackID: id))
        completion(.failure(.timedOut))
    }

    func cancelAck(_ id: UInt64) {
        // Always behind the request itself, which may still be queued.
        context.enqueue {
            guard let completion = self.acks.remove(id) else { return }
            self.context.settled()
            completion(.failure(.cancelled))
        }
    }
}
