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
        fileprivate let sets: [KeptPrinciples.Set]
        /// Why the cache is of no use.
        package fileprivate(set) var warning: ScoringWarning?
        /// Whether sets were found; nil where none were looked for.
        package let isHit: Bool?
        /// Whether sets are to be written before judging.
        package let needsWriting: Bool
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

    /// The sets of a lookup, written first if it needs that; one of those who ask at once writes.
    ///
    /// - Parameters:
    ///   - lookup: What the cache has; it takes the warning if what was written cannot be kept.
    ///   - writing: Writes the sets; nil if nothing is to be written.
    ///   - deployment: What writes them.
    ///   - onReport: Called with what the writing took, if this one wrote.
    func sets(
        of lookup: inout Lookup,
        writing: CriteriaWriting?,
        on deployment: Deployment,
        cost: inout ScoreOperation.Cost
    ) async throws -> [KeptPrinciples.Set] {
        guard let writing, let cache else { return lookup.sets }
        let key = lookup.key
        var warning: ScoringWarning?
        var spent: ScoreOperation.Cost?
        let sets = try await flight.run(key) {
            // Whoever wrote just before this one began has kept them.
            let known = cache.sets(of: key).map(KeptPrinciples.Set.init)
            guard known.isEmpty else { return known }
            let (written, report) = try await writing.write()
            spent = .init(report)
            for principles in written {
                let record = Self.record(principles, metaScore: nil, on: deployment)
                if case .refused(let error) = cache.add(record, to: key) {
                    warning = .principleCacheOff("\(error)")
                }
            }
            return cache.sets(of: key).map(KeptPrinciples.Set.init)
        }
        if let warning { lookup.warning = warning }
        if let spent { cost = spent }
        return sets
    }

    /// Counts the uses of kept sets, and keeps the principles of judgments where the request wants it.
    ///
    /// - Returns: A warning if they could not be kept.
    package func note(
        _ verdict: Verdict,
        of request: ScoreRequest,
        _ lookup: Lookup,
        on deployment: Deployment
    ) -> ScoringWarning? {
        guard let cache, !lookup.key.isEmpty else { return nil }
        let counted = Set(verdict.countedIndexes)
        let judgments = verdict.judgments.filter { counted.contains($0.index) }
        let uses = judgments.compactMap { judgment -> PrincipleCache.Use? in
            guard case .cached(let id) = judgment.principleSource else { return nil }
            return .init(setID: id, metaScore: judgment.metaScore)
        }
        if !uses.isEmpty { cache.note(uses: uses, of: lookup.key) }
        guard request.principleReuse == .readWrite, request.principleWriting == .responses else {
            return nil
        }
        return keep(judgments, key: lookup.key, in: cache, on: deployment)
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
