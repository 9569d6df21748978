import NIOCore

/// Long-polling by the letter: one TCP connection per request.
struct RawPoll {
    let port: Int
    var sid = ""

    /// Makes the handshake.
    static func open(port: Int) async throws -> RawPoll {
        var client = RawPoll(port: port)
        let answer = try await client.poll()
        guard let sid = answer.firstMatch(of: /"sid":"([^"]*)"/)?.1 else { throw RawClient.UnexpectedAnswer(answer: answer) }
        client.sid = String(sid)
        return client
    }

    /// Sends one GET.
    ///
    /// - Returns: the body.
    func poll() async throws -> String {
        try await request("GET", body: "")
    }

    /// Sends packets in one POST.
    func post(_ packets: String...) async throws {
        let answer = try await request("POST", body: packets.joined(separator: "\u{1e}"))
        guard answer == "ok" else { throw RawClient.UnexpectedAnswer(answer: answer) }
    }

    private func request(_ method: String, body: String) async throws -> String {
        let target = "/socket.io/?EIO=4&transport=polling" + (sid.isEmpty ? "" : "&sid=\(sid)")
        return String(buffer: try await RawHTTP.request(method, target, port: port, body: body).body)
    }
}
