import Foundation
import Inference
import Scoring
package import Store
import SwiftProtobuf
package import Wire

/// A request and the reply that it got, to be computed again and compared bit for bit.
///
/// What depends on the hour is left out: times, counts of tokens that caches change, the number of
/// the deployment. A run that a deadline or load cut short is computed as far as it went.
package struct Replay: Sendable {
    /// What came of the comparison.
    package struct Report: Hashable, Sendable {
        /// The first field that differs; nil if none does.
        package var difference: Difference?
        /// What could not be compared, and why; empty for a whole comparison.
        package var notComparable: [String] = []

        /// All is equal.
        package init() {}
    }

    /// One field that is not what it was.
    package struct Difference: Hashable, Sendable {
        /// Such as `judgments[3].scores[0]`.
        package let field: String
        package let recorded: String
        package let recomputed: String
    }

    private let request: Grm_V1_ScoreRequest
    private let reply: Grm_V1_ScoreReply
    /// Tokens of a judgment where the request names no number.
    private var ordinaryTokens = UInt32(ScoringDefaults().maxJudgmentTokens)

    /// Takes a record.
    package init(_ request: Grm_V1_ScoreRequest, _ reply: Grm_V1_ScoreReply) {
        self.request = request
        self.reply = reply
    }

    /// The versions that answered.
    ///
    /// - Throws: `StoreError.notFound` if the store has not got one of them any more.
    package func versions(
        in catalogue: Catalogue
    ) throws(StoreError) -> (grm: StoredVersion, metaRM: StoredVersion?) {
        let grm = try catalogue.version(reply.versions.grm.digest)
        guard reply.versions.hasMetaRm else { return (grm, nil) }
        return (grm, try catalogue.version(reply.versions.metaRm.digest))
    }

    /// Loads the versions that answered, for a computation without a daemon.
    ///
    /// - Parameters:
    ///   - versions: The judge, and the meta-RM if there was one.
    ///   - directory: The store.
    ///   - threadCount: Compute threads.
    ///   - keyValueBytesMax: Room for keys and values.
    /// - Returns: A deployment that is in no log.
    /// - Throws: `DaemonError.versionUnusable`.
    package static func deployment(
        of versions: (grm: StoredVersion, metaRM: StoredVersion?),
        from directory: StoreDirectory,
        threadCount: Int,
        keyValueBytesMax: Int
    ) async throws -> Deployment {
        var record = DeploymentRecord()
        record.grmDigest = versions.grm.digest
        record.grmName = versions.grm.manifest.name
        record.metaRmDigest = versions.metaRM?.digest ?? ""
        record.metaRmName = versions.metaRM?.manifest.name ?? ""
        return try await Deployment.load(
            versions.grm,
            metaRM: versions.metaRM,
            record: record,
            from: directory,
            limits: Engine.Limits(keyValueBytesMax: keyValueBytesMax, threadCount: threadCount)
        )
    }

    /// Computes the reply again and compares.
    ///
    /// - Parameter deployment: Of the versions that answered.
    /// - Returns: What differs, and what could not be compared.
    /// - Throws: What refuses a request or ends it without a verdict.
    package func report(on deployment: Deployment) async throws -> Report {
        var replay = self
        replay.ordinaryTokens = UInt32(deployment.scoringDefaults.maxJudgmentTokens)
        return try await replay.compare(on: deployment)
    }

    private func compare(on deployment: Deployment) async throws -> Report {
        let request = try ScoreRequest(
            validating: ScoreRequestDraft(replayed),
            limits: ScoringLimits(),
            defaults: deployment.scoringDefaults,
            freshSeed: reply.seed
        )
        let outcome = try await ScoreOperation(request, deployment: deployment, kept: kept).run()
        let again = Grm_V1_ScoreReply(outcome, of: request, on: deployment, kept: kept)
        var report = Report()
        if isCutShort { report.notComparable.append("stop_reason: \(reply.stopReason)") }
        report.notComparable += leftOut.sorted().map { "judgments[\($0)]: ended by the deadline" }
        if !isWhole { report.notComparable.append("scores: not all judgments can be compared") }
        report.difference = try Self.difference(tree(reply), tree(again), at: "")
        return report
    }

    // MARK: What was cut short

    private var isCutShort: Bool {
        reply.stopReason == .deadline || reply.stopReason == .load || !leftOut.isEmpty
    }

    /// Judgments whose text the deadline ended; nobody knows where it would end again.
    ///
    /// A rule may have stopped the run right after it: then the text is shorter than its budget.
    private var leftOut: Set<UInt32> {
        let budget =
            request.hasMaxJudgmentTokens
            ? request.maxJudgmentTokens : ordinaryTokens
        let cut = reply.judgments.filter { judgment in
            guard judgment.truncated else { return false }
            let parts = judgment.parts.filter(\.truncated).map(\.generatedTokens)
            let shortest = parts.min() ?? judgment.generatedTokens
            return reply.stopReason == .deadline || shortest < budget
        }
        return Set(cut.map(\.index))
    }

    /// Whether the votes rest on the same judgments.
    private var isWhole: Bool {
        let isGapless = reply.judgments.map(\.index) == (0..<reply.kDrawn).map(\.self)
        return leftOut.isEmpty && (isGapless || !isCutShort)
    }

    /// The request as far as it went, with the seed and the filter that it got.
    private var replayed: Grm_V1_ScoreRequest {
        var request = request
        request.seed = reply.seed
        guard isCutShort, let last = reply.judgments.map(\.index).max() else { return request }
        request.kMin = last + 1
        request.kMax = last + 1
        request.stopping = .fixed
        request.clearStopRisk()
        request.clearScoreWidth()
        if reply.hasKMeta { request.kMeta = min(reply.kMeta, last + 1) }
        if reply.hasMetaThreshold { request.metaThreshold = Float(reply.metaThreshold) }
        return request
    }

    /// The kept principles, each for the samples that were judged by them.
    private var kept: KeptPrinciples {
        let sets = reply.principleSets.map { set in
            KeptPrinciples.Set(
                id: set.id,
                principles: set.principles.map {
                    Principle(text: $0.text, weight: $0.hasWeight ? Double($0.weight) : nil)
                }
            )
        }
        var places: [Int: Int] = [:]
        for judgment in reply.judgments where judgment.principleSource == .cached {
            places[Int(judgment.index)] = sets.firstIndex { $0.id == judgment.principleSetID }
        }
        return KeptPrinciples(sets: sets, places: places)
    }

    // MARK: Comparing

    /// What is compared of a reply, as JSON.
    private func tree(_ reply: Grm_V1_ScoreReply) throws -> Any {
        var reply = reply
        reply.clearTimings()
        reply.clearUsage()
        reply.warnings = []
        reply.clearKLimit()
        reply.versions = .with {
            $0.grm.digest = reply.versions.grm.digest
            $0.metaRm.digest = reply.versions.metaRm.digest
            $0.templateDigest = reply.versions.templateDigest
        }
        for place in reply.judgments.indices { reply.judgments[place].seconds = 0 }
        if isCutShort {
            reply.stopReason = .unspecified
            reply.clearStopBound()
            reply.clearKMeta()
        }
        if !isWhole { dropVotes(&reply) }
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        return try JSONSerialization.jsonObject(with: reply.jsonUTF8Data(options: options))
    }

    private func dropVotes(_ reply: inout Grm_V1_ScoreReply) {
        let known = Set(self.reply.judgments.map(\.index)).subtracting(leftOut)
        reply.judgments.removeAll { !known.contains($0.index) }
        for place in reply.judgments.indices { reply.judgments[place].counted = false }
        reply.scores = []
        reply.kDrawn = 0
        reply.kCounted = 0
        reply.principleSource = .unspecified
        reply.principleSets = []
    }

    /// The first difference of two JSON values: judgments go before what is made of them.
    private static func difference(_ old: Any?, _ new: Any?, at path: String) -> Difference? {
        if let old = old as? [String: Any], let new = new as? [String: Any] {
            let keys = Set(old.keys).union(new.keys).sorted {
                (rank($0), $0) < (rank($1), $1)
            }
            return keys.lazy.compactMap { key in
                difference(old[key], new[key], at: path.isEmpty ? key : "\(path).\(key)")
            }.first
        }
        if let old = old as? [Any], let new = new as? [Any] {
            return (0..<max(old.count, new.count)).lazy.compactMap { place in
                difference(
                    old.indices.contains(place) ? old[place] : nil,
                    new.indices.contains(place) ? new[place] : nil,
                    at: "\(path)[\(place)]"
                )
            }.first
        }
        let texts = (text(old), text(new))
        guard texts.0 != texts.1 else { return nil }
        return Difference(field: path, recorded: texts.0, recomputed: texts.1)
    }

    private static func rank(_ key: String) -> Int {
        ["versions", "mode", "readout", "seed", "judgments", "outcome", "scores"]
            .firstIndex(of: key) ?? 7
    }

    /// A value as text; a number has as many digits as tell it from every other.
    private static func text(_ value: Any?) -> String {
        switch value {
        case nil: "nothing"
        case let text as String: text
        case let number as NSNumber: "\(number.doubleValue)"
        case let value?: "\(value)"
        }
    }
}
