import Crypto
import Foundation
package import Inference
package import Scoring
package import Store
import Synchronization

/// A model version that serves: its engine, and what judging needs to know of it.
package final class Deployment: Sendable {
    package let record: DeploymentRecord
    package let version: StoredVersion
    package let engine: Engine
    package let judge: Judge
    package let templateDigest: String
    /// How fast it has worked.
    package let pace = Pace()
    private let rewards = Mutex(RewardHealth())

    private init(
        record: DeploymentRecord,
        version: StoredVersion,
        engine: Engine,
        judge: Judge
    ) {
        self.record = record
        self.version = version
        self.engine = engine
        self.judge = judge
        templateDigest = hexadecimal(SHA256.hash(data: Data(judge.template.text.utf8)))
    }

    /// The same engine under the record that the log gave it.
    package init(_ trial: Deployment, record: DeploymentRecord) {
        self.record = record
        version = trial.version
        engine = trial.engine
        judge = trial.judge
        templateDigest = trial.templateDigest
    }

    /// Verifies a version, starts its engine and has it judge a small request.
    ///
    /// - Throws: `DaemonError.versionUnusable` saying at which step; nothing is left running.
    /// - Cost: reads every weight; one short judgment.
    package static func load(
        _ version: StoredVersion,
        record: DeploymentRecord,
        from directory: StoreDirectory,
        limits: Engine.Limits
    ) async throws -> Deployment {
        do {
            guard record.metaRmDigest.isEmpty else {
                throw DaemonError(
                    .notSupported,
                    subject: "meta-RM",
                    expected: "none in this release",
                    found: record.metaRmName,
                    advice: "activate without a meta-RM"
                )
            }
            // The digest of a pack covers every value in it. Reading it takes about as long as the
            // trial of the model does, beside it.
            async let verified: Void = onOwnThread {
                for pack in version.packs { try verifyPack(pack, in: directory) }
            }
            async let tried = tryOut(version, record: record, from: directory, limits: limits)
            // Of two failures the digest's is the cause.
            try await verified
            return try await tried
        } catch let error as DaemonError {
            throw error
        } catch {
            throw DaemonError(
                .versionUnusable,
                subject: "version \(version.manifest.name)",
                expected: "a version that passes its checks",
                found: "\(error)",
                advice: "run grmctl verify \(version.manifest.name), then import it again"
            )
        }
    }

    private static func tryOut(
        _ version: StoredVersion,
        record: DeploymentRecord,
        from directory: StoreDirectory,
        limits: Engine.Limits
    ) async throws -> Deployment {
        let deployment = try await onOwnThread {
            try start(version, record: record, from: directory, limits: limits)
        }
        try await deployment.writeScore()
        return deployment
    }

    private static func start(
        _ version: StoredVersion,
        record: DeploymentRecord,
        from directory: StoreDirectory,
        limits: Engine.Limits
    ) throws -> Deployment {
        let judge = try Judge(version, in: directory)
        let shape = try ModelShape(version.manifest.hyperparameters)
        let weights = try DecoderWeights(version, shape: shape, in: directory)
        let model = try EngineModel(weights: weights, shape: shape, tokenizer: judge.tokenizer)
        return Deployment(
            record: record,
            version: version,
            engine: try Engine(models: [model], limits: limits),
            judge: judge
        )
    }

    /// A built-in request is put together, and a line of scores written: every weight is touched,
    /// the logits are finite, and what is chosen comes out whole.
    private func writeScore() async throws {
        var draft = ScoreRequestDraft()
        draft.conversation = [.init(role: .user, content: "What is the capital of France?")]
        draft.responses = [CandidateResponse(content: "Paris.", id: "")]
        let request = try ScoreRequest(
            validating: draft,
            limits: ScoringLimits(),
            defaults: ScoringDefaults(),
            freshSeed: 0
        )
        _ = try ScoreOperation(request, deployment: self)
        let tokenizer = engine.tokenizer
        let scores = (1...10).map { tokenizer.encode("\($0)}") }
        let free = GenerationPlan.FreeText(tokenCountMax: 1, stops: [], otherwise: [])
        let report = try await engine.complete(
            CompletionRequest(
                prompts: [[tokenizer.encode("Paris is the capital of France. Score: \\boxed{")]],
                samples: [
                    .init(
                        prompt: 0,
                        plan: GenerationPlan(free: free, choices: [scores]),
                        sampling: SamplingParameters(temperature: 0, topP: 1),
                        random: CounterRandom(seed: 0, sample: 0)
                    )
                ]
            )
        )
        pace.note(report)
        guard report.completions.allSatisfy({ $0.outcome == .finished }) else {
            throw InferenceError(
                .badLogits,
                subject: "a first score",
                expected: "finite logits",
                found: "others"
            )
        }
    }
    /// What the rewards look like since the deployment began to serve.
    package var rewardHealth: RewardHealth { rewards.withLock { $0 } }

    /// Changes the counts of reward health.
    package func updateRewardHealth(_ body: (inout RewardHealth) -> Void) {
        rewards.withLock { body(&$0) }
    }
}
