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

    /// Place in the seed order, from 0.
    package let index: Int
    /// Element p is the request's index of the response that was shown at position p.
    package let order: [Int]
    /// What came of the sample.
    package let outcome: Outcome
    /// One score for each response in the order of the request; empty unless scored.
    package let scores: [Double]
    /// The criteria that the judge wrote.
    package let principles: [Principle]
    /// The analysis that the judge wrote.
    package let critique: String
    /// What the engine says of the sample.
    package let generation: Generation
    /// How likely the judgment is right, by the meta-RM; nil where none was asked.
    ///
    /// Unit: probability
    package var metaScore: Double?

    /// Reads the judgment of a sample that ran to its end.
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
        do throws(UnparsableCritique) {
            let critique = try Critique(parsing: generation.text, count: order.count)
            let values = weights.map { $0.map(ScoreLine.expectedScore) }
            self.init(
                index: index,
                order: order,
                scored: critique,
                values: values ?? critique.scores.map(Double.init),
                generation: generation
            )
        } catch {
            self.init(
                index: index,
                order: order,
                failed: .unparsable(error),
                generation: generation
            )
        }
    }

    /// Records a sample that gave no scores; `outcome` is not `.scored`.
    package init(
        index: Int,
        order: [Int],
        failed outcome: Outcome,
        generation: Generation = Generation()
    ) {
        precondition(outcome != .scored, "scores come from parsing alone")
        let outline = Critique.outline(of: generation.text)
        self.index = index
        self.order = order
        self.outcome = outcome
        self.generation = generation
        scores = []
        principles = outline.principles
        critique = outline.analysis
    }

    private init(
        index: Int,
        order: [Int],
        scored read: Critique,
        values: [Double],
        generation: Generation
    ) {
        precondition(values.count == order.count)
        var scores = [Double](repeating: 0, count: order.count)
        for (position, response) in order.enumerated() {
            scores[response] = values[position]
        }
        self.index = index
        self.order = order
        self.generation = generation
        self.scores = scores
        outcome = .scored
        principles = read.principles
        critique = read.text
    }
}
