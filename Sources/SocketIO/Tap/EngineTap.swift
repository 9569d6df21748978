import EngineIO
import NIOCore

/// Turns what the engine observes into tap events.
struct EngineTap: EngineObserver {
    let tap: any Tap
    let clock: TapClock
}
