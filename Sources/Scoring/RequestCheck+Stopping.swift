extension RequestCheck {
    func stopping(
        _ value: StoppingRule?,
        mode: JudgingMode
    ) throws(ScoringError) -> StoppingRule {
        let rule = value ?? defaults.stopping
        let needsRange = rule == .exact || rule == .guaranteed
        guard mode.scoreRange != nil || !needsRange else {
            throw needsBounds("stopping", found: "\(rule.rawValue) with \(mode.rawValue)")
        }
        return rule
    }

    func stopRisk(_ value: Double?, rule: StoppingRule) throws(ScoringError) -> Double? {
        let ordinary: Double
        switch rule {
        case .fixed, .exact:
            guard let value else { return nil }
            throw ScoringError(
                .stopping,
                subject: "stop_risk",
                expected: "unset with stopping \(rule.rawValue), which takes no risk",
                found: "\(value)",
                advice: "leave it unset, or ask for the guaranteed or predicted rule"
            )
        case .guaranteed: ordinary = defaults.guaranteedRisk
        case .predicted: ordinary = defaults.predictedRisk
        }
        let risk = value ?? ordinary
        guard risk > 0, risk <= 0.5 else {
            throw ScoringError(
                .stopping,
                subject: "stop_risk",
                expected: "a probability above 0 and at most 0.5",
                found: "\(risk)",
                advice: "name a risk in that range, or leave it unset"
            )
        }
        return risk
    }

    func scoreWidth(_ value: Double?) throws(ScoringError) -> Double? {
        guard let value else { return nil }
        guard value > 0, value.isFinite else {
            throw ScoringError(
                .stopping,
                subject: "score_width",
                expected: "a finite number above 0, in score units",
                found: "\(value)",
                advice: "name the length of the interval that is narrow enough, or leave it unset"
            )
        }
        return value
    }

    func metaFilter(
        _ draft: ScoreRequestDraft,
        mode: JudgingMode,
        kMax: Int
    ) throws(ScoringError) -> (keptCount: Int?, threshold: Double?) {
        if mode.isChat, draft.kMeta != nil || draft.metaThreshold != nil {
            throw ScoringError(
                .mode,
                subject: draft.kMeta == nil ? "meta_threshold" : "k_meta",
                expected: "unset with mode \(mode.rawValue), whose judgments have no text",
                found: draft.kMeta.map(String.init) ?? draft.metaThreshold.map { "\($0)" } ?? "",
                advice: "leave the field unset"
            )
        }
        guard defaults.hasMetaRM else {
            if let count = draft.kMeta { throw needsMetaRM("k_meta", found: "\(count)") }
            if let threshold = draft.metaThreshold {
                throw needsMetaRM("meta_threshold", found: "\(threshold)")
            }
            return (nil, nil)
        }
        if let count = draft.kMeta, !(1...kMax).contains(count) {
            throw badFilter("k_meta", expected: "1 to k_max = \(kMax)", found: "\(count)")
        }
        if let threshold = draft.metaThreshold, !(threshold >= 0 && threshold <= 1) {
            throw badFilter(
                "meta_threshold",
                expected: "a probability, 0 to 1",
                found: "\(threshold)"
            )
        }
        guard draft.kMeta == nil, draft.metaThreshold == nil else {
            return (draft.kMeta, draft.metaThreshold)
        }
        // One judgment has nothing to be chosen from.
        guard kMax > 1, !mode.isChat else { return (nil, nil) }
        if let threshold = defaults.metaThreshold { return (nil, threshold) }
        let share = (defaults.kMetaShare * Double(kMax)).rounded(.up)
        return (max(1, min(kMax, Int(share))), nil)
    }

    func hostileInputs(
        _ value: HostileInputPolicy?,
        mode: JudgingMode
    ) throws(ScoringError) -> HostileInputPolicy {
        let policy = value ?? .flag
        guard policy != .floor || mode.scoreRange != nil else {
            throw needsBounds("hostile_inputs", found: "floor with \(mode.rawValue)")
        }
        return policy
    }

    /// Finds what stands out in the responses.
    ///
    /// - Throws: `hostileInput` for the first empty, degenerate or suspicious response under the
    ///   policy `reject`.
    func responseFlags(
        _ responses: [CandidateResponse],
        policy: HostileInputPolicy
    ) throws(ScoringError) -> [[ResponseFlag]] {
        if policy == .reject {
            for (index, response) in responses.enumerated() {
                guard let finding = HostileFinding.all(in: response.content).first else { continue }
                throw ScoringError(
                    .hostileInput,
                    subject: "responses[\(index)].content",
                    expected: "no empty, degenerate or suspicious text under policy reject",
                    found: finding.description,
                    advice: "drop the response, or use the policy flag or floor"
                )
            }
        }
        return ResponseFlag.flags(of: responses)
    }

    private func needsBounds(_ subject: String, found: String) -> ScoringError {
        ScoringError(
            .notSupported,
            subject: subject,
            expected: "a mode whose scores have a known range",
            found: found,
            advice: "use another mode, or leave \(subject) unset"
        )
    }

    private func needsMetaRM(_ subject: String, found: String) -> ScoringError {
        ScoringError(
            .notSupported,
            subject: subject,
            expected: "unset, as the deployment has no meta-RM",
            found: found,
            advice: "leave the field unset, or deploy a meta-RM"
        )
    }

    private func badFilter(_ subject: String, expected: String, found: String) -> ScoringError {
        ScoringError(
            .sampleCount,
            subject: subject,
            expected: expected,
            found: found,
            advice: "name a number in that range, or leave the field unset"
        )
    }
}
