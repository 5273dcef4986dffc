package import GRPCCore
import Logging
import Scoring
import Store
import SwiftProtobuf
package import Wire

/// The scoring calls: off the wire, through admission and the model, back on the wire.
package struct ScoringService: Grm_V1_Scoring.ServiceProtocol {
    private let daemon: DaemonState

    package init(_ daemon: DaemonState) {
        self.daemon = daemon
    }

    /// The limits that callers may want to know.
    static func limitMessage(_ configuration: Configuration) -> Grm_V1_Limits {
        .with {
            $0.requests = UInt32(configuration.requestsMax)
            $0.tokens = UInt64(configuration.tokensMax)
            $0.responses = UInt32(limits(configuration).responseCount)
            $0.samples = UInt32(limits(configuration).sampleCount)
            $0.requestBytes = UInt64(configuration.requestBytesMax)
        }
    }

    /// The limits of one request under a configuration.
    private static func limits(_ configuration: Configuration) -> ScoringLimits {
        var limits = ScoringLimits()
        limits.sampleCount = min(limits.sampleCount, configuration.samplesMax)
        return limits
    }

    /// Judges and answers once.
    package func score(
        request: ServerRequest<Grm_V1_ScoreRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Grm_V1_ScoreReply> {
        let deadline = CallDeadline(request.metadata)
        return ServerResponse(
            message: try await counted {
                try await withCallCancellation(deadline: deadline) {
                    try await judge(request.message, deadline: deadline) { _ in }
                }
            }
        )
    }

    /// Judges and answers with each judgment, then the verdict.
    package func scoreStream(
        request: ServerRequest<Grm_V1_ScoreRequest>,
        context: ServerContext
    ) async throws -> StreamingServerResponse<Grm_V1_ScoreEvent> {
        let deadline = CallDeadline(request.metadata)
        return StreamingServerResponse { writer in
            try await counted {
                try await withCallCancellation(deadline: deadline) {
                    try await stream(request.message, deadline: deadline, to: writer)
                }
            }
            return [:]
        }
    }

    private func stream(
        _ message: Grm_V1_ScoreRequest,
        deadline: CallDeadline,
        to writer: RPCWriter<Grm_V1_ScoreEvent>
    ) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Grm_V1_ScoreEvent.self)
        // The events are few and bounded by k, so the buffer is too.
        async let reply = {
            defer { continuation.finish() }
            return try await judge(message, deadline: deadline) { judgment in
                continuation.yield(.with { $0.judgment = judgment })
            }
        }()
        for await event in events { try await writer.write(event) }
        let verdict = try await reply
        try await writer.write(.with { $0.verdict = verdict })
    }

    // MARK: One request

    private func judge(
        _ message: Grm_V1_ScoreRequest,
        deadline: CallDeadline,
        onJudgment: @escaping @Sendable (Grm_V1_Judgment) -> Void
    ) async throws -> Grm_V1_ScoreReply {
        let start = ContinuousClock.now
        let deployment = daemon.deployments.current
        let request = try ScoreRequest(
            validating: ScoreRequestDraft(message),
            limits: Self.limits(daemon.configuration),
            defaults: deployment?.scoringDefaults ?? ScoringDefaults(),
            freshSeed: UInt64.random(in: .min ... .max)
        )
        guard let deployment else { throw DaemonError.noDeployment }
        try deployment.check(expected: request)
        // A place first, so that what is refused costs nothing; then room for the tokens.
        var permit = try daemon.admission.admit(tokens: 0)
        var principles = daemon.principleSupply.lookUp(request, on: deployment)
        let cost = try await write(&principles, for: request, on: deployment, &permit)
        let kept = principles.kept(share: daemon.configuration.freshShare, seed: request.seed)
        let operation = try ScoreOperation(request, deployment: deployment, kept: kept)
        try permit.add(tokens: operation.tokensMax)
        let allowance = daemon.allowance(on: deployment, deadline: deadline)
        var outcome = try await operation.run(allowance) { judgment, tokens in
            onJudgment(
                Grm_V1_Judgment(
                    judgment,
                    isCounted: judgment.outcome == .scored,
                    tokens: tokens,
                    parts: request.replyParts
                )
            )
        }
        outcome.cost.add(cost)
        permit.end()
        daemon.principleSupply.note(outcome.verdict, of: request, &principles, on: deployment)
        outcome.verdict.warnings += [principles.warning].compactMap(\.self)
        note(outcome.verdict, of: request, on: deployment, looksUp: principles.isHit != nil)
        daemon.counters.update { $0.promptTokens += outcome.cost.promptTokens }
        var reply = Grm_V1_ScoreReply(outcome, of: request, on: deployment, kept: kept)
        reply.timings.totalSeconds = start.duration(to: .now) / .seconds(1)
        return reply
    }

    /// Has sets of principles written where a request wants it and there are none.
    private func write(
        _ principles: inout PrincipleSupply.Lookup,
        for request: ScoreRequest,
        on deployment: Deployment,
        _ permit: inout Permit
    ) async throws -> ScoreOperation.Cost {
        guard principles.needsWriting else { return .init() }
        let writing = try CriteriaWriting(request, on: deployment)
        try permit.add(tokens: writing.tokensMax)
        return try await daemon.principleSupply.write(&principles, writing, on: deployment)
    }

    // MARK: Counting

    private func note(
        _ verdict: Verdict,
        of request: ScoreRequest,
        on deployment: Deployment,
        looksUp: Bool
    ) {
        daemon.counters.update { counts in
            for judgment in verdict.judgments {
                switch judgment.outcome {
                case .scored: counts.judgmentsScored += 1
                case .unparsable: counts.judgmentsUnparsable += 1
                case .badLogits, .cancelled, .contextExhausted: break
                }
                if judgment.generation.isTruncated { counts.judgmentsTruncated += 1 }
            }
        }
        let hits = verdict.judgments.count { judgment in
            if case .cached = judgment.principleSource { true } else { false }
        }
        deployment.updateRewardHealth { health in
            health.add(
                verdict,
                of: request,
                principleHits: hits,
                principleMisses: looksUp ? verdict.kDrawn - hits : 0
            )
        }
    }

    private func counted<Reply>(_ body: () async throws -> Reply) async throws -> Reply {
        daemon.counters.update { $0.requests += 1 }
        do {
            let reply = try await body()
            daemon.counters.update { $0.ok += 1 }
            return reply
        } catch {
            let answer = StatusMapping.answer(to: error)
            daemon.counters.update { counts in
                switch answer.code {
                case .cancelled: counts.cancelled += 1
                case .deadlineExceeded: counts.deadline += 1
                case .internalError, .dataLoss: counts.failed += 1
                default: counts.refused += 1
                }
            }
            if answer.code == .internalError || answer.code == .dataLoss {
                daemon.log.error("scoring failed", metadata: ["error": "\(answer.message)"])
            }
            throw answer
        }
    }
}
