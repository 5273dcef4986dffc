import Foundation
import Inference
import SwiftProtobuf
package import Wire

extension DaemonState {
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
                $0.deployment = Grm_V1_Deployment(deployment.record)
                $0.rewardHealth = Grm_V1_RewardHealth(deployment.rewardHealth)
            }
            $0.counters = counterMessage(engine)
            $0.load = loadMessage(engine)
            $0.stateDirectory = configuration.stateDirectory
            $0.scoringSocket = configuration.scoringSocket.path
            $0.limits = ScoringService.limitMessage(configuration)
            $0.limits.contextTokens = UInt32(
                deployments.current?.engine.shape.contextTokens ?? 0
            )
            $0.kernels = EngineArithmetic.kernels
            $0.blas = EngineArithmetic.blas
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
