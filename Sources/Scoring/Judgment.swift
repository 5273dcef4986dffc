/// One sample of the judge: what it saw, what it wrote and what came of it.
package struct Judgment: Hashable, Sendable {
    /// What came of a sample; a failure is never a score.
    package enum Outcome: Hashable, Sendable {
        case scored
        /// The text holds no scores, for this reason.
        case unparsable(UnparsableCritique)
        /// The model gave logits that are not numbers: the model or the machine is broken.
        case badLogits
        case cancelled
        /// The context was full before the judge had finished.
        case contextExhausted
    }

    /// What the engine says of a sample.
    package struct Generation: Hashable, Sendable {
        /// The generated text, without any of the prompt.
        package var text: String
        /// Whether the token budget ended before the score line, which was then completed.
        package var isTruncated: Bool
        /// Number of generated tokens.
        package var tokenCount: Int
        /// Time from the start of the sample to its end.
        package var seconds: Double

        /// Makes the record of a sample.
        package init(
            text: String = "",
            isTruncated: Bool = false,
            tokenCount: Int = 0,
            seconds: Double = 0
        ) {
            self.text = text
            self.isTruncated = isTruncated
            self.tokenCount = tokenCount
            self.seconds = seconds
        }
    }

    /// Where the principles of a judgment come from.
    package enum PrincipleSource: Hashable, Sendable {
        /// The judge wrote them, or wrote none.
        case generated
        /// The kept set with this id.
        case cached(String)
        /// The request.
        case caller
    }

    /// Place in the seed order, from 0.
    package let index: Int
    /// What came of the sample: of its first part that failed, if one did.
    package let outcome: Outcome
    /// One score for each response in the order of the request; empty unless scored.
    package let scores: [Double]
    /// The prompts of the sample and what the judge made of each; at least one.
    package let parts: [JudgmentPart]
    /// Where its principles come from.
    package var principleSource = PrincipleSource.generated
    /// How likely the judgment is right, by the meta-RM; nil where none was asked.
    ///
    /// Unit: probability
    package var metaScore: Double?

    /// Puts the parts of a judgment together.
    ///
    /// - Parameters:
    ///   - index: Place in the seed order.
    ///   - parts: One for each prompt.
    ///   - scores: Makes one score for each response of the request; asked if every part has scores.
    package init(index: Int, parts: [JudgmentPart], scores: ([JudgmentPart]) -> [Double]) {
        precondition(!parts.isEmpty, "a judgment has a prompt")
        self.index = index
        self.parts = parts
        // Broken logits say something of the model and the machine, so they go before the rest.
        let failures = parts.map(\.outcome).filter { $0 != .scored }
        outcome = failures.first { $0 == .badLogits } ?? failures.first ?? .scored
        self.scores = outcome == .scored ? scores(parts) : []
    }

    /// Reads the judgment of a sample that saw all responses in one prompt.
    ///
    /// - Parameters:
    ///   - index: Place in the seed order.
    ///   - order: The responses as they were shown.
    ///   - generation: What the engine says of the sample.
    ///   - weights: The model's probability of each score at each position, for an expected read-out;
    ///     nil takes the written scores. Shape: [responses][scores of `ScoreLine.range`].
    package init(
        index: Int,
        order: [Int],
        parsing generation: Generation,
        weights: [[Double]]? = nil
    ) {
        let shown = PromptCase(.scores, order: order)
        let part = JudgmentPart(shown, parsing: generation, weights: weights)
        self.init(index: index, parts: [part], scores: ListJudging.scores)
    }

    /// Records a sample of one prompt that gave no scores; `outcome` is not `.scored`.
    package init(
        index: Int,
        order: [Int],
        failed outcome: Outcome,
        generation: Generation = Generation()
    ) {
        let shown = PromptCase(.scores, order: order)
        let part = JudgmentPart(shown, failed: outcome, generation: generation)
        self.init(index: index, parts: [part]) { _ in [] }
    }

    /// The only part, where one prompt shows all responses; what follows speaks of it.
    private var whole: JudgmentPart? { parts.count == 1 ? parts.first : nil }

    /// Element p is the request's index of the response at position p; empty with several prompts.
    package var order: [Int] { whole?.shown.order ?? [] }
    /// The criteria that the judge wrote; empty with several prompts.
    package var principles: [Principle] { whole?.principles ?? [] }
    /// The analysis that the judge wrote; empty with several prompts.
    package var critique: String { whole?.critique ?? "" }
    /// What the engine says of the sample; of several prompts the sums, without their texts.
    package var generation: Generation {
        whole?.generation
            ?? Generation(
                isTruncated: parts.contains { $0.generation.isTruncated },
                tokenCount: parts.reduce(0) { $0 + $1.generation.tokenCount },
                seconds: parts.map(\.generation.seconds).max() ?? 0
            )
    }
}
