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
            principles: PrincipleCache.open(configuration, log: LogLevel.logger()),
            log: LogLevel.logger(),
            readConfiguration: readConfiguration
        )
    }

    /// Serves until SIGTERM or SIGINT, then drains.
    ///
    /// A second signal stops at once; one during the start ends the start.
    ///
    /// - Throws: what prevents the start; `StoreError.busy` or `DaemonError.lockHeld` if another
    ///   daemon is in the way.
    package func run() async throws {
        // Modes of sockets and folders are set one by one; nothing is open to others before that.
        umask(0o077)
        let stateLock = try StateLock(state.deployments.directory)
        let locks = try SocketLocks(configuration, inherited: sockets)
        let stops = StopRequests()
        let listener = await listen(for: stops)
        defer { listener.cancel() }
        state.log.notice(
            "starting",
            metadata: [
                "kernels": "\(EngineArithmetic.kernels)",
                "blas": "\(EngineArithmetic.blas)", "threads": "\(configuration.threadCount)",
            ]
        )
        if try await load(unless: stops) {
            try await serve(until: stops)
            removeOwnSockets()
        }
        state.principles?.tend()
        state.phase.enter(.stopped)
        locks.end()
        stateLock.end()
        try await group.shutdownGracefully()
        state.log.notice("stopped")
    }

    /// Reloads on SIGHUP, takes note of SIGTERM and SIGINT; traps them before it returns.
    private func listen(for stops: StopRequests) async -> Task<Void, Never> {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        return Task {
            for await signal in signals {
                if signal == .sighup { reload() } else { stops.add() }
            }
        }
    }

    /// Loads what the deployment log says; false if the daemon is to stop instead.
    private func load(unless stops: StopRequests) async throws -> Bool {
        systemd.notify("STATUS=verifying the active version")
        let (events, report) = AsyncStream.makeStream(of: Result<Bool, any Error>?.self)
        // Not waited for after a stop: the hashing cannot be cut short, and ends with the process.
        Task {
            do {
                report.yield(.success(try await state.deployments.loadCurrent()))
            } catch {
                report.yield(.failure(error))
            }
        }
        let stopping = Task {
            await stops.wait(for: 1)
            report.yield(nil)
        }
        defer { stopping.cancel() }
        for await event in events {
            guard let event else { return false }
            state.phase.setHasDeployment(try event.get())
            return true
        }
        return false
    }

    /// The exit status that tells systemd and scripts why grmd ended.
    package static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is ConfigurationError: 78
        case let error as StoreError where error.code == .tooNew: 65
        case let error as StoreError where error.code == .permission: 77
        case let error as StoreError where error.code == .busy: 5
        case let error as DaemonError where error.code == .permission: 77
        case let error as DaemonError where error.code == .lockHeld: 5
        default: 1
        }
    }

    // MARK: Serving

    private enum Event: Sendable {
        case serverEnded, cutOff
    }

    /// Connections that have not closed this long after the goodbye are cut: a client that is
    /// stopped never answers it.
    private static let goodbye = Duration.seconds(2)

    private func serve(until stops: StopRequests) async throws {
        let connections = ConnectionLimit(configuration.connectionsMax)
        let scoring = transport("score", configuration.scoringSocket, connections)
        let admin = transport("admin", configuration.adminSocket, connections)
        let servers = servers(scoring, admin)
        try await withThrowingTaskGroup(of: Event?.self) { tasks in
            // Leaving the group, by an error too, cuts what is left.
            defer { tasks.cancelAll() }
            for server in servers {
                tasks.addTask {
                    try await server.serve()
                    return .serverEnded
                }
            }
            tasks.addTask {
                // Returns once the sockets listen; nil if a server failed, which then says why.
                guard await scoring.listeningAddress != nil, await admin.listeningAddress != nil
                else { return nil }
                becomeReady()
                await drain(at: stops)
                for server in servers { server.beginGracefulShutdown() }
                try await Task.sleep(for: Self.goodbye)
                return .cutOff
            }
            tasks.addTask {
                while true {
                    try await Task.sleep(for: .seconds(60))
                    clearStaleReaders()
                    state.principles?.tend()
                }
            }
            var ended = 0
            while ended < servers.count, let event = try await tasks.next() {
                if event == .serverEnded { ended += 1 }
                if event == .cutOff { break }
            }
        }
    }

    private func servers(_ scoring: Transport, _ admin: Transport) -> [Server] {
        [
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
    }

    /// Slots of readers that were killed would keep old pages of the catalogue alive.
    private func clearStaleReaders() {
        do {
            let count = try state.deployments.catalogue.checkReaders()
            if count > 0 { state.log.notice("cleared readers", metadata: ["count": "\(count)"]) }
        } catch {
            state.log.warning("readers not checked", metadata: ["error": "\(error)"])
        }
    }

    private func transport(
        _ name: String,
        _ socket: Configuration.Socket,
        _ connections: ConnectionLimit
    ) -> Transport {
        var config = Transport.Config.defaults
        config.rpc.maxRequestPayloadSize = configuration.requestBytesMax
        config.http2.maxConcurrentStreams = 64
        config.connection.maxIdleTime = .seconds(600)
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        let origin = sockets[name].map(SocketListener.Origin.inherited) ?? .own(socket)
        return Transport(
            listenerFactory: SocketListener(
                origin: origin,
                eventLoopGroup: group,
                connections: connections
            ),
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

    /// Waits for the first request to stop, then drains; a second one ends that at once.
    private func drain(at stops: StopRequests) async {
        await stops.wait(for: 1)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await stop() }
            tasks.addTask { await stops.wait(for: 2) }
            await tasks.next()
            tasks.cancelAll()
        }
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
