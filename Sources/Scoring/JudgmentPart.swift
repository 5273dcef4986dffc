/// One prompt of a judgment, and what the judge made of it.
package struct JudgmentPart: Hashable, Sendable {
    /// The responses shown, and what was asked.
    package let shown: PromptCase
    /// What came of it.
    package let outcome: Judgment.Outcome
    /// One score for each response shown, in the order shown; empty unless scored.
    package let scores: [Double]
    /// The criteria that the judge wrote.
    package let principles: [Principle]
    /// The analysis that the judge wrote.
    package let critique: String
    /// What the engine says of the sample.
    package let generation: Judgment.Generation

    /// Reads the line that ends the text: scores, or the better of two, which gets 1 and the other 0.
    ///
    /// - Parameters:
    ///   - shown: The case that the sample saw.
    ///   - generation: What the engine says of the sample.
    ///   - weights: The model's probability of each value of the line, for an expected read-out; nil
    ///     takes the written values. Shape: [count of the line][values].
    package init(
        _ shown: PromptCase,
        parsing generation: Judgment.Generation,
        weights: [[Double]]? = nil
    ) {
        let isPair = shown.form == .pair
        do throws(UnparsableCritique) {
            let critique = try Critique(
                parsing: generation.text,
                count: isPair ? 1 : shown.order.count,
                values: isPair ? 1...2 : ScoreLine.range
            )
            self.init(
                shown,
                .scored,
                scores: Self.scores(critique.scores, weights, isPair: isPair),
                outline: (critique.principles, critique.text),
                generation
            )
        } catch {
            self.init(shown, failed: .unparsable(error), generation: generation)
        }
    }

    /// Takes a number that was read without a line: a mean log-probability or a head's value.
    package init(_ shown: PromptCase, value: Double, generation: Judgment.Generation) {
        let outline = Critique.outline(of: generation.text)
        self.init(
            shown,
            .scored,
            scores: [value],
            outline: (outline.principles, outline.analysis),
            generation
        )
    }

    /// Records a sample that gave no scores; `outcome` is not `.scored`.
    package init(
        _ shown: PromptCase,
        failed outcome: Judgment.Outcome,
        generation: Judgment.Generation = .init()
    ) {
        precondition(outcome != .scored, "scores come from a reading alone")
        let outline = Critique.outline(of: generation.text)
        self.init(
            shown,
            outcome,
            scores: [],
            outline: (outline.principles, outline.analysis),
            generation
        )
    }

    private init(
        _ shown: PromptCase,
        _ outcome: Judgment.Outcome,
        scores: [Double],
        outline: (principles: [Principle], analysis: String),
        _ generation: Judgment.Generation
    ) {
        self.shown = shown
        self.outcome = outcome
        self.scores = scores
        principles = outline.principles
        critique = outline.analysis
        self.generation = generation
    }

    private static func scores(
        _ written: [Int],
        _ weights: [[Double]]?,
        isPair: Bool
    ) -> [Double] {
        guard isPair else {
            return weights.map { $0.map(ScoreLine.expectedScore) } ?? written.map(Double.init)
        }
        return weights?.first ?? (written == [1] ? [1, 0] : [0, 1])
    }
}
