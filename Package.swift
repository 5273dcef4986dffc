// swift-tools-version: 6.2
import PackageDescription

/// `GRMD_FAST=1` leaves out everything that needs gRPC: the unit tests of the arithmetic, the store,
/// the engine and the paper's method then build in seconds from a clean clone.
let isFast = Context.environment["GRMD_FAST"] == "1"

/// The one settings array of every Swift target.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Tests run in release, and some look at what is internal to its target.
    .unsafeFlags(["-enable-testing"]),
]

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
// On Linux this product is gRPC's transport without its TLS stack: what it adds to the core is for
// other systems. Both ends are Unix sockets that Wire and Daemon open themselves.
let grpcTransport = Target.Dependency.product(
    name: "GRPCNIOTransportHTTP2TransportServices",
    package: "grpc-swift-nio-transport"
)
let grpcInProcess = Target.Dependency.product(
    name: "GRPCInProcessTransport",
    package: "grpc-swift-2"
)
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let arguments = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)

var dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
]

var targets: [Target] = [
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
    .systemLibrary(
        name: "COpenBLAS",
        pkgConfig: "openblas",
        providers: [.apt(["libopenblas-dev"])]
    ),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),
    .target(
        name: "Kernels",
        dependencies: ["CKernels", "COpenBLAS"],
        swiftSettings: settings + [.unsafeFlags(["-O"])]
    ),
    .target(name: "Store", dependencies: ["CLMDB", protobuf, crypto], swiftSettings: settings),
    .target(
        name: "Inference",
        dependencies: ["Kernels", "Store", protobuf],
        swiftSettings: settings + [.unsafeFlags(["-O"])]
    ),
    .target(
        name: "Import",
        dependencies: ["Inference", "Kernels", "Store", crypto, protobuf, system],
        swiftSettings: settings + [.unsafeFlags(["-O"])]
    ),
    .target(name: "Scoring", swiftSettings: settings),
    .executableTarget(
        name: "grmd-figures",
        dependencies: ["Inference", "Kernels", "Store", arguments],
        path: "Sources/grmdFigures",
        swiftSettings: settings
    ),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels"], swiftSettings: settings),
    .testTarget(name: "StoreTests", dependencies: ["Store"], swiftSettings: settings),
    .testTarget(
        name: "InferenceTests",
        dependencies: ["Import", "Inference", "Kernels", "Store"],
        swiftSettings: settings
    ),
    .testTarget(
        name: "ImportTests",
        dependencies: ["Import", "Inference", "Kernels", "Store"],
        swiftSettings: settings
    ),
    .testTarget(name: "ScoringTests", dependencies: ["Scoring"], swiftSettings: settings),
    .testTarget(
        name: "GoldenTests",
        dependencies: ["Import", "Inference", "Kernels", "Store"],
        exclude: ["Fixtures"],
        swiftSettings: settings
    ),
]

if !isFast {
    dependencies += [
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    ]
    targets += [
        .systemLibrary(
            name: "CSystemd",
            pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]
        ),
        .target(
            name: "Wire",
            dependencies: [
                "Scoring", "Store", protobuf, grpc, grpcProtobuf, grpcTransport, nio, nioPosix,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Wire", "Scoring", "Inference", "Store", "CSystemd", grpc, grpcTransport, nio,
                nioPosix, log, crypto, protobuf, system,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "TOMLKit", package: "TOMLKit"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "grmd",
            dependencies: ["Daemon", arguments],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "grmctl",
            dependencies: [
                "Daemon", "Import", "Inference", "Scoring", "Store", "Wire", arguments, grpc,
                protobuf,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WireTests",
            dependencies: ["Wire", "Scoring", protobuf, grpc],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Import", "Inference", "Scoring", "Store", "Wire", protobuf, grpc,
                grpcInProcess, log, .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProcessTests",
            dependencies: ["Wire", protobuf, grpc],
            swiftSettings: settings
        ),
    ]
}

let package = Package(name: "grmd", dependencies: dependencies, targets: targets)
