/// How a score is read from the judge.
package enum ScoreReadout: String, Hashable, Sendable, CaseIterable {
    /// The sampled integer.
    case sampled
    /// The mean under the model's distribution over 1...10 at the score position.
    case expected
}
