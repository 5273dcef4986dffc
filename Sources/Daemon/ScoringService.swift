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
                    try await judge(request.message) { _ in }
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
                    try await stream(request.message, to: writer)
                }
            }
            return [:]
        }
    }

    private func stream(
        _ message: Grm_V1_ScoreRequest,
        to writer: RPCWriter<Grm_V1_ScoreEvent>
    ) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Grm_V1_ScoreEvent.self)
        // The events are few and bounded by k, so the buffer is too.
        async let reply = {
            defer { continuation.finish() }
            return try await judge(message) { judgment in
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
        onJudgment: @escaping @Sendable (Grm_V1_Judgment) -> Void
    ) async throws -> Grm_V1_ScoreReply {
        let start = ContinuousClock.now
        let request = try ScoreRequest(
            validating: ScoreRequestDraft(message),
            limits: Self.limits(daemon.configuration),
            defaults: ScoringDefaults(),
            freshSeed: UInt64.random(in: .min ... .max)
        )
        let deployment = try deployment(for: request)
        // A place first, so that what is refused costs nothing; then room for the tokens.
        var permit = try daemon.admission.admit(tokens: 0)
        let operation = try deployment.operation(request)
        try permit.add(tokens: operation.tokensMax)
        let outcome = try await operation.run { judgment, tokens in
            onJudgment(
                Grm_V1_Judgment(
                    judgment,
                    isCounted: judgment.outcome == .scored,
                    tokens: tokens,
                    parts: request.replyParts
                )
            )
        }
        permit.end()
        note(outcome)
        deployment.updateRewardHealth { $0.add(outcome.verdict, of: request) }
        var reply = reply(outcome, request, deployment)
        reply.timings.totalSeconds = start.duration(to: .now) / .seconds(1)
        return reply
    }

    private func deployment(for request: ScoreRequest) throws -> Deployment {
        guard let deployment = daemon.deployments.current else {
            throw DaemonError(
                .noDeployment,
                subject: "deployment",
                expected: "an active version",
                found: "none",
                advice: "import a model and run grmctl activate NAME"
            )
        }
        let manifest = deployment.version.manifest
        if let expected = request.expectedGRM,
            expected != manifest.name, expected != deployment.version.digest
        {
            throw DaemonError(
                .versionMismatch,
                subject: "expected_grm",
                expected: expected,
                found: "\(manifest.name) (\(deployment.version.digest))",
                advice: "activate it, or leave expected_grm unset"
            )
        }
        if let expected = request.expectedMetaRM {
            throw DaemonError(
                .versionMismatch,
                subject: "expected_meta_rm",
                expected: expected,
                found: "no meta-RM",
                advice: "leave expected_meta_rm unset"
            )
        }
        return deployment
    }

    private func reply(
        _ outcome: ScoreOperation.Outcome,
        _ request: ScoreRequest,
        _ deployment: Deployment
    ) -> Grm_V1_ScoreReply {
        var reply = Grm_V1_ScoreReply(outcome.verdict, of: request)
        let counted = Set(outcome.verdict.countedIndexes)
        reply.judgments = outcome.verdict.judgments.map { judgment in
            Grm_V1_Judgment(
                judgment,
                isCounted: counted.contains(judgment.index),
                tokens: outcome.tokens[judgment.index] ?? [],
                parts: request.replyParts
            )
        }
        reply.versions = deployment.served
        reply.timings = .with {
            $0.queueSeconds = outcome.cost.queueSeconds
            $0.prefillSeconds = outcome.cost.prefillSeconds
            $0.decodeSeconds = outcome.cost.decodeSeconds
        }
        reply.usage = .with {
            $0.promptTokens = UInt64(outcome.cost.promptTokens)
            $0.promptTokensComputed = UInt64(outcome.cost.promptTokensComputed)
            $0.generatedTokens = UInt64(outcome.cost.generatedTokens)
        }
        return reply
    }

    // MARK: Counting

    private func note(_ outcome: ScoreOperation.Outcome) {
        daemon.counters.update { counts in
            for judgment in outcome.verdict.judgments {
                switch judgment.outcome {
                case .scored: counts.judgmentsScored += 1
                case .unparsable: counts.judgmentsUnparsable += 1
                case .badLogits, .cancelled, .contextExhausted: break
                }
                if judgment.generation.isTruncated { counts.judgmentsTruncated += 1 }
            }
            counts.promptTokens += outcome.cost.promptTokens
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

extension Deployment {
    /// What the reply says about the versions that served it.
    fileprivate var served: Grm_V1_ServedVersions {
        .with {
            $0.deployment = record.number
            $0.grm = .with {
                $0.name = version.manifest.name
                $0.digest = version.digest
            }
            $0.templateDigest = templateDigest
            $0.daemon = DaemonState.version
        }
    }
}
