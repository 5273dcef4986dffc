/// The judgments of one request: which to draw next, and what they say together.
///
/// A caller loops: `nextStep()`, draw the samples it names, `record` what came of every one of
/// them, until it says stop. Judgments count in seed order whatever order they are recorded in,
/// since short critiques finish first and their length correlates with the verdict.
package struct ScoringRun: Sendable {
    /// What to do next.
    package enum Step: Hashable, Sendable {
        /// Draw the samples with these indexes.
        case draw(Range<Int>)
        case stop(StopReason)
    }

    private let responseCount: Int
    private let policy: SamplingPolicy
    private var recorded: [Judgment?]
    private var interruption: StopReason?

    /// Starts the run of a request.
    package init(_ request: ScoreRequest) {
        responseCount = request.responses.count
        policy = SamplingPolicy(rule: request.stopping, kMin: request.kMin, kMax: request.kMax)
        recorded = Array(repeating: nil, count: request.kMax)
    }

    /// The judgments so far, in seed order.
    package var judgments: [Judgment] { recorded.compactMap(\.self) }

    /// Says which samples to draw next, or why to stop.
    ///
    /// Samples that were drawn but not recorded are named again.
    package func nextStep() -> Step {
        if let interruption { return .stop(interruption) }
        let seen = Array(recorded.prefix { $0 != nil }.compactMap(\.self))
        guard case .draw(let samples) = policy.nextStep(after: seen) else {
            return policy.nextStep(after: seen)
        }
        // Recorded ones further on are not drawn again.
        let end = samples.first { recorded[$0] != nil } ?? samples.upperBound
        return .draw(samples.lowerBound..<end)
    }

    /// Takes the judgments of samples, in any order, each sample once.
    package mutating func record(_ judgments: [Judgment]) {
        for judgment in judgments {
            precondition(recorded.indices.contains(judgment.index), "a sample that was not asked")
            precondition(recorded[judgment.index] == nil, "a sample was recorded twice")
            recorded[judgment.index] = judgment
        }
    }

    /// Ends the run early, for `.deadline` or `.load`; the first reason stays.
    package mutating func interrupt(_ reason: StopReason) {
        interruption = interruption ?? reason
    }

    /// Counts the judgments, once `nextStep` says stop.
    ///
    /// - Throws: `ScoringError` with `badLogits` if any sample met broken logits, since the others
    ///   come from the same weights and machine; with `noJudgment` if no judgment counts.
    package func verdict() throws(ScoringError) -> Verdict {
        guard case .stop(let reason) = nextStep() else {
            preconditionFailure("a run is counted after it has stopped")
        }
        let judgments = judgments
        guard !judgments.contains(where: { $0.outcome == .badLogits }) else {
            throw badLogits(judgments)
        }
        guard let vote = Vote(counting: judgments, responseCount: responseCount) else {
            throw noJudgment(judgments)
        }
        return Verdict(
            scores: vote.scores,
            countedIndexes: vote.countedIndexes,
            judgments: judgments,
            stopReason: reason,
            warnings: warnings(judgments, counted: vote.countedIndexes.count)
        )
    }

    private func warnings(_ judgments: [Judgment], counted: Int) -> [ScoringWarning] {
        var warnings: [ScoringWarning] = []
        let asked = interruption == nil ? judgments.count : policy.kMax
        if counted < asked {
            warnings.append(.judgmentsLost(counted: counted, asked: asked))
        }
        let truncated = judgments.count { $0.generation.isTruncated }
        if truncated > 0 { warnings.append(.judgmentsTruncated(count: truncated)) }
        if responseCount > 1, !judgments.count.isMultiple(of: 2) {
            warnings.append(.orderUnbalanced(drawn: judgments.count))
        }
        return warnings
    }

    private func badLogits(_ judgments: [Judgment]) -> ScoringError {
        let count = judgments.count { $0.outcome == .badLogits }
        return ScoringError(
            .badLogits,
            subject: "judgments",
            expected: "finite logits",
            found: "NaN or infinite logits in \(count) of \(judgments.count) judgments",
            advice: "verify the served version and the machine"
        )
    }

    private func noJudgment(_ judgments: [Judgment]) -> ScoringError {
        var unparsable = 0
        var cancelled = 0
        var exhausted = 0
        for judgment in judgments {
            switch judgment.outcome {
            case .scored, .badLogits: break
            case .unparsable: unparsable += 1
            case .cancelled: cancelled += 1
            case .contextExhausted: exhausted += 1
            }
        }
        return ScoringError(
            .noJudgment,
            subject: "judgments",
            expected: "at least one with scores",
            found: "\(judgments.count) drawn: \(unparsable) unparsable, \(cancelled) cancelled, "
                + "\(exhausted) out of context",
            advice: "give a longer deadline, more max_judgment_tokens or a shorter prompt"
        )
    }
}
