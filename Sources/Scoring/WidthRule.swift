/// The score-width rule: the 95% interval of every response's mean is narrow enough.
///
/// The interval is Student's, of its whole length. Judges write few distinct numbers, and four
/// equal ones are no proof that the fifth is the same: the variance is therefore drawn toward a
/// prior, half of that of a difference of two scores, and at least four judgments are needed. With
/// scores of 1...10 that never differ, the length is 2.9 after four judgments and 1.1 after eight.
struct WidthRule {
    static let leastCount = 4

    /// The greatest difference of two scores, or what stands for it where there is none.
    let span: Double

    /// Says whether each response's interval is narrower than `width`.
    ///
    /// - Parameters:
    ///   - rows: The scores of the counted judgments.
    ///   - width: In score units.
    /// - Returns: Whether it holds for all responses.
    func holds(_ rows: [[Double]], width: Double) -> Bool {
        guard rows.count >= Self.leastCount, let responseCount = rows.first?.count else {
            return false
        }
        return (0..<responseCount).allSatisfy { response in
            intervalLength(of: rows.map { $0[response] }) < width
        }
    }

    /// The length of the 95% interval of a mean.
    func intervalLength(of scores: [Double]) -> Double {
        let count = Double(scores.count)
        let mean = scores.reduce(0, +) / count
        let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let prior = GuaranteedRule.priorSquares / 2 * span * span
        let variance = (squares + prior) / (count + 1)
        let quantile = StudentDistribution.quantile975(freedom: scores.count - 1)
        return 2 * quantile * (variance / count).squareRoot()
    }
}
