@testable import Scoring

/// A policy on scores of 1...10, for tests to change.
func makePolicy(
    _ rule: StoppingRule,
    kMax: Int,
    responses: Int = 2,
    risk: Double = 0.05,
    filter: MetaFilter = MetaFilter()
) -> SamplingPolicy {
    SamplingPolicy(
        rule: rule,
        risk: risk,
        scoreWidth: nil,
        kMin: 1,
        kMax: kMax,
        span: 9,
        vote: VoteRule(responseCount: responses, filter: filter)
    )
}

func makeBallots(_ rows: [[Double]?]) -> [Ballot] {
    rows.enumerated().map { Ballot(index: $0, scores: $1, metaScore: nil) }
}

extension SamplingPolicy {
    /// Draws pair by pair until the policy or k_max stops the run.
    func stopped(_ ballots: [Ballot]) -> Stop {
        for count in stride(from: 2, to: kMax, by: 2) {
            if let stop = stop(after: Array(ballots.prefix(count))) { return stop }
        }
        return Stop(count: kMax, reason: .kMax, bound: nil)
    }
}

extension CounterRandom {
    /// A number in 0..<1.
    mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A normal deviate, by the sum of twelve uniform ones.
    mutating func nextNormal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + nextUnit() } }

    mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, next(below: last + 1))
        }
    }
}

/// A judge's score: a mean and noise, rounded into 1...10.
func makeScore(_ mean: Double, noise: Double, _ random: inout CounterRandom) -> Double {
    min(10, max(1, (mean + noise * random.nextNormal()).rounded()))
}
