// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors, unless a newer compiler than ours warns of more: TAPEDECK_ALLOW_WARNINGS=1 lets it build.
let warnings: [SwiftSetting] =
    Context.environment["TAPEDECK_ALLOW_WARNINGS"] == nil ? [.treatAllWarnings(as: .error)] : []

let settings: [SwiftSetting] =
    warnings + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

func product(_ name: String, _ package: String) -> Target.Dependency { .product(name: name, package: package) }

let nioCore = product("NIOCore", "swift-nio")
let nioPosix = product("NIOPosix", "swift-nio")
let nioConcurrency = product("NIOConcurrencyHelpers", "swift-nio")
let nioEmbedded = product("NIOEmbedded", "swift-nio")
let nioHTTP1 = product("NIOHTTP1", "swift-nio")
let httpTypes = product("HTTPTypes", "swift-http-types")
let nioHTTPTypes = product("NIOHTTPTypes", "swift-nio-extras")
let nioHTTPTypesHTTP1 = product("NIOHTTPTypesHTTP1", "swift-nio-extras")
let logging = product("Logging", "swift-log")
let metrics = product("Metrics", "swift-metrics")
let coreMetrics = product("CoreMetrics", "swift-metrics")
let atomics = product("Atomics", "swift-atomics")
let collections = product("OrderedCollections", "swift-collections")
let deque = product("DequeModule", "swift-collections")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let hummingbird = product("Hummingbird", "hummingbird")
let hummingbirdCore = product("HummingbirdCore", "hummingbird")
let grdb = product("GRDB", "GRDB.swift")
let grdbSQLite = product("GRDBSQLite", "GRDB.swift")
let yams = product("Yams", "Yams")

let package = Package(
    name: "tapedeck",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SocketIO", targets: ["SocketIO"]),
        .library(name: "SocketIOHummingbird", targets: ["SocketIOHummingbird"]),
        .library(name: "SocketIOClient", targets: ["SocketIOClient"]),
        .library(name: "SocketIOTestKit", targets: ["SocketIOTestKit"]),
        .library(name: "Tapedeck", targets: ["Tapedeck"]),
        .executable(name: "tapedeck", targets: ["TapedeckCommand"]),
        .executable(name: "Chat", targets: ["Chat"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-atomics.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // web/ and migrations/ as bytes inside the executable
        .target(name: "CTapedeckFiles"),
        // the system's zlib
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        // what SQLite's own functions for guarding a connection need C for
        .target(name: "CTapeGuard", linkerSettings: [.linkedLibrary("sqlite3")]),
        // bytes <-> packets, no I/O
        .target(name: "SocketIOWire", dependencies: ["CZlib", nioCore, collections], swiftSettings: settings),
        // transports on an event loop
        .target(
            name: "EngineIO",
            dependencies: [
                "SocketIOWire", nioCore, nioPosix, nioConcurrency, nioHTTP1, httpTypes, nioHTTPTypes, nioHTTPTypesHTTP1, logging, metrics,
                coreMetrics, atomics, deque,
            ],
            swiftSettings: settings),
        // what a user writes against
        .target(
            name: "SocketIO",
            dependencies: [
                "CTapedeckFiles", "EngineIO", "SocketIOWire", nioCore, nioPosix, nioConcurrency, httpTypes, logging, metrics, atomics,
                deque,
            ],
            swiftSettings: settings),
        .target(
            name: "SocketIOHummingbird",
            dependencies: [
                "SocketIO", "EngineIO", hummingbird, hummingbirdCore, nioCore, nioHTTP1, httpTypes, nioHTTPTypes, nioHTTPTypesHTTP1,
                logging,
                lifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "SocketIOClient",
            dependencies: [
                "SocketIOWire", nioCore, nioPosix, nioConcurrency, nioHTTP1, product("NIOSSL", "swift-nio-ssl"), logging, atomics, deque,
            ],
            swiftSettings: settings),
        // a server and its clients in one process, with virtual time, for the tests of those who use SocketIO
        .target(
            name: "SocketIOTestKit",
            dependencies: ["SocketIO", "EngineIO", "SocketIOWire", nioCore, nioEmbedded, nioConcurrency, httpTypes, logging],
            swiftSettings: settings),
        // the recording
        .target(
            name: "Tape",
            dependencies: ["CTapedeckFiles", "CTapeGuard", grdb, grdbSQLite, nioCore, nioConcurrency, logging, atomics],
            swiftSettings: settings),
        // the machines on a tape: Recorder, Inspector, Replay
        .target(
            name: "Tapedeck",
            dependencies: [
                "CTapedeckFiles", "SocketIO", "EngineIO", "SocketIOHummingbird", "SocketIOClient", "SocketIOWire", "Tape", hummingbird,
                hummingbirdCore, yams, httpTypes, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioCore, nioPosix, nioConcurrency, logging,
                metrics, coreMetrics, atomics, collections,
                lifecycle,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "TapedeckCommand",
            dependencies: [
                "Tapedeck", "SocketIO", "EngineIO", "SocketIOHummingbird", "SocketIOClient", "SocketIOWire", "Tape", hummingbird,
                hummingbirdCore,
                product("HummingbirdTLS", "hummingbird"), product("NIOSSL", "swift-nio-ssl"),
                httpTypes,
                nioCore, nioPosix, nioConcurrency, logging, lifecycle, product("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: settings),

        .executableTarget(name: "TypedEcho", dependencies: ["SocketIO", nioCore], path: "Benchmarks/TypedEcho", swiftSettings: settings),
        .executableTarget(
            name: "Chat", dependencies: ["SocketIO", "SocketIOHummingbird", hummingbird], path: "Examples/Chat",
            swiftSettings: settings),
        // `make bench-tape`
        .executableTarget(
            name: "tape-bench", dependencies: ["Tape", grdbSQLite, nioCore], path: "Benchmarks/Tape", swiftSettings: settings),

        .target(
            name: "TestSupport",
            dependencies: ["SocketIOWire", nioCore, nioPosix, nioConcurrency, logging],
            path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "SocketIOWireTests",
            dependencies: ["SocketIOWire", "TestSupport", nioCore, nioEmbedded, product("NIOWebSocket", "swift-nio")],
            swiftSettings: settings),
        .testTarget(
            name: "EngineIOTests",
            dependencies: [
                "EngineIO", "SocketIOWire", "TestSupport", nioCore, nioPosix, nioEmbedded, nioConcurrency, httpTypes, nioHTTPTypes, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SocketIOTests",
            dependencies: [
                "SocketIO", "SocketIOHummingbird", "SocketIOTestKit", "EngineIO", "SocketIOWire", "TestSupport", nioCore, nioPosix,
                nioConcurrency, logging, hummingbird, product("HummingbirdTLS", "hummingbird"),
                product("HummingbirdHTTP2", "hummingbird"), product("HummingbirdTesting", "hummingbird"),
                product("NIOSSL", "swift-nio-ssl"),
                product("MetricsTestKit", "swift-metrics"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SocketIOClientTests",
            dependencies: [
                "SocketIOClient", "SocketIO", "EngineIO", "SocketIOWire", "TestSupport", nioCore, nioPosix, nioConcurrency, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "TapeTests", dependencies: ["Tape", "CTapedeckFiles", "TestSupport", grdb, nioCore, nioConcurrency, logging],
            swiftSettings: settings),
        .testTarget(
            name: "TapedeckTests",
            dependencies: [
                "Tapedeck", "SocketIO", "SocketIOHummingbird", "SocketIOClient", "SocketIOWire", "Tape", "TestSupport", hummingbird,
                coreMetrics, "EngineIO", nioCore, nioHTTP1, nioPosix,
                nioConcurrency, logging,
            ],
            swiftSettings: settings),
        // the executable, real browsers and foreign clients and servers
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "TapedeckCommand", "Chat", "SocketIO", "Tapedeck", "Tape", "SocketIOClient", "SocketIOWire", "TestSupport", nioCore,
                nioPosix, nioConcurrency,
                logging,
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
