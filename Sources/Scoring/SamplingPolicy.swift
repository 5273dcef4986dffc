/// Decides after how many judgments a run stops.
///
/// Source: METHOD "Stopping early"; the fixed rule is the paper's own.
struct SamplingPolicy: Hashable, Sendable {
    let rule: StoppingRule
    let kMin: Int
    let kMax: Int

    /// What follows after the judgments of samples 0..<seen.count, given in seed order.
    func nextStep(after seen: [Judgment]) -> ScoringRun.Step {
        switch rule {
        case .fixed:
            seen.count < kMax ? .draw(seen.count..<kMax) : .stop(.kMax)
        case .exact, .guaranteed, .predicted:
            preconditionFailure("validation lets only the fixed rule through")
        }
    }
}
