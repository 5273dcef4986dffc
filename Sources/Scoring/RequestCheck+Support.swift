extension RequestCheck {
    func mode(_ value: JudgingMode?) throws(ScoringError) -> JudgingMode {
        let mode = value ?? defaults.mode
        guard mode == .list else {
            throw notSupported("mode", supported: "list", found: mode.rawValue)
        }
        return mode
    }

    func readout(_ value: ScoreReadout?) throws(ScoringError) -> ScoreReadout {
        let readout = value ?? defaults.readout
        guard readout == .sampled else {
            throw notSupported("readout", supported: "sampled", found: readout.rawValue)
        }
        return readout
    }

    func principleReuse(_ draft: ScoreRequestDraft) throws(ScoringError) -> PrincipleReuse {
        let reuse = draft.principleReuse ?? (draft.principles.isEmpty ? .off : .fixed)
        switch reuse {
        case .read, .readWrite:
            throw notSupported("principle_reuse", supported: "off or fixed", found: reuse.rawValue)
        case .off, .fixed:
            guard (reuse == .fixed) == !draft.principles.isEmpty else {
                throw ScoringError(
                    .principles,
                    subject: "principle_reuse",
                    expected: "fixed with principles, off without",
                    found: "\(reuse.rawValue) with \(draft.principles.count) principles",
                    advice: "leave principle_reuse unset: it then follows the principles"
                )
            }
            return reuse
        }
    }

    func stopping(_ draft: ScoreRequestDraft) throws(ScoringError) -> StoppingRule {
        let rule = draft.stopping ?? .fixed
        guard rule == .fixed else {
            throw notSupported("stopping", supported: "fixed", found: rule.rawValue)
        }
        if let risk = draft.stopRisk {
            throw notSupported("stop_risk", supported: "unset", found: "\(risk)")
        }
        if let width = draft.scoreWidth {
            throw notSupported("score_width", supported: "unset", found: "\(width)")
        }
        return rule
    }

    func hostileInputs(_ value: HostileInputPolicy?) throws(ScoringError) -> HostileInputPolicy {
        let policy = value ?? .flag
        guard policy == .flag else {
            throw notSupported("hostile_inputs", supported: "flag", found: policy.rawValue)
        }
        return policy
    }

    /// Refuses the fields of the meta-RM filter: ignoring them would answer another question.
    func noFilter(_ draft: ScoreRequestDraft) throws(ScoringError) {
        if let count = draft.kMeta {
            throw notSupported("k_meta", supported: "unset", found: "\(count)")
        }
        if let threshold = draft.metaThreshold {
            throw notSupported("meta_threshold", supported: "unset", found: "\(threshold)")
        }
    }

    private func notSupported(
        _ subject: String,
        supported: String,
        found: String
    ) -> ScoringError {
        ScoringError(
            .notSupported,
            subject: subject,
            expected: "\(supported) (what this release supports)",
            found: found,
            advice: "leave the field unset or use a supported value"
        )
    }
}
