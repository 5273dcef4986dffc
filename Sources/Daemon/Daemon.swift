import Foundation
import GRPCCore
import GRPCNIOTransportCore
import Inference
import Logging
import NIOCore
import NIOPosix
import Store
import UnixSignals
import Wire

/// A grmd from its first file to its last request.
package struct Daemon: Sendable {
    private typealias Server = GRPCServer<HTTP2ServerTransport.Custom<SocketListener>>
    private typealias Transport = HTTP2ServerTransport.Custom<SocketListener>

    private let state: DaemonState
    private let configuration: Configuration
    private let sockets: [String: Int32]
    private let systemd = Systemd()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Opens the store.
    ///
    /// - Parameter readConfiguration: Reads file, environment and flags; called again at a reload.
    /// - Throws: `ConfigurationError`, `StoreError`.
    package init(readConfiguration: @escaping @Sendable () throws -> Configuration) throws {
        configuration = try readConfiguration()
        LogLevel.set(configuration.logLevel)
        sockets = systemd.listeningSockets()
        let directory = try StoreDirectory(creatingAt: configuration.stateDirectory)
        let deployments = Deployments(
            catalogue: try Catalogue(directory, access: .writing),
            directory: directory,
            limits: Engine.Limits(
                keyValueBytesMax: configuration.keyValueBytesMax,
                threadCount: configuration.threadCount
            )
        )
        state = DaemonState(
            configuration: configuration,
            deployments: deployments,
            log: LogLevel.logger(),
            readConfiguration: readConfiguration
        )
    }

    /// Serves until SIGTERM or SIGINT, then drains.
    ///
    /// A second signal stops at once.
    ///
    /// - Throws: what prevents the start; `StoreError.busy` or `DaemonError.lockHeld` if another
    ///   daemon is in the way.
    package func run() async throws {
        let stateLock = try StateLock(state.deployments.directory)
        let locks = try SocketLocks(configuration, inherited: sockets)
        // Trapped before the first work, so that no signal is lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        state.log.notice(
            "starting",
            metadata: [
                "kernels": "\(EngineArithmetic.kernels)",
                "blas": "\(EngineArithmetic.blas)", "threads": "\(configuration.threadCount)",
            ]
        )
        systemd.notify("STATUS=verifying the active version")
        let hasDeployment = try await state.deployments.loadCurrent()
        state.phase.setHasDeployment(hasDeployment)
        try await serve(until: signals)
        state.phase.enter(.stopped)
        removeOwnSockets()
        locks.end()
        stateLock.end()
        try await group.shutdownGracefully()
        state.log.notice("stopped")
    }

    /// The exit status that tells systemd and scripts why grmd ended.
    package static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is ConfigurationError: 78
        case let error as StoreError where error.code == .tooNew: 65
        case let error as StoreError where error.code == .permission: 77
        case let error as StoreError where error.code == .busy: 5
        case let error as DaemonError where error.code == .lockHeld: 5
        default: 1
        }
    }

    // MARK: Serving

    private func serve(until signals: UnixSignalsSequence) async throws {
        let scoring = transport("score", configuration.scoringSocket)
        let admin = transport("admin", configuration.adminSocket)
        let servers = [
            Server(
                transport: scoring,
                services: [
                    ScoringService(state),
                    HealthService(state.phase, services: ["grm.v1.Scoring"]),
                ]
            ),
            Server(
                transport: admin,
                services: [
                    AdminService(state),
                    HealthService(state.phase, services: ["grm.v1.Scoring", "grm.v1.Admin"]),
                ]
            ),
        ]
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for server in servers { tasks.addTask { try await server.serve() } }
            tasks.addTask {
                // Returns once the sockets listen.
                guard await scoring.listeningAddress != nil, await admin.listeningAddress != nil
                else { return }
                becomeReady()
                await obey(signals)
                for server in servers { server.beginGracefulShutdown() }
            }
            // The first to fail ends the others; a clean end is the end of all.
            try await tasks.waitForAll()
        }
    }

    private func transport(_ name: String, _ socket: Configuration.Socket) -> Transport {
        var config = Transport.Config.defaults
        config.rpc.maxRequestPayloadSize = configuration.requestBytesMax
        config.http2.maxConcurrentStreams = 256
        config.connection.maxIdleTime = .seconds(600)
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        let origin = sockets[name].map(SocketListener.Origin.inherited) ?? .own(socket)
        return Transport(
            listenerFactory: SocketListener(origin: origin, eventLoopGroup: group),
            config: config
        )
    }

    private func becomeReady() {
        state.phase.enter(.serving)
        state.announce()
        state.log.notice(
            "ready",
            metadata: [
                "version":
                    "\(state.deployments.current?.version.manifest.name ?? "none")",
                "scoring": "\(configuration.scoringSocket.path)",
                "admin": "\(configuration.adminSocket.path)",
            ]
        )
    }

    // MARK: Signals

    /// Reloads on SIGHUP; returns when the daemon has drained after a first SIGTERM or SIGINT, or
    /// at once at a second.
    private func obey(_ signals: UnixSignalsSequence) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let listener = Task {
            var stopping: Task<Void, Never>?
            for await signal in signals {
                if signal == .sighup {
                    reload()
                } else if stopping != nil {
                    end.finish()
                } else {
                    stopping = Task {
                        await stop()
                        end.finish()
                    }
                }
            }
        }
        for await _ in ends {}
        listener.cancel()
        await state.deployments.stop()
    }

    private func stop() async {
        systemd.notify("STOPPING=1", "STATUS=draining")
        state.log.notice("draining", metadata: ["requests": "\(state.admission.load.requests)"])
        let left = await state.drain(for: .seconds(state.configuration.drainSeconds))
        if left > 0 {
            state.log.warning("drain limit reached", metadata: ["requests": "\(left)"])
        }
    }

    private func reload() {
        do {
            _ = try state.reload()
        } catch {
            state.log.error("reload refused; the old values stay", metadata: ["error": "\(error)"])
        }
    }

    /// A socket that systemd passed is systemd's.
    private func removeOwnSockets() {
        let own = [("score", configuration.scoringSocket), ("admin", configuration.adminSocket)]
        for (name, socket) in own where sockets[name] == nil {
            // Gone already is as good.
            try? FileManager.default.removeItem(atPath: socket.path)
        }
    }
}

/// The locks of the paths that the daemon itself listens at.
private struct SocketLocks: ~Copyable {
    private var scoring: SocketLock?
    private var admin: SocketLock?

    init(_ configuration: Configuration, inherited: [String: Int32]) throws(DaemonError) {
        scoring =
            inherited["score"] == nil ? try SocketLock(path: configuration.scoringSocket.path) : nil
        admin =
            inherited["admin"] == nil ? try SocketLock(path: configuration.adminSocket.path) : nil
    }

    consuming func end() {}
}
