/// The judgments of one request: which to draw next, and what they say together.
///
/// A caller loops: `nextStep()`, draw the samples it names, `record` what came of every one of
/// them, until it says stop. Judgments count in seed order whatever order they are recorded in,
/// since short critiques finish first and their length correlates with the verdict. A rule stops
/// the run at the first number of judgments at which it holds, and only those count, whatever else
/// was recorded: the verdict of a seed depends neither on the batches nor on who finishes first.
///
/// A run that is interrupted counts every judgment that is there, since nothing more will come.
package struct ScoringRun: Sendable {
    /// What to do next.
    package enum Step: Hashable, Sendable {
        /// Draw the samples with these indexes.
        case draw(Range<Int>)
        case stop(StopReason)
    }

    private let policy: SamplingPolicy
    /// Whether the samples see orders that a reverse balances.
    private let balancesOrders: Bool
    /// What the verdict warns of whatever the judgments say.
    private let standingWarnings: [ScoringWarning]
    private var recorded: [Judgment?]
    /// The judgments before the first that is missing, as the rules see them.
    private var seen: [Ballot] = []
    private var stop: SamplingPolicy.Stop?
    private var interruption: StopReason?
    /// The greatest number of judgments that load allows.
    private var limit: Int

    /// Starts the run of a request.
    package init(_ request: ScoreRequest) {
        policy = SamplingPolicy(request)
        recorded = Array(repeating: nil, count: request.kMax)
        limit = request.kMax
        balancesOrders = request.mode.balancesOrders && request.responses.count > 1
        var warnings: [ScoringWarning] = []
        if request.kMeta == 1, request.kMax > 1 { warnings.append(.kMetaOne) }
        if SamplingPolicy.isExactOnly(request) { warnings.append(.stoppingExactOnly) }
        standingWarnings = warnings
    }

    /// The judgments so far, in seed order.
    package var judgments: [Judgment] { recorded.compactMap(\.self) }

    /// Says which samples to draw next, or why to stop.
    ///
    /// Samples that were drawn but not recorded are named again.
    ///
    /// - Parameter most: How many samples the round may have, at least 1; of several an even number.
    /// - Returns: The step.
    package func nextStep(most: Int = .max) -> Step {
        precondition(most >= 1, "a round has a sample")
        if let reason = stopReason { return .stop(reason) }
        var end = min(policy.roundEnd(after: seen.count), limit)
        if end - seen.count > most { end = seen.count + (most > 1 ? most - most % 2 : 1) }
        // Recorded ones further on are not drawn again.
        let known = (seen.count..<end).first { recorded[$0] != nil }
        return .draw(seen.count..<(known ?? end))
    }

    /// What ended the run; what the judgments say goes before what happened around them.
    private var stopReason: StopReason? {
        if let stop { return stop.reason }
        if seen.count == policy.kMax { return .kMax }
        if let interruption { return interruption }
        return seen.count >= limit ? .load : nil
    }

    /// Takes the judgments of samples, in any order, each sample once.
    package mutating func record(_ judgments: [Judgment]) {
        for judgment in judgments {
            precondition(recorded.indices.contains(judgment.index), "a sample that was not asked")
            precondition(recorded[judgment.index] == nil, "a sample was recorded twice")
            recorded[judgment.index] = judgment
        }
        while seen.count < recorded.count, let next = recorded[seen.count] {
            seen.append(policy.vote.ballot(of: next))
            stop = stop ?? policy.stop(after: seen)
        }
    }

    /// Ends the run early, for `.deadline` or `.load`; the first reason stays.
    package mutating func interrupt(_ reason: StopReason) {
        interruption = interruption ?? reason
    }

    /// Lowers the greatest number of judgments to what load allows; it never rises again.
    ///
    /// It never falls below k_min or what was recorded, and keeps pairs whole where it can.
    package mutating func limit(to count: Int) {
        guard count < limit else { return }
        let drawn = (recorded.lastIndex { $0 != nil } ?? -1) + 1
        let even = count > 1 ? count - count % 2 : count
        limit = min(limit, max(even, policy.kMin, drawn, 1))
    }

    /// Counts the judgments, once `nextStep` says stop.
    ///
    /// - Throws: `ScoringError` with `badLogits` if any sample met broken logits, since the others
    ///   come from the same weights and machine; with `noJudgment` if no judgment counts.
    package func verdict() throws(ScoringError) -> Verdict {
        guard let reason = stopReason else {
            preconditionFailure("a run is counted after it has stopped")
        }
        let all = judgments
        guard !all.contains(where: { $0.outcome == .badLogits }) else { throw .badLogits(all) }
        let judgments = stop.map { Array(all.prefix($0.count)) } ?? all
        guard let vote = Vote(counting: judgments, under: policy.vote) else {
            throw .noJudgment(judgments, filter: policy.vote.filter)
        }
        return Verdict(
            scores: vote.scores,
            countedIndexes: vote.countedIndexes,
            judgments: judgments,
            stopReason: reason,
            stopBound: stop?.bound,
            kLimit: limit < policy.kMax ? limit : nil,
            warnings: warnings(judgments, reason) + standingWarnings
        )
    }

    private func warnings(_ judgments: [Judgment], _ reason: StopReason) -> [ScoringWarning] {
        var warnings: [ScoringWarning] = []
        let isCutShort = reason == .deadline || reason == .load
        let asked = isCutShort ? policy.kMax : judgments.count
        // One that the filter keeps out is not lost; one that it cannot look at is.
        let filter = policy.vote.filter
        let usable = judgments.count { judgment in
            policy.vote.ballot(of: judgment).scores != nil
                && (!filter.isActive || judgment.metaScore != nil)
        }
        if usable < asked { warnings.append(.judgmentsLost(counted: usable, asked: asked)) }
        let truncated = judgments.count { $0.generation.isTruncated }
        if truncated > 0 { warnings.append(.judgmentsTruncated(count: truncated)) }
        if balancesOrders, !judgments.count.isMultiple(of: 2) {
            warnings.append(.orderUnbalanced(drawn: judgments.count))
        }
        return warnings
    }
}
