import Foundation
package import GRPCCore
import Inference
import Logging
import Store
import SwiftProtobuf
package import Wire

/// What an operator does to a running daemon.
package struct AdminService: Grm_V1_Admin.SimpleServiceProtocol {
    let daemon: DaemonState

    package init(_ daemon: DaemonState) {
        self.daemon = daemon
    }

    /// What the daemon does and holds.
    package func status(
        request: Grm_V1_StatusRequest,
        context: ServerContext
    ) async throws -> Grm_V1_StatusReply {
        await daemon.status()
    }

    /// The versions of the store.
    package func listVersions(
        request: Grm_V1_ListVersionsRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ListVersionsReply {
        try answering {
            let current = daemon.deployments.current?.record
            return try .with {
                $0.versions = try daemon.deployments.catalogue.versions().map {
                    Grm_V1_VersionSummary($0, current: current)
                }
            }
        }
    }

    /// One version, whole.
    package func showVersion(
        request: Grm_V1_ShowVersionRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ShowVersionReply {
        try answering {
            let version = try daemon.deployments.catalogue.version(request.name)
            return Grm_V1_ShowVersionReply(
                version,
                current: daemon.deployments.current?.record
            )
        }
    }

    /// Verifies, warms and swaps.
    package func activate(
        request: Grm_V1_ActivateRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ActivateReply {
        try await swapping {
            try await daemon.deployments.activate(
                grm: request.grm,
                metaRM: request.hasMetaRm ? request.metaRm : nil,
                reason: request.reason,
                uid: getuid()
            )
        }
    }

    /// Activates what served before.
    package func rollback(
        request: Grm_V1_RollbackRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ActivateReply {
        try await swapping {
            try await daemon.deployments.rollback(reason: request.reason, uid: getuid())
        }
    }

    /// Reads the configuration again.
    package func reload(
        request: Grm_V1_ReloadRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ReloadReply {
        try answering {
            let changes = try daemon.reload()
            return .with {
                $0.changed = changes.filter(Configuration.reloadable.contains).map(\.rawValue)
                $0.needsRestart = changes.filter { !Configuration.reloadable.contains($0) }
                    .map(\.rawValue)
            }
        }
    }

    /// Refuses new requests and waits for those in flight.
    package func drain(
        request: Grm_V1_DrainRequest,
        context: ServerContext
    ) async throws -> Grm_V1_DrainReply {
        guard request.secondsMax.isFinite, (0...86_400).contains(request.secondsMax) else {
            throw StatusMapping.answer(
                to: DaemonError(
                    .invalidArgument,
                    subject: "seconds_max",
                    expected: "0 to 86400",
                    found: "\(request.secondsMax)",
                    advice: "0 means drain_seconds"
                )
            )
        }
        let limit = request.secondsMax > 0 ? request.secondsMax : daemon.configuration.drainSeconds
        let left = await daemon.drain(for: .seconds(limit))
        return .with { $0.requestsLeft = UInt32(left) }
    }

    // MARK: Errors and swaps

    private func answering<Reply>(_ body: () throws -> Reply) throws -> Reply {
        do { return try body() } catch { throw StatusMapping.answer(to: error) }
    }

    private func swapping(
        _ body: () async throws -> (new: Deployment, old: DeploymentRecord?)
    ) async throws -> Grm_V1_ActivateReply {
        let start = ContinuousClock.now
        do {
            let (new, old) = try await body()
            daemon.didSwap(to: new)
            return .with {
                $0.deployment = Grm_V1_Deployment(new.record)
                if let old { $0.previous = Grm_V1_Deployment(old) }
                $0.seconds = start.duration(to: .now) / .seconds(1)
            }
        } catch {
            let answer = StatusMapping.answer(to: error)
            daemon.log.error("activation refused", metadata: ["error": "\(answer.message)"])
            throw answer
        }
    }
}
