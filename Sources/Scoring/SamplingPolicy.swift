/// Decides after how many judgments a run stops.
///
/// The decision is the winner of the vote at k_max: the responses with the greatest total. A rule
/// may stop the run only while one response is strictly ahead. A judgment without scores, or below
/// the meta threshold, adds 0 to every difference, exactly as it adds nothing to the vote. The
/// rules are asked after whole pairs of judgments alone, since an order shown without its reverse
/// would let the judge's liking for a position pass for confidence.
///
/// Source: METHOD "Stopping early"; the fixed rule is the paper's own.
struct SamplingPolicy: Hashable, Sendable {
    /// The end of a run by a rule.
    struct Stop: Hashable, Sendable {
        /// Number of judgments, in seed order, that are drawn.
        let count: Int
        let reason: StopReason
        /// The bound on the probability that k_max judgments decide otherwise.
        let bound: Double?
    }

    /// The rule in force: among the best k_meta the guarantees of rules 1 and 2 do not hold.
    let rule: StoppingRule
    let risk: Double
    let scoreWidth: Double?
    let kMin: Int
    let kMax: Int
    /// The greatest difference of two scores in one judgment; nil where there is none.
    let span: Double?
    let vote: VoteRule

    /// Where the draws of the next round end, after those of the first `drawn` samples.
    func roundEnd(after drawn: Int) -> Int {
        guard isAdaptive else { return kMax }
        return min(kMax, max(firstCheck, (drawn / 2 + 1) * 2))
    }

    /// Says whether the run stops right after these judgments, given in seed order.
    func stop(after seen: [Ballot]) -> Stop? {
        guard isAdaptive, seen.count >= firstCheck, seen.count < kMax,
            seen.count.isMultiple(of: 2)
        else { return nil }
        return decided(seen) ?? narrow(seen)
    }

    private var isAdaptive: Bool { scoreWidth != nil || decides }
    /// With a single response there is no winner to be sure of.
    private var decides: Bool { rule != .fixed && vote.responseCount > 1 }

    /// How many judgments count at most; nil where that is all.
    private var keptCount: Int? {
        vote.filter.keptCount.flatMap { $0 < kMax ? $0 : nil }
    }

    /// The number of judgments after which a rule is asked for the first time.
    private var firstCheck: Int {
        let first = scoreWidth == nil && rule == .exact ? earliestExact : 0
        let least = max(kMin, 4, first)
        return least + least % 2
    }

    /// The exact rule cannot hold earlier: those to come must be fewer than those that they meet.
    private var earliestExact: Int {
        keptCount.map { kMax - ($0 - 1) / 2 } ?? kMax / 2 + 1
    }

    /// Says whether the winner is settled, at whatever number of judgments.
    func decided(_ seen: [Ballot]) -> Stop? {
        guard decides else { return nil }
        return keptCount.map { decided(seen, keeping: $0) } ?? decidedByAll(seen)
    }

    private func decided(_ seen: [Ballot], keeping keptCount: Int) -> Stop? {
        guard let span, let leader = Lead.leader(of: vote.filter.kept(seen).map(\.scores)) else {
            return nil
        }
        let rows = vote.filter.ranked(seen).map(\.scores)
        let lead = Lead(of: leader, in: rows, responseCount: vote.responseCount)
        let exact = ExactRule(span: span, remainingCount: kMax - seen.count)
        guard exact.holds(lead, keptCount: keptCount) else { return nil }
        return Stop(count: seen.count, reason: .exact, bound: 0)
    }

    private func decidedByAll(_ seen: [Ballot]) -> Stop? {
        let rows = seen.map { vote.filter.admits($0) ? $0.scores : nil }
        guard let leader = Lead.leader(of: rows) else { return nil }
        let lead = Lead(of: leader, in: rows, responseCount: vote.responseCount)
        let remaining = kMax - seen.count
        // Where nothing can change any more, that is the better thing to say.
        if let span, ExactRule(span: span, remainingCount: remaining).holds(lead) {
            return Stop(count: seen.count, reason: .exact, bound: 0)
        }
        switch rule {
        case .fixed, .exact: return nil
        case .guaranteed:
            guard let span, GuaranteedRule(span: span, kMax: kMax, risk: risk).holds(lead) else {
                return nil
            }
            return Stop(count: seen.count, reason: .guaranteed, bound: risk)
        case .predicted:
            let predicted = PredictedRule(span: scale(of: rows), remainingCount: remaining)
            guard predicted.holds(lead, risk: risk) else { return nil }
            let flip = predicted.flipProbability(lead)
            return Stop(count: seen.count, reason: .predicted, bound: flip)
        }
    }

    private func narrow(_ seen: [Ballot]) -> Stop? {
        guard let scoreWidth else { return nil }
        let rows = vote.filter.kept(seen).compactMap(\.scores)
        guard WidthRule(span: scale(of: rows)).holds(rows, width: scoreWidth) else { return nil }
        return Stop(count: seen.count, reason: .width, bound: nil)
    }

    /// The span of the scores or, where they have no bounds, of those that were seen.
    private func scale(of rows: [[Double]?]) -> Double {
        if let span { return span }
        let scores = rows.compactMap(\.self).joined()
        return (scores.max() ?? 0) - (scores.min() ?? 0)
    }
}

extension SamplingPolicy {
    init(_ request: ScoreRequest) {
        vote = VoteRule(request)
        kMin = request.kMin
        kMax = request.kMax
        span = request.mode.scoreRange.map { $0.upperBound - $0.lowerBound }
        scoreWidth = request.scoreWidth
        risk = request.stopRisk ?? 0
        rule = Self.isExactOnly(request) ? .exact : request.stopping
    }

    /// Says whether a request asks for rule 1 or 2 and gets the exact one.
    static func isExactOnly(_ request: ScoreRequest) -> Bool {
        let isBounded = request.stopping == .guaranteed || request.stopping == .predicted
        let isFiltered = (request.kMeta ?? request.kMax) < request.kMax
        return isBounded && isFiltered && request.responses.count > 1
    }
}
