extension ScoringError {
    static func badLogits(_ judgments: [Judgment]) -> ScoringError {
        let count = judgments.count { $0.outcome == .badLogits }
        return ScoringError(
            .badLogits,
            subject: "judgments",
            expected: "finite logits",
            found: "NaN or infinite logits in \(count) of \(judgments.count) judgments",
            advice: "verify the served version and the machine"
        )
    }

    static func noJudgment(_ judgments: [Judgment], filter: MetaFilter) -> ScoringError {
        let scored = judgments.filter { $0.outcome == .scored }
        guard scored.isEmpty || !filter.isActive else { return noneKept(scored, filter: filter) }
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

    private static func noneKept(_ scored: [Judgment], filter: MetaFilter) -> ScoringError {
        let known = scored.compactMap(\.metaScore)
        let best = known.max().map { "the best of \(known.count) has \($0)" }
        let threshold = filter.threshold.map { " of at least meta_threshold = \($0)" } ?? ""
        return ScoringError(
            .noJudgment,
            subject: filter.threshold == nil ? "k_meta" : "meta_threshold",
            expected: "at least one judgment with a meta score\(threshold)",
            found: "\(scored.count) judgments with scores: " + (best ?? "none has a meta score"),
            advice: "lower meta_threshold, or draw more judgments"
        )
    }
}
