package import Scoring
package import Store
import SwiftProtobuf

/// Kept principles for scoring: read from the cache, written for the first who asks, and judged by
/// what came of them.
///
/// No failure of the cache is one of the request: the judge then writes its own, and the verdict
/// warns.
package final class PrincipleSupply: Sendable {
    /// What the cache has for a request.
    package struct Lookup: Sendable {
        fileprivate let key: String
        fileprivate var sets: [KeptPrinciples.Set]
        /// Why the cache is of no use.
        package fileprivate(set) var warning: ScoringWarning?
        /// Whether sets were found; nil where none were looked for.
        package let isHit: Bool?
        /// Whether sets are to be written before judging.
        package let needsWriting: Bool

        /// The plan of their use.
        package func kept(share: Double, seed: UInt64) -> KeptPrinciples {
            KeptPrinciples(sets: sets, freshShare: share, seed: seed)
        }
    }

    private let cache: PrincipleCache?
    private let flight = SingleFlight<[KeptPrinciples.Set]>()

    /// Supplies from a cache; nil where it is off.
    package init(_ cache: PrincipleCache?) {
        self.cache = cache
    }

    /// Looks up what a request may use.
    package func lookUp(_ request: ScoreRequest, on deployment: Deployment) -> Lookup {
        let reuse = request.principleReuse
        guard reuse == .read || reuse == .readWrite else {
            return Lookup(key: "", sets: [], isHit: nil, needsWriting: false)
        }
        guard let cache else {
            let warning = ScoringWarning.principleCacheOff("the cache is off")
            return Lookup(key: "", sets: [], warning: warning, isHit: nil, needsWriting: false)
        }
        let key = PrincipleKey(
            grmDigest: deployment.version.digest,
            templateDigest: deployment.templateDigest,
            conversation: request.conversation,
            reference: request.reference
        ).text
        let sets = cache.sets(of: key).map(KeptPrinciples.Set.init)
        let writes = reuse == .readWrite && request.principleWriting == .conversation
        return Lookup(
            key: key,
            sets: sets,
            isHit: !sets.isEmpty,
            needsWriting: sets.isEmpty && writes
        )
    }

    /// Has the sets written that a lookup needs; one of those who ask at once writes them.
    ///
    /// - Parameters:
    ///   - lookup: Takes the sets, and a warning if they cannot be kept.
    ///   - writing: Writes the sets.
    ///   - deployment: What writes them.
    /// - Returns: What the writing took, if this one wrote.
    /// - Throws: `InferenceError` if the writing failed, `CancellationError`.
    func write(
        _ lookup: inout Lookup,
        _ writing: CriteriaWriting,
        on deployment: Deployment
    ) async throws -> ScoreOperation.Cost {
        guard let cache else { return .init() }
        let key = lookup.key
        var cost = ScoreOperation.Cost()
        var warning: ScoringWarning?
        lookup.sets = try await flight.run(key) {
            // Whoever wrote just before this one began has kept them.
            let known = cache.sets(of: key).map(KeptPrinciples.Set.init)
            guard known.isEmpty else { return known }
            let (written, report) = try await writing.write()
            cost = .init(report)
            for principles in written {
                let record = Self.record(principles, metaScore: nil, on: deployment)
                if case .refused(let error) = cache.add(record, to: key) {
                    warning = .principleCacheOff("\(error)")
                }
            }
            return cache.sets(of: key).map(KeptPrinciples.Set.init)
        }
        if let warning { lookup.warning = warning }
        return cost
    }

    /// Counts the uses of kept sets, and keeps the principles of judgments where the request wants it.
    ///
    /// - Parameters:
    ///   - verdict: What came of them.
    ///   - request: What was judged.
    ///   - lookup: What was looked up for it; takes a warning if they could not be kept.
    ///   - deployment: What judged.
    package func note(
        _ verdict: Verdict,
        of request: ScoreRequest,
        _ lookup: inout Lookup,
        on deployment: Deployment
    ) {
        guard let cache, !lookup.key.isEmpty else { return }
        let counted = Set(verdict.countedIndexes)
        let judgments = verdict.judgments.filter { counted.contains($0.index) }
        let uses = judgments.compactMap { judgment -> PrincipleCache.Use? in
            guard case .cached(let id) = judgment.principleSource else { return nil }
            return .init(setID: id, metaScore: judgment.metaScore)
        }
        if !uses.isEmpty { cache.note(uses: uses, of: lookup.key) }
        guard request.principleReuse == .readWrite, request.principleWriting == .responses else {
            return
        }
        let warning = keep(judgments, key: lookup.key, in: cache, on: deployment)
        if let warning { lookup.warning = warning }
    }

    /// Keeps the best of what judgments wrote.
    private func keep(
        _ judgments: [Judgment],
        key: String,
        in cache: PrincipleCache,
        on deployment: Deployment
    ) -> ScoringWarning? {
        let written = judgments.filter { $0.principleSource == .generated }
            .sorted { ($0.metaScore ?? 0, -$0.index) > ($1.metaScore ?? 0, -$1.index) }
        var count = 0
        for judgment in written {
            for part in judgment.parts where count < CriteriaWriting.setCountMax {
                // The analysis follows the criteria, so a cut text has them whole.
                let isCut = part.generation.isTruncated && part.critique.isEmpty
                guard let usable = CriteriaWriting.usable(part.principles, isTruncated: isCut)
                else { continue }
                var record = Self.record(usable, metaScore: judgment.metaScore, on: deployment)
                record.responsesSeen = true
                if case .refused(let error) = cache.add(record, to: key) {
                    return .principleCacheOff("\(error)")
                }
                count += 1
            }
        }
        return nil
    }

    private static func record(
        _ principles: [Principle],
        metaScore: Double?,
        on deployment: Deployment
    ) -> PrincipleSetRecord {
        .with {
            $0.principles = principles.map { principle in
                .with {
                    $0.text = principle.text
                    if let weight = principle.weight { $0.weight = weight }
                }
            }
            $0.grmDigest = deployment.version.digest
            $0.templateDigest = deployment.templateDigest
            if let metaScore {
                $0.metaScore = metaScore
                $0.metaCount = 1
                $0.uses = 1
            }
        }
    }
}

extension KeptPrinciples.Set {
    fileprivate init(_ record: PrincipleSetRecord) {
        self.init(
            id: record.id,
            principles: record.principles.map {
                Principle(text: $0.text, weight: $0.hasWeight ? $0.weight : nil)
            }
        )
    }
}
