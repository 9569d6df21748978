import SocketIOWire

@testable import Tapedeck

/// Replays against a simulated server over a network that keeps the order of each connection and nothing else: which connection is
/// served next is drawn from a seed. Time passes only when nothing else can happen.
struct SimulatedReplay {
    private var machine: ReplayMachine
    private var server: SimulatedServer
    private var random: UInt64
    private enum Up { case open, packet(LanePacket), close }
    private enum Down { case opened(String), packet(LanePacket), closed }
    private var up: [[Up]]
    private var down: [[Down]]
    private var cut: Set<Int> = []
    private var timer: Int?
    private(set) var elapsed = Duration.zero
    private var pendingDuration = Duration.zero

    static func run(
        _ recording: Recording, options: ReplayOptions = ReplayOptions(), fault: SimulatedServer.Fault? = nil, seed: Int = 2
    ) -> (report: ReplayReport, elapsed: Duration) {
        let plan = PlanBuilder.plan(for: recording, options: options)
        var replay = SimulatedReplay(plan: plan, options: options, fault: fault, seed: seed)
        replay.run()
        return (ReplayReport(machine: replay.machine, recording: recording, duration: .zero), replay.elapsed)
    }

    private init(plan: ReplayPlan, options: ReplayOptions, fault: SimulatedServer.Fault?, seed: Int) {
        machine = ReplayMachine(plan: plan, options: options)
        server = SimulatedServer(seed: seed, fault: fault)
        random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        up = Array(repeating: [], count: plan.lanes.count)
        down = Array(repeating: [], count: plan.lanes.count)
    }

    private mutating func run() {
        perform(machine.start())
        while !machine.isFinished {
            let busy = up.indices.flatMap { lane in (up[lane].isEmpty ? [] : [(lane, true)]) + (down[lane].isEmpty ? [] : [(lane, false)]) }
            if busy.isEmpty {
                guard let number = timer else { return }
                elapsed += pendingDuration
                timer = nil
                perform(machine.handle(.timer(number)))
                continue
            }
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let (lane, isUp) = busy[Int(random >> 33) % busy.count]
            if isUp { serve(lane) } else { deliver(lane) }
        }
    }

    private mutating func serve(_ lane: Int) {
        switch up[lane].removeFirst() {
        case .open: down[lane].append(.opened(server.makeID("e")))
        case .close:
            take(server.close(lane))
            down[lane].append(.closed)
        case .packet(let packet):
            take(server.receive(packet, from: lane))
            for connection in server.cutConnections where !cut.contains(connection) {
                cut.insert(connection)
                take(server.close(connection))
                down[connection].append(.closed)
            }
        }
    }

    private mutating func take(_ outputs: [SimulatedServer.Output]) {
        for output in outputs { down[output.connection].append(.packet(output.packet)) }
    }

    private mutating func deliver(_ lane: Int) {
        switch down[lane].removeFirst() {
        case .opened(let id): perform(machine.handle(.opened(lane: lane, engineID: id)))
        case .packet(let packet): perform(machine.handle(.packet(lane: lane, packet)))
        case .closed: perform(machine.handle(.closed(lane: lane, reason: "transport close")))
        }
    }

    private mutating func perform(_ effects: [ReplayMachine.Effect]) {
        for effect in effects {
            switch effect {
            case .open(let lane): up[lane].append(.open)
            case .upgrade(let lane): perform(machine.handle(.upgraded(lane: lane)))
            case .send(let lane, let packet): if !cut.contains(lane) { up[lane].append(.packet(packet)) }
            case .close(let lane), .cut(let lane): up[lane].append(.close)
            case .startTimer(let number, let duration): (timer, pendingDuration) = (number, duration)
            case .finish: timer = nil
            }
        }
    }
}
