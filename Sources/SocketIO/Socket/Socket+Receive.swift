import SocketIOWire

extension Socket {
    /// A packet of the client for this socket. In arrival order: an event before a disconnect is delivered (trap 47 of the behaviour notes).
    func receive(_ packet: SocketPacket, bytes: Int, isRecorded: Bool = false) {
        if !isRecorded { client.recordIncoming(packet, socket: number, bytes: bytes) }
        switch packet.kind {
        case .event, .binaryEvent:
            let reply = packet.ackID.map { AckReply(socket: self, id: $0) }
            dispatch(IncomingEvent(socket: self, name: packet.eventName ?? "", arguments: packet.arguments, reply: reply))
        case .ack, .binaryAck:
            settle(packet.ackID, packet.arguments)
        case .disconnect:
            client.forget(self, ignoringLatePackets: false)
            finish(reason: .clientNamespaceDisconnect, detail: nil)
        case .connect, .connectError:
            client.refuseUnexpected(packet)
        }
    }

    private func dispatch(_ event: IncomingEvent) {
        guard let rare = handlers.rare, !rare.checks.isEmpty else { return deliver(event) }
        let checks = rare.checks
        context.start {
            do {
                for (_, check) in checks.entries { try await check(event) }
            } catch {
                return event.report(error)
            }
            self.context.perform { self.deliver(event) }
        }
    }

    private func deliver(_ event: IncomingEvent) {
        guard state == .connected else { return }
        if let rare = handlers.rare {
            for (_, handler) in rare.any.entries { handler(event) }
        }
        if let list = handlers.events[event.name] {
            for (_, handler) in list.entries { handler(event) }
        }
        namespace.deliver(event)
    }
}
