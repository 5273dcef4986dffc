import Testing

@testable import Scoring

struct VoteTests {
    @Test("Totals, means, spreads and ranks of a table")
    func table() throws {
        let vote = try #require(
            Vote(
                counting: [makeJudgment(0, [7, 3, 7]), makeJudgment(1, [9, 5, 9])],
                under: VoteRule(responseCount: 3)
            )
        )
        #expect(vote.scores.map(\.total) == [16, 8, 16])
        #expect(vote.scores.map(\.mean) == [8, 4, 8])
        #expect(vote.scores.map(\.rank) == [1, 3, 1])
        #expect(vote.scores.map(\.spread) == Array(repeating: 2.0.squareRoot(), count: 3))
        #expect(vote.countedIndexes == [0, 1])
    }

    @Test("A single judgment has no spread")
    func noSpread() throws {
        let vote = try #require(
            Vote(counting: [makeJudgment(0, [4])], under: VoteRule(responseCount: 1))
        )
        #expect(vote.scores == [Vote.Score(total: 4, mean: 4, spread: nil, rank: 1)])
    }

    @Test("The order in which judgments are given does not matter")
    func orderFree() throws {
        for seed in UInt64(0)..<50 {
            var random = CounterRandom(seed: seed, stream: 2)
            let judgments = (0..<7).map { index in
                makeJudgment(index, (0..<4).map { _ in 1 + random.next(below: 10) })
            }
            let order = PermutationPlan(responseCount: 7, seed: seed).order(ofSample: 0)
            let vote = try #require(Vote(counting: judgments, under: VoteRule(responseCount: 4)))
            #expect(
                Vote(counting: order.map { judgments[$0] }, under: VoteRule(responseCount: 4))
                    == vote
            )
            for (response, score) in vote.scores.enumerated() {
                let values = judgments.map { $0.scores[response] }
                #expect(score.total == values.reduce(0, +))
                #expect(score.rank == 1 + vote.scores.count { $0.total > score.total })
            }
        }
    }

    @Test("Only scored judgments of the right count are counted")
    func onlyScored() throws {
        let failed = Judgment(index: 2, order: [0, 1], failed: .cancelled)
        let other = makeJudgment(1, [10, 10, 10])
        let vote = try #require(
            Vote(
                counting: [makeJudgment(0, [2, 1]), other, failed],
                under: VoteRule(responseCount: 2)
            )
        )
        #expect(vote.countedIndexes == [0])
        #expect(vote.scores.map(\.total) == [2, 1])
        #expect(Vote(counting: [other, failed], under: VoteRule(responseCount: 2)) == nil)
        #expect(Vote(counting: [], under: VoteRule(responseCount: 2)) == nil)
    }
}

struct JudgmentTests {
    @Test("Scores go back to the order of the request, for every order")
    func mappedBack() {
        for seed in UInt64(0)..<20 {
            for order in PermutationPlan(responseCount: 5, seed: seed).orders {
                // Response i is worth i + 1 wherever it stands.
                let text = ScoreLine(responseCount: 5).text(of: order.map { $0 + 1 })
                let judgment = Judgment(
                    index: 0,
                    order: order,
                    parsing: Judgment.Generation(text: text)
                )
                #expect(judgment.scores == [1, 2, 3, 4, 5])
            }
        }
    }

    @Test("An unparsable text keeps what can be read of it, and has no scores")
    func unparsable() {
        let generation = Judgment.Generation(
            text: "1. Truth (weight 100%)\nAnalysis: none",
            isTruncated: true,
            tokenCount: 9
        )
        let judgment = Judgment(index: 3, order: [1, 0], parsing: generation)
        let reason = UnparsableCritique(reason: .noList, expectedCount: 2, found: "")
        #expect(judgment.outcome == .unparsable(reason))
        #expect(judgment.scores.isEmpty)
        #expect(judgment.principles == [Principle(text: "Truth", weight: 100)])
        #expect(judgment.critique == "none")
        #expect(judgment.generation == generation)
        #expect(judgment.order == [1, 0])
    }
}
