package import Scoring

extension Grm_V1_Judgment {
    /// A judgment with the parts that the caller asked for.
    ///
    /// `tokens` are every generated token, sent if `parts` has `.tokens`.
    package init(_ judgment: Judgment, isCounted: Bool, tokens: [UInt32], parts: Set<ReplyPart>) {
        self.init()
        index = UInt32(judgment.index)
        order = judgment.order.map(UInt32.init)
        scores = judgment.scores
        if let score = judgment.metaScore { metaScore = score }
        outcome = Grm_V1_JudgmentOutcome(judgment.outcome)
        counted = isCounted
        truncated = judgment.generation.isTruncated
        generatedTokens = UInt32(judgment.generation.tokenCount)
        seconds = judgment.generation.seconds
        if parts.contains(.principles) {
            principles = judgment.principles.map(Grm_V1_Principle.init)
        }
        if parts.contains(.critique) { critique = judgment.critique }
        if parts.contains(.text) { text = judgment.generation.text }
        if parts.contains(.tokens) { self.tokens = tokens }
    }
}

extension Grm_V1_Principle {
    fileprivate init(_ principle: Principle) {
        self.init()
        text = principle.text
        if let weight = principle.weight { self.weight = Float(weight) }
    }
}

extension Grm_V1_JudgmentOutcome {
    fileprivate init(_ outcome: Judgment.Outcome) {
        self =
            switch outcome {
            case .scored: .scored
            case .unparsable: .unparsable
            case .badLogits: .badLogits
            case .cancelled: .cancelled
            case .contextExhausted: .contextExhausted
            }
    }
}
