/// What the rewards of a judge look like: counts over the verdicts that it gave.
///
/// They show what a single reply cannot: a judge that ties too often, gives almost everything a 9,
/// likes what it reads first, or no longer ends on a score line.
package struct RewardHealth: Hashable, Sendable {
    /// Verdicts on two or more responses.
    package private(set) var decisions = 0
    /// Decisions whose first place is shared.
    package private(set) var ties = 0
    /// Pairs of judgments that saw all responses in an order and in its reverse.
    package private(set) var positionPairs = 0
    /// Scores of counted judgments, where scores are 1 to 10.
    package private(set) var scores = 0
    /// Those of `scores` that are 9 or more.
    package private(set) var highScores = 0
    /// Judgments that verdicts rest on, and those of them that failed in one way or another.
    package private(set) var judgments = 0
    package private(set) var unparsable = 0
    package private(set) var truncated = 0
    /// Requests by the number of judgments that they drew.
    package private(set) var drawn: [Int: Int] = [:]
    /// Judgments that a rule's stop left out, and the tokens that they would have come to.
    package private(set) var judgmentsSaved = 0
    package private(set) var tokensSaved = 0
    /// Judgments that used a kept set of principles, and those that found none.
    package private(set) var principleHits = 0
    package private(set) var principleMisses = 0
    /// Judgments by the tenth of [0, 1] that their meta score lies in; 1 is in the last.
    ///
    /// Shape: [10]
    package private(set) var metaTenths = [Int](repeating: 0, count: 10)
    /// Flagged responses by kind.
    package private(set) var flags: [ResponseFlag: Int] = [:]
    private var positionSum = 0.0

    /// All counts are 0.
    package init() {}

    /// The mean score of a response where it is shown before another less where it is shown after
    /// it; nil before the first pair.
    package var positionEffect: Double? {
        positionPairs > 0 ? positionSum / Double(positionPairs) : nil
    }

    /// Counts a verdict.
    ///
    /// - Parameters:
    ///   - verdict: The answer.
    ///   - request: What it answers.
    ///   - principleHits: Judgments that used a kept set of principles.
    ///   - principleMisses: Judgments that looked for one and found none.
    package mutating func add(
        _ verdict: Verdict,
        of request: ScoreRequest,
        principleHits: Int = 0,
        principleMisses: Int = 0
    ) {
        if request.responses.count > 1 {
            decisions += 1
            if verdict.scores.count(where: { $0.rank == 1 }) > 1 { ties += 1 }
        }
        if request.mode.scoreRange == 1...10 { addScores(verdict) }
        if request.mode == .list { addPositions(verdict.judgments) }
        for judgment in verdict.judgments { add(judgment) }
        drawn[verdict.kDrawn, default: 0] += 1
        addSavings(verdict, kMax: request.kMax)
        self.principleHits += principleHits
        self.principleMisses += principleMisses
        for flag in request.responseFlags.joined() { flags[flag, default: 0] += 1 }
    }

    private mutating func add(_ judgment: Judgment) {
        judgments += 1
        if case .unparsable = judgment.outcome { unparsable += 1 }
        if judgment.generation.isTruncated { truncated += 1 }
        if let score = judgment.metaScore, (0...1).contains(score) {
            metaTenths[min(Int(score * 10), 9)] += 1
        }
    }

    /// Counts the judge's own scores, also of responses that the policy for hostile inputs floored.
    private mutating func addScores(_ verdict: Verdict) {
        let counted = Set(verdict.countedIndexes)
        for judgment in verdict.judgments where counted.contains(judgment.index) {
            scores += judgment.scores.count
            highScores += judgment.scores.count { $0 >= 9 }
        }
    }

    /// Compares judgments 2j and 2j + 1, which see an order and its reverse.
    private mutating func addPositions(_ judgments: [Judgment]) {
        let scored = Dictionary(
            judgments.filter { $0.outcome == .scored }.map { ($0.index, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for (index, first) in scored where index.isMultiple(of: 2) && first.order.count > 1 {
            guard let second = scored[index + 1], second.order == first.order.reversed() else {
                continue
            }
            positionPairs += 1
            positionSum += Self.positionEffect(first, second)
        }
    }

    /// The mean over all ordered pairs of responses.
    ///
    /// Of n responses the one at position p of the first order stands there before n - 1 - p others
    /// and after p, in the second the other way round.
    private static func positionEffect(_ first: Judgment, _ second: Judgment) -> Double {
        let count = first.order.count
        let sum = first.order.enumerated().reduce(0.0) { sum, place in
            let difference = first.scores[place.element] - second.scores[place.element]
            return sum + Double(count - 1 - 2 * place.offset) * difference
        }
        return sum / Double(count * (count - 1))
    }

    /// What load or a deadline cut off was not saved: the caller wanted it.
    private mutating func addSavings(_ verdict: Verdict, kMax: Int) {
        switch verdict.stopReason {
        case .kMax, .load, .deadline: return
        case .exact, .guaranteed, .predicted, .width: break
        }
        let saved = kMax - verdict.kDrawn
        let tokens = verdict.judgments.reduce(0) { $0 + $1.generation.tokenCount }
        judgmentsSaved += saved
        tokensSaved += Int((Double(saved * tokens) / Double(max(verdict.kDrawn, 1))).rounded())
    }
}
