import Crypto
import Foundation
package import Inference
package import Scoring
package import Store
import Synchronization

/// A model version that serves: its engine, and what judging needs to know of it; with it the
/// meta-RM, if there is one.
package final class Deployment: Sendable {
    package let record: DeploymentRecord
    package let version: StoredVersion
    package let engine: Engine
    package let judge: Judge
    /// The second model of the engine; nil where the judge's own probe or nothing filters judgments.
    package let metaRM: MetaRM?
    package let templateDigest: String
    /// How fast it has worked.
    package let pace = Pace()
    private let rewards = Mutex(RewardHealth())
    private let metrics: RewardMetrics

    private init(record: DeploymentRecord, engine: Engine, models: Models) {
        self.record = record
        self.engine = engine
        version = models.version
        metrics = RewardMetrics(judge: models.version.manifest.name)
        judge = models.judge
        metaRM = models.metaRM
        templateDigest = hexadecimal(SHA256.hash(data: Data(models.judge.template.text.utf8)))
    }

    /// The same engine under the record that the log gave it.
    package init(_ trial: Deployment, record: DeploymentRecord) {
        self.record = record
        version = trial.version
        metrics = trial.metrics
        engine = trial.engine
        judge = trial.judge
        metaRM = trial.metaRM
        templateDigest = trial.templateDigest
    }

    /// Whether the judge brings a head that says how likely its judgments are right.
    package var hasProbe: Bool { judge.heads.contains(.probe) }

    // MARK: Loading

    /// What a deployment is made of, read but without its weights.
    private struct Models: Sendable {
        let version: StoredVersion
        let judge: Judge
        let metaRM: MetaRM?
        /// With their weights, in the engine's order.
        let bound: [EngineModel]

        init(_ version: StoredVersion, metaRM: StoredVersion?, in directory: StoreDirectory) throws
        {
            guard version.manifest.role != MetaRM.role else {
                throw DaemonError(
                    .versionUnusable,
                    subject: "version \(version.manifest.name)",
                    expected: "one that judges (role grm)",
                    found: "the role \(version.manifest.role)",
                    advice: "activate a judge, and this one with --meta-rm"
                )
            }
            self.version = version
            var judge = try blaming(version) { try Judge(version, in: directory) }
            // With a second model the probe is not asked.
            judge.readsProbe = metaRM == nil && judge.heads.contains(.probe)
            self.judge = judge
            let first = try blaming(version) { try judge.bind(version, in: directory) }
            guard let metaRM else {
                self.metaRM = nil
                bound = [first]
                return
            }
            let second = try blaming(metaRM) { try MetaRM(metaRM, in: directory) }
            self.metaRM = second
            bound = [
                first, try blaming(metaRM) { try second.judge.bind(metaRM, in: directory) },
            ]
        }
    }

    /// Verifies versions, starts their engine and has them judge a small request.
    ///
    /// - Parameters:
    ///   - version: The judge.
    ///   - metaRM: The version that filters its judgments, if one does.
    ///   - record: What the log says of the deployment.
    ///   - directory: The store.
    ///   - limits: What bounds the engine.
    /// - Returns: A deployment that serves.
    /// - Throws: `DaemonError.versionUnusable` saying at which step; nothing is left running.
    /// - Cost: reads every weight; one short judgment.
    package static func load(
        _ version: StoredVersion,
        metaRM: StoredVersion? = nil,
        record: DeploymentRecord,
        from directory: StoreDirectory,
        limits: Engine.Limits
    ) async throws -> Deployment {
        // The digest of a pack covers every value in it. Reading it takes about as long as the
        // trial of the models does, beside it.
        async let verified: Void = onOwnThread {
            for version in [version, metaRM].compactMap(\.self) {
                try blaming(version) {
                    for pack in version.packs { try verifyPack(pack, in: directory) }
                }
            }
        }
        async let tried = tryOut(record, limits: limits) {
            try Models(version, metaRM: metaRM, in: directory)
        }
        // Of two failures the digest's is the cause.
        try await verified
        return try await tried
    }

    private static func tryOut(
        _ record: DeploymentRecord,
        limits: Engine.Limits,
        read: @escaping @Sendable () throws -> Models
    ) async throws -> Deployment {
        let deployment = try await onOwnThread {
            let models = try read()
            let engine = try blaming(models.version) {
                try Engine(models: models.bound, limits: limits)
            }
            return Deployment(record: record, engine: engine, models: models)
        }
        try await deployment.tryModels()
        return deployment
    }

    // MARK: Load

    /// What a sample that is asked for now meets.
    ///
    /// - Returns: Seconds that the samples which have not begun will take, by what others took, and
    ///   the share of the room for keys and values that running requests reserve for samples.
    func engineLoad() async -> (waitSeconds: Double, keyValueShare: Double) {
        let statistics = await engine.statistics
        let waitSeconds = pace.estimate.seconds(sampleCount: statistics.samplesWaiting) ?? 0
        let room = Double(engine.limits.keyValueBytesMax)
        return (waitSeconds, Double(statistics.sampleBytes) / room)
    }

    // MARK: Counting

    /// What the rewards look like since the deployment began to serve.
    package var rewardHealth: RewardHealth { rewards.withLock { $0 } }

    /// Changes the counts of reward health.
    package func updateRewardHealth(_ body: (inout RewardHealth) -> Void) {
        rewards.withLock { health in
            let before = health
            body(&health)
            metrics.add(from: before, to: health)
        }
    }
}

extension Judge {
    /// Puts the weights of the version beside what was read of it.
    fileprivate func bind(
        _ version: StoredVersion,
        in directory: StoreDirectory
    ) throws -> EngineModel {
        let shape = try ModelShape(version.manifest.hyperparameters)
        let weights = try DecoderWeights(version, shape: shape, in: directory)
        return try EngineModel(weights: weights, shape: shape, tokenizer: tokenizer)
    }
}

/// Says of an error which version it speaks of.
private func blaming<Result>(
    _ version: StoredVersion,
    _ body: () throws -> Result
) throws -> Result {
    do { return try body() } catch { throw DaemonError.unusable(version, error) }
}

extension DaemonError {
    /// A version that did not pass its checks.
    static func unusable(_ version: StoredVersion, _ error: any Error) -> DaemonError {
        if let error = error as? DaemonError { return error }
        let name = version.manifest.name
        return DaemonError(
            .versionUnusable,
            subject: "version \(name)",
            expected: "a version that passes its checks",
            found: "\(error)",
            advice: "run grmctl verify \(name), then import it again"
        )
    }
}
