/// The sum of the judgments' scores for each response.
///
/// Source: arXiv 2504.02495, Eq. 14.
package struct Vote: Hashable, Sendable {
    /// What the judgments say of one response.
    package struct Score: Hashable, Sendable {
        /// Sum over the counted judgments: k...10k for sampled integers.
        package let total: Double
        /// Mean over the counted judgments.
        package let mean: Double
        /// Sample standard deviation; nil for fewer than two judgments.
        package let spread: Double?
        /// 1 is best; equal totals share a rank, and the next rank counts them all.
        package let rank: Int
        /// Whether the policy for hostile inputs set the score, and not the judge.
        package var isFloored = false
    }

    /// One for each response, in the order of the request.
    package let scores: [Score]
    /// The indexes of the judgments that count, ascending.
    package let countedIndexes: [Int]

    /// Counts the judgments that have one score for each response and pass the filter.
    ///
    /// - Returns: nil if none counts.
    package init?(counting judgments: [Judgment], under rule: VoteRule) {
        let counted = rule.filter.kept(judgments.map(rule.ballot))
        let rows = counted.compactMap(\.scores)
        guard !rows.isEmpty else { return nil }
        let columns = (0..<rule.responseCount).map { response in rows.map { $0[response] } }
        let totals = columns.map { $0.reduce(0, +) }
        countedIndexes = counted.map(\.index)
        scores = columns.indices.map { response in
            let mean = totals[response] / Double(rows.count)
            return Score(
                total: totals[response],
                mean: mean,
                spread: Self.spread(of: columns[response], mean: mean),
                rank: 1 + totals.count { $0 > totals[response] },
                isFloored: rule.flooredIndexes.contains(response)
            )
        }
    }

    private static func spread(of values: [Double], mean: Double) -> Double? {
        guard values.count > 1 else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
