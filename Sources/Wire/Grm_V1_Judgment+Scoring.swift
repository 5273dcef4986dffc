package import Scoring

extension Grm_V1_Judgment {
    /// A judgment with what the caller asked for.
    ///
    /// - Parameters:
    ///   - judgment: What came of the sample.
    ///   - isCounted: Whether the vote counts it.
    ///   - tokens: Every generated token, one list for each of its parts.
    ///   - parts: What is sent beside scores and outcomes.
    package init(
        _ judgment: Judgment,
        isCounted: Bool,
        tokens: [[UInt32]],
        parts: Set<ReplyPart>
    ) {
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
        principleSource = Grm_V1_PrincipleSource(judgment.principleSource)
        if case .cached(let id) = judgment.principleSource { principleSetID = id }
        if judgment.parts.count > 1 {
            self.parts = judgment.parts.enumerated().map { place, part in
                Grm_V1_JudgmentPart(
                    part,
                    tokens: tokens.indices.contains(place) ? tokens[place] : [],
                    parts: parts
                )
            }
            return
        }
        if parts.contains(.principles) {
            principles = judgment.principles.map(Grm_V1_Principle.init)
        }
        if parts.contains(.critique) { critique = judgment.critique }
        if parts.contains(.text) { text = judgment.generation.text }
        if parts.contains(.tokens) { self.tokens = tokens.first ?? [] }
    }
}

extension Grm_V1_JudgmentPart {
    fileprivate init(_ part: JudgmentPart, tokens: [UInt32], parts: Set<ReplyPart>) {
        self.init()
        order = part.shown.order.map(UInt32.init)
        scores = part.scores
        outcome = Grm_V1_JudgmentOutcome(part.outcome)
        truncated = part.generation.isTruncated
        generatedTokens = UInt32(part.generation.tokenCount)
        if parts.contains(.principles) { principles = part.principles.map(Grm_V1_Principle.init) }
        if parts.contains(.critique) { critique = part.critique }
        if parts.contains(.text) { text = part.generation.text }
        if parts.contains(.tokens) { self.tokens = tokens }
    }
}

extension Grm_V1_PrincipleSource {
    init(_ source: Judgment.PrincipleSource) {
        self =
            switch source {
            case .generated: .generated
            case .cached: .cached
            case .caller: .caller
            }
    }
}

extension Grm_V1_Principle {
    init(_ principle: Principle) {
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
