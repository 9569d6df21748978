import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SocketIOClient
import SocketIOWire
import Tape

/// Does what the machine decides: opens connections, sends, keeps the timer, and tells it what comes.
struct ReplayDriver {
    private enum Message: Sendable {
        case event(lane: Int, LaneClient.Event)
        case upgradeFailed(lane: Int, reason: String)
        case ended(lane: Int)
        case timer(Int)
    }

    /// More waiting messages than this are not kept: the server sends faster than anything was recorded.
    private static let inboxLimit = 1_000_000

    private let url: ServerURL
    private let options: ReplayOptions
    private let inbox: AsyncStream<Message>
    private let send: @Sendable (Message) -> Void
    private let hasOverrun: NIOLockedValueBox<Bool>
    private let timerLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    private(set) var machine: ReplayMachine
    private(set) var meter: LatencyMeter
    private var recorder: RunRecorder?
    /// What came before the connect that it belongs to, by lane.
    private var unrecorded: [Int: [LanePacket]] = [:]
    private let onProgress: (@Sendable (_ done: Int, _ all: Int) -> Void)?
    private var reported = 0
    private var clients: [LaneClient?]
    /// How the ends of connections are called on the tape of the run, where its own clients end them.
    private var ending: [Int: String] = [:]
    private var timer: Scheduled<Void>?
    private var hasOpened = false
    private var unreachable: String?

    init(
        plan: ReplayPlan, options: ReplayOptions, url: String, recorder: RunRecorder? = nil,
        onProgress: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil
    ) throws(ReplayError) {
        do { self.url = try ServerURL(url) } catch {
            if case .invalidURL(_, let problem) = error { throw .invalidURL(url, reason: problem) }
            throw .invalidURL(url, reason: error.description)
        }
        self.options = options
        machine = ReplayMachine(plan: plan, options: options, keepsMoments: true)
        machine.timeShift = plan.actions.first.map { TimeShift(microseconds: UnixTime.now() - $0.at) }
        meter = LatencyMeter(plan: plan)
        self.recorder = recorder
        self.onProgress = onProgress
        clients = Array(repeating: nil, count: plan.lanes.count)
        let (stream, continuation) = AsyncStream.makeStream(of: Message.self, bufferingPolicy: .bufferingOldest(Self.inboxLimit))
        inbox = stream
        let hasOverrun = NIOLockedValueBox(false)
        self.hasOverrun = hasOverrun
        send = { message in
            if case .dropped = continuation.yield(message) { hasOverrun.withLockedValue { $0 = true } }
        }
    }

    /// Runs the plan to its end, or until the task is cancelled: then the machine is interrupted.
    mutating func run() async throws(ReplayError) {
        perform(machine.start())
        if !machine.isFinished {
            for await message in inbox {
                handle(message)
                if machine.isFinished || unreachable != nil || hasOverrun.withLockedValue({ $0 }) { break }
            }
        }
        timer?.cancel()
        if !machine.isFinished { for client in clients { client?.abort() } }
        for client in clients { await client?.waitUntilEnded() }
        for lane in clients.indices { recorder?.closed(lane, reason: ending[lane] ?? "server shutting down") }
        try await recorder?.close()
        if let unreachable { throw .unreachable(url: "\(url)", reason: unreachable) }
        if hasOverrun.withLockedValue({ $0 }) { throw .overrun(packets: Self.inboxLimit) }
        if !machine.isFinished { machine.interrupt() }
    }

    private mutating func handle(_ message: Message) {
        switch message {
        case .event(let lane, .opened(let engineID)):
            hasOpened = true
            if recorder != nil {
                let headers = configuration(for: machine.plan.lanes[lane]).headers
                recorder?.opened(lane, engineID: engineID, headers: headers)
            }
            perform(machine.handle(.opened(lane: lane, engineID: engineID)))
        case .event(let lane, .upgraded):
            recorder?.upgraded(lane)
            perform(machine.handle(.upgraded(lane: lane)))
        case .event(let lane, .packet(let packet)):
            record(packet, lane: lane)
            perform(machine.handle(.packet(lane: lane, packet)))
        case .event(let lane, .closed(let reason, let isUnreachable)):
            if isUnreachable, !hasOpened { unreachable = reason }
            recorder?.closed(lane, reason: ending[lane] ?? "forced close")
            // an end of our own is over only when the server's side of it has come
            if !machine.isClosing(lane) { perform(machine.handle(.closed(lane: lane, reason: reason))) }
        case .upgradeFailed(let lane, let reason): perform(machine.handle(.upgradeFailed(lane: lane, reason: reason)))
        case .ended(let lane): perform(machine.handle(.closed(lane: lane, reason: "closed")))
        case .timer(let number): perform(machine.handle(.timer(number)))
        }
    }

    private mutating func record(_ packet: LanePacket, lane: Int) {
        guard recorder != nil else { return }
        guard let session = machine.lanes[lane].currentSession[packet.namespace] else {
            // It came before its connect's turn, as the machine knows too: the tape has it behind the connect.
            if machine.isEarly(packet, lane: lane) { unrecorded[lane, default: []].append(packet) }
            return
        }
        recorder?.packet(packet, .out, lane: lane, session: session, offset: machine.offset(of: packet, session: session))
    }

    private mutating func perform(_ effects: [ReplayMachine.Effect]) {
        measure()
        for effect in effects {
            switch effect {
            case .open(let lane): open(lane)
            case .upgrade(let lane): upgrade(lane)
            case .send(let lane, let packet):
                recorder?.packet(packet, .in, lane: lane, session: machine.lanes[lane].currentSession[packet.namespace])
                if packet.kind == .connect { for early in unrecorded.removeValue(forKey: lane) ?? [] { record(early, lane: lane) } }
                clients[lane]?.send(packet)
            case .close(let lane):
                // who stayed to the end of the recording stayed to the end of its server
                ending[lane] = machine.isFinished ? "server shutting down" : "transport close"
                end(lane) { $0.close() }
            case .cut(let lane):
                ending[lane] = "transport error"
                end(lane) { $0.abort() }
            case .startTimer(let number, let duration):
                timer?.cancel()
                let send = send
                timer = timerLoop.scheduleTask(in: TimeAmount(duration)) { send(.timer(number)) }
            case .finish: timer?.cancel()
            }
        }
    }

    private mutating func measure() {
        guard !machine.moments.isEmpty else { return }
        meter.note(machine.moments, plan: machine.plan, at: .now)
        machine.moments.removeAll(keepingCapacity: true)
        if let onProgress, machine.next > reported {
            reported = machine.next
            onProgress(reported, machine.plan.actions.count)
        }
    }

    private mutating func open(_ lane: Int) {
        let send = send
        let client = LaneClient(configuration(for: machine.plan.lanes[lane])) { send(.event(lane: lane, $0)) }
        clients[lane] = client
        client.open()
    }

    private func upgrade(_ lane: Int) {
        guard let client = clients[lane] else { return }
        let send = send
        Task {
            do { try await client.upgrade() } catch { send(.upgradeFailed(lane: lane, reason: "\(error)")) }
        }
    }

    private func end(_ lane: Int, _ how: (LaneClient) -> Void) {
        guard let client = clients[lane] else { return }
        how(client)
        let send = send
        Task {
            await client.waitUntilEnded()
            send(.ended(lane: lane))
        }
    }

    private func configuration(for lane: ReplayPlan.Lane) -> EngineClient.Configuration {
        var configuration = EngineClient.Configuration(url: url)
        configuration.protocolVersion = lane.revision
        configuration.parser = lane.usesMessagePack ? MessagePackParser() : nil
        configuration.path = options.path ?? (url.namespace == "/" ? lane.path : url.namespace)
        switch lane.transport {
        case .polling: (configuration.transports, configuration.upgrade) = ([.polling], .never)
        case .webSocket: (configuration.transports, configuration.upgrade) = ([.webSocket], .never)
        case .upgrade: (configuration.transports, configuration.upgrade) = ([.polling, .webSocket], .manual)
        }
        // secrets that were given stand in headers and queries, too
        var unbound: Set<Int> = []
        let bindings = machine.matcher.bindings
        let own = Set(options.headers.map { $0.name.lowercased() })
        configuration.headers =
            lane.headers.filter { !own.contains($0.name.lowercased()) }.map { header in
                (name: header.name, value: bindings.rewriting(header.value, unbound: &unbound))
            } + options.headers
        configuration.query = lane.query.map { (name: $0.name, value: bindings.rewriting($0.value, unbound: &unbound)) }
        configuration.connectTimeout = max(options.timeout, .milliseconds(100))
        configuration.closeTimeout = .seconds(1)
        return configuration
    }
}
