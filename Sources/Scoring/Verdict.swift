/// The answer to a scoring request.
package struct Verdict: Hashable, Sendable {
    /// One for each response, in the order of the request.
    package let scores: [Vote.Score]
    /// The indexes of the judgments that count, ascending.
    package let countedIndexes: [Int]
    /// The judgments that were drawn before the run stopped, in seed order.
    package let judgments: [Judgment]
    /// Why no more judgments were drawn.
    package let stopReason: StopReason
    /// The bound on the probability that k_max judgments decide otherwise; nil where none holds.
    package let stopBound: Double?
    /// The greatest number of judgments that load allowed; nil for all.
    package let kLimit: Int?
    /// What the caller should know beside the scores.
    package var warnings: [ScoringWarning]

    /// Number of judgments in the vote.
    package var kCounted: Int { countedIndexes.count }
    /// Number of judgments that were drawn.
    package var kDrawn: Int { judgments.count }
}
