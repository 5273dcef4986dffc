import Testing

@testable import Scoring

/// Every sequence of ballots up to a number, and who wins for certain after each beginning.
private struct EveryRun {
    let policy: SamplingPolicy
    /// What a judgment can be.
    let kinds: [Ballot]
    /// Whether the rule must also hold wherever the winner is settled.
    let isComplete: Bool
    private(set) var stopCount = 0
    private(set) var faults: [String] = []

    init(_ policy: SamplingPolicy, kinds: [Ballot], isComplete: Bool) {
        self.policy = policy
        self.kinds = kinds
        self.isComplete = isComplete
    }

    /// The response that wins alone in every completion, if there is one.
    mutating func winner(after seen: [Ballot] = []) -> Int? {
        let leader = Lead.leader(of: policy.vote.filter.kept(seen).map(\.scores))
        guard seen.count < policy.kMax else { return leader }
        var winners: Set<Int?> = []
        for kind in kinds {
            let next = Ballot(index: seen.count, scores: kind.scores, metaScore: kind.metaScore)
            winners.insert(winner(after: seen + [next]))
        }
        let settled = winners.count == 1 ? winners.first ?? nil : nil
        let isStopped = policy.decided(seen) != nil
        if isStopped { stopCount += 1 }
        let isRight = isStopped ? settled != nil && settled == leader : true
        if !isRight || (isComplete && settled != nil && !isStopped) {
            faults.append("\(seen.map(\.scores))")
        }
        return settled
    }
}

struct ExactRuleTests {
    private static func rows(_ responses: Int) -> [[Double]] {
        (0..<responses).reduce([[]]) { rows, _ in rows.flatMap { [$0 + [1], $0 + [2]] } }
    }

    private static func kinds(_ responses: Int, metaScores: [Double?]) -> [Ballot] {
        let scored = rows(responses).flatMap { row in
            metaScores.map { Ballot(index: 0, scores: row, metaScore: $0) }
        }
        return scored + [Ballot(index: 0, scores: nil, metaScore: nil)]
    }

    private static func policy(
        _ kMax: Int,
        _ responses: Int,
        _ filter: MetaFilter
    )
        -> SamplingPolicy
    {
        SamplingPolicy(
            rule: .exact,
            risk: 0,
            scoreWidth: nil,
            kMin: 1,
            kMax: kMax,
            span: 1,
            vote: VoteRule(responseCount: responses, filter: filter)
        )
    }

    @Test(
        "It holds exactly where one response wins in every completion",
        arguments: [(2, 6), (3, 5)]
    )
    func everyCompletion(responses: Int, kMax: Int) {
        var runs = EveryRun(
            Self.policy(kMax, responses, MetaFilter()),
            kinds: Self.kinds(responses, metaScores: [nil]),
            isComplete: true
        )
        _ = runs.winner()
        #expect(runs.stopCount > 0)
        #expect(runs.faults.isEmpty, "\(runs.faults.prefix(3))")
    }

    @Test("It holds exactly there with a meta threshold too")
    func withThreshold() {
        var runs = EveryRun(
            Self.policy(5, 2, MetaFilter(threshold: 0.5)),
            kinds: Self.kinds(2, metaScores: [nil, 0.4, 0.5]),
            isComplete: true
        )
        _ = runs.winner()
        #expect(runs.stopCount > 0)
        #expect(runs.faults.isEmpty, "\(runs.faults.prefix(3))")
    }

    @Test(
        "Among the best k_meta it holds only where one response wins in every completion",
        arguments: [
            MetaFilter(keptCount: 1), MetaFilter(keptCount: 2), MetaFilter(keptCount: 3),
            MetaFilter(keptCount: 4), MetaFilter(keptCount: 3, threshold: 0.5),
        ]
    )
    func amongTheBest(filter: MetaFilter) {
        var runs = EveryRun(
            Self.policy(5, 2, filter),
            kinds: Self.kinds(2, metaScores: [0.2, 0.5, 0.8]),
            isComplete: false
        )
        _ = runs.winner()
        let canHold = (filter.keptCount ?? 0) > 2
        #expect((runs.stopCount > 0) == canHold)
        #expect(runs.faults.isEmpty, "\(runs.faults.prefix(3))")
    }

    @Test("A tie at the top is never settled, and equal sums are not a lead")
    func ties() {
        let exact = ExactRule(span: 9, remainingCount: 1)
        #expect(exact.isSettled([9, 1]))
        #expect(!exact.isSettled([9]))
        let policy = makePolicy(.exact, kMax: 8, responses: 3)
        let tied = makeBallots(Array(repeating: [10, 10, 1], count: 7))
        #expect(policy.decided(tied) == nil)
    }
}
