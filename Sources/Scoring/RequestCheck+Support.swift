extension RequestCheck {
    func mode(_ value: JudgingMode?) throws(ScoringError) -> JudgingMode {
        let mode = value ?? defaults.mode
        guard mode == .list else {
            throw notSupported("mode", supported: "list", found: mode.rawValue)
        }
        return mode
    }

    func readout(_ value: ScoreReadout?) -> ScoreReadout { value ?? defaults.readout }

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
