extension RequestCheck {
    func mode(_ value: JudgingMode?, responseCount: Int) throws(ScoringError) -> JudgingMode {
        let mode = value ?? defaults.mode
        guard mode.comparesPairs else { return mode }
        guard (2...limits.pairedResponseCount).contains(responseCount) else {
            throw ScoringError(
                .mode,
                subject: "mode \(mode.rawValue)",
                expected: "2 to \(limits.pairedResponseCount) responses, all pairs of which are "
                    + "compared",
                found: "\(responseCount)",
                advice: "use list or isolated, or compare fewer responses"
            )
        }
        return mode
    }

    func readout(_ value: ScoreReadout?, mode: JudgingMode) throws(ScoringError) -> ScoreReadout {
        guard let only = mode.onlyReadout else { return value ?? defaults.readout }
        guard value == nil || value == only else {
            throw refusal(.mode, "readout", "unset with mode \(mode.rawValue)", value?.rawValue)
        }
        return only
    }

    func judgmentTokens(_ value: Int?, mode: JudgingMode) throws(ScoringError) -> Int {
        guard mode.writesCritique else {
            guard value ?? 0 == 0 else {
                throw refusal(
                    .tokenBudget,
                    "max_judgment_tokens",
                    "unset or 0 with mode \(mode.rawValue), which writes no critique",
                    value.map(String.init)
                )
            }
            return 0
        }
        let least = mode == .semiScalar ? 1 : 0
        // A judge without critiques by default still writes those that a way cannot do without.
        let ordinary =
            defaults.maxJudgmentTokens >= least
            ? defaults.maxJudgmentTokens : ScoringDefaults().maxJudgmentTokens
        let count = value ?? min(ordinary, limits.judgmentTokenCount)
        guard count >= least, count <= limits.judgmentTokenCount else {
            throw ScoringError(
                .tokenBudget,
                subject: "max_judgment_tokens",
                expected: "\(least) to \(limits.judgmentTokenCount) tokens",
                found: "\(count)",
                advice: "name a budget in that range, or leave it unset"
            )
        }
        return count
    }

    func principleReuse(
        _ draft: ScoreRequestDraft,
        mode: JudgingMode
    ) throws(ScoringError) -> PrincipleReuse {
        let reuse = draft.principleReuse ?? (draft.principles.isEmpty ? .off : .fixed)
        guard (reuse == .fixed) == !draft.principles.isEmpty else {
            throw ScoringError(
                .principles,
                subject: "principle_reuse",
                expected: "fixed with principles, another value without",
                found: "\(reuse.rawValue) with \(draft.principles.count) principles",
                advice: "leave principle_reuse unset: it then follows the principles"
            )
        }
        guard reuse == .off || !mode.isChat else {
            throw refusal(
                .principles,
                "principle_reuse",
                "off with mode \(mode.rawValue), in which the model is asked nothing",
                reuse.rawValue
            )
        }
        return reuse
    }

    // `isWritten`: the judge writes a critique, and so principles of its own.
    func principleWriting(
        _ value: PrincipleWriting?,
        reuse: PrincipleReuse,
        isWritten: Bool
    ) throws(ScoringError) -> PrincipleWriting {
        guard let value else { return .conversation }
        guard reuse == .readWrite else {
            throw refusal(
                .principles,
                "principle_writing",
                "unset unless principle_reuse is read_write",
                value.rawValue
            )
        }
        guard value == .conversation || isWritten else {
            throw refusal(
                .principles,
                "principle_writing",
                "conversation where judgments have no critique, and so no principles",
                value.rawValue
            )
        }
        return value
    }

    private func refusal(
        _ code: ScoringError.Code,
        _ subject: String,
        _ expected: String,
        _ found: String?
    ) -> ScoringError {
        ScoringError(
            code,
            subject: subject,
            expected: expected,
            found: found ?? "none",
            advice: "leave \(subject) unset, or use another mode"
        )
    }
}
