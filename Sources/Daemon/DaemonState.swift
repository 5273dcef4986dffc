import Foundation
import Inference
import Kernels
package import Logging
package import Scoring
import Store
import SwiftProtobuf
import Synchronization
package import Wire

/// What the services of a running daemon share.
package final class DaemonState: Sendable {
    /// The release.
    package static let version = "0.1.0"

    package let log: Logger
    package let admission: Admission
    package let deployments: Deployments
    package let counters = RequestCounters()
    package let phase = PhaseMonitor()
    private let systemd = Systemd()
    private let start = ContinuousClock.now
    private let readConfiguration: @Sendable () throws -> Configuration
    private let current: Mutex<Configuration>

    /// - Parameter readConfiguration: Reads file, environment and flags again, for a reload.
    package init(
        configuration: Configuration, deployments: Deployments, log: Logger,
        readConfiguration: @escaping @Sendable () throws -> Configuration
    ) {
        self.log = log
        self.deployments = deployments
        self.readConfiguration = readConfiguration
        current = Mutex(configuration)
        admission = Admission(configuration.admissionLimits)
    }

    package var configuration: Configuration { current.withLock { $0 } }

    /// The limits of one request.
    package var scoringLimits: ScoringLimits {
        var limits = ScoringLimits()
        limits.sampleCount = min(limits.sampleCount, configuration.samplesMax)
        return limits
    }

    // MARK: Changes

    /// Reads the configuration again and brings into force what can be.
    ///
    /// - Returns: Every setting that differs, also those that wait for a restart.
    /// - Throws: `ConfigurationError`; then the old values stay.
    package func reload() throws -> [Configuration.Key] {
        systemd.notifyReloading()
        defer { announce() }
        let new = try readConfiguration()
        let changes = current.withLock { current in
            let changes = new.changes(from: current)
            current.drainSeconds = new.drainSeconds
            current.requestsMax = new.requestsMax
            current.tokensMax = new.tokensMax
            current.samplesMax = new.samplesMax
            current.logLevel = new.logLevel
            return changes
        }
        admission.setLimits(new.admissionLimits)
        LogLevel.set(new.logLevel)
        let names = changes.map(\.rawValue).joined(separator: ", ")
        log.notice("reloaded", metadata: ["changed": "\(names)"])
        return changes
    }

    /// Takes note of a swap.
    package func didSwap(to deployment: Deployment) {
        counters.update { $0.swaps += 1 }
        phase.setHasDeployment(true)
        announce()
        let name = deployment.version.manifest.name
        log.notice(
            "activated",
            metadata: ["version": "\(name)", "deployment": "\(deployment.record.number)"])
    }

    /// Tells systemd that the daemon is ready, and what it serves.
    package func announce() {
        let version = deployments.current?.version.manifest.name
        let status = version.map { "serving \($0)" } ?? "no deployment: grmctl activate NAME"
        systemd.notify("READY=1", "STATUS=\(status)")
    }

    /// Refuses new requests and waits for those in flight.
    ///
    /// - Returns: Requests that are still there when the time is up.
    package func drain(for limit: Duration) async -> Int {
        phase.enter(.draining)
        admission.setDraining(true)
        systemd.notify("STATUS=draining \(admission.load.requests) requests")
        let deadline = ContinuousClock.now + limit
        while admission.load.requests > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            // A cancelled sleep ends the wait, as it should.
            try? await Task.sleep(for: .milliseconds(20))
        }
        return admission.load.requests
    }

    // MARK: Status

    /// Everything that `grmctl status` shows.
    package func status() async -> Grm_V1_StatusReply {
        let engine = await deployments.statistics()
        let configuration = configuration
        return .with {
            $0.phase = phase.phase.message
            $0.daemonVersion = Self.version
            $0.processID = UInt64(ProcessInfo.processInfo.processIdentifier)
            $0.uptimeSeconds = start.duration(to: .now) / .seconds(1)
            if let deployment = deployments.current {
                $0.deployment = deployment.record.message
                $0.limits.contextTokens = UInt32(deployment.engine.shape.contextTokens)
            }
            $0.counters = counterMessage(engine)
            $0.load = loadMessage(engine)
            $0.stateDirectory = configuration.stateDirectory
            $0.scoringSocket = configuration.scoringSocket.path
            $0.limits.requests = UInt32(configuration.requestsMax)
            $0.limits.tokens = UInt64(configuration.tokensMax)
            $0.limits.responses = UInt32(scoringLimits.responseCount)
            $0.limits.samples = UInt32(scoringLimits.sampleCount)
            $0.limits.requestBytes = UInt64(configuration.requestBytesMax)
            $0.kernels = KernelSupport.instructionSet
            $0.blas = KernelSupport.blasCore
            $0.computeThreads = UInt32(configuration.threadCount)
        }
    }

    private func loadMessage(_ engine: EngineStatistics) -> Grm_V1_Load {
        let admitted = admission.load
        return .with {
            $0.requestsAdmitted = UInt32(admitted.requests)
            $0.admittedTokens = UInt64(admitted.tokens)
            $0.samplesRunning = UInt32(engine.samplesRunning)
            $0.samplesWaiting = UInt32(engine.samplesWaiting)
            $0.kvBytes = UInt64(engine.keyValueBytes)
        }
    }

    private func counterMessage(_ engine: EngineStatistics) -> Grm_V1_Counters {
        let counts = counters.now
        return .with {
            $0.requests = UInt64(counts.requests)
            $0.requestsOk = UInt64(counts.ok)
            $0.requestsRefused = UInt64(counts.refused)
            $0.requestsFailed = UInt64(counts.failed)
            $0.requestsCancelled = UInt64(counts.cancelled)
            $0.requestsDeadline = UInt64(counts.deadline)
            $0.judgmentsScored = UInt64(counts.judgmentsScored)
            $0.judgmentsUnparsable = UInt64(counts.judgmentsUnparsable)
            $0.judgmentsTruncated = UInt64(counts.judgmentsTruncated)
            $0.promptTokens = UInt64(counts.promptTokens)
            $0.swaps = UInt64(counts.swaps)
            $0.samplesCancelled = UInt64(engine.samplesCancelled)
            $0.badLogits = UInt64(engine.badLogits)
            $0.promptTokensComputed = UInt64(engine.promptTokensComputed)
            $0.generatedTokens = UInt64(engine.generatedTokens)
            $0.engineSteps = UInt64(engine.steps)
        }
    }
}

extension Configuration {
    fileprivate var admissionLimits: Admission.Limits {
        Admission.Limits(requests: requestsMax, tokens: tokensMax)
    }
}

extension PhaseMonitor.Phase {
    fileprivate var message: Grm_V1_Phase {
        switch self {
        case .loading: .loading
        case .serving: .serving
        case .draining: .draining
        case .stopped: .stopped
        }
    }
}
