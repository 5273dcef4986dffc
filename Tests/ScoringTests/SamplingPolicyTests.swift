import Testing

@testable import Scoring

struct SamplingPolicyTests {
    /// METHOD's synthetic scores: qualities with deviation 1, a judge's noise of 1.5, K = 32.
    private static let syntheticRuns: [[[Double]]] = {
        var random = CounterRandom(seed: 1, stream: 1)
        return (0..<3000).map { _ in
            let means = [5.5 + random.nextNormal(), 5.5 + random.nextNormal()]
            return (0..<32).map { _ in means.map { makeScore($0, noise: 1.5, &random) } }
        }
    }()

    /// The bounds lie a little beside what 24,000 such runs gave.
    @Test(
        "The rules stop when they should on synthetic scores",
        arguments: [
            (StoppingRule.exact, 0.0, 30.0, 0.0), (.guaranteed, 0.05, 24.5, 0.005),
            (.predicted, 0.01, 16.0, 0.012),
        ]
    )
    func synthetic(rule: StoppingRule, risk: Double, meanCount: Double, changedShare: Double) {
        let policy = makePolicy(rule, kMax: 32, risk: risk)
        var counts = 0
        var changed = 0
        for rows in Self.syntheticRuns {
            let stop = policy.stopped(makeBallots(rows))
            counts += stop.count
            let early = Lead.leader(of: Array(rows.prefix(stop.count)))
            if early != Lead.leader(of: rows) { changed += 1 }
        }
        let runs = Double(Self.syntheticRuns.count)
        #expect(Double(counts) / runs <= meanCount, "\(rule): \(Double(counts) / runs)")
        #expect(Double(changed) / runs <= changedShare, "\(rule): \(changed) changed")
    }

    @Test("Rounds: four or k_min at first, then pairs; the exact rule starts where it can hold")
    func rounds() {
        var policy = makePolicy(.predicted, kMax: 12)
        #expect([0, 2, 4, 5, 6, 11].map(policy.roundEnd) == [4, 4, 6, 6, 8, 12])
        policy = makePolicy(.exact, kMax: 32)
        #expect([0, 18, 20].map(policy.roundEnd) == [18, 20, 22])
        policy = makePolicy(.exact, kMax: 8, filter: MetaFilter(keptCount: 7))
        #expect([0, 6].map(policy.roundEnd) == [6, 8])
        #expect(makePolicy(.fixed, kMax: 7).roundEnd(after: 0) == 7)
        #expect(makePolicy(.predicted, kMax: 3).roundEnd(after: 0) == 3)
        #expect(makePolicy(.guaranteed, kMax: 9, responses: 1).roundEnd(after: 0) == 9)
    }

    @Test("No rule stops a run below k_min", arguments: [1, 5, 9])
    func leastCount(kMin: Int) {
        let policy = SamplingPolicy(
            rule: .predicted,
            risk: 0.01,
            scoreWidth: 9,
            kMin: kMin,
            kMax: 32,
            span: 9,
            vote: VoteRule(responseCount: 2)
        )
        let stop = policy.stopped(makeBallots(Array(repeating: [10, 1], count: 32)))
        #expect(stop.count == max(4, kMin + kMin % 2))
    }

    @Test("Judgments below the threshold count as no difference")
    func threshold() {
        let filter = MetaFilter(threshold: 0.5)
        let policy = makePolicy(.predicted, kMax: 32, risk: 0.01, filter: filter)
        let plain = makePolicy(.predicted, kMax: 32, risk: 0.01)
        let rows: [[Double]] = (0..<8).map { $0 < 5 ? [8, 3] : [2, 9] }
        let scored = rows.enumerated().map { index, row in
            Ballot(index: index, scores: row, metaScore: index < 5 ? 0.9 : 0.1)
        }
        let blank = rows.enumerated().map { index, row in index < 5 ? row : nil }
        #expect(policy.decided(scored) == plain.decided(makeBallots(blank)))
        #expect(policy.decided(scored) != nil)
    }

    @Test("Scores without bounds are measured by their own range")
    func unbounded() {
        let policy = SamplingPolicy(
            rule: .predicted,
            risk: 0.01,
            scoreWidth: nil,
            kMin: 1,
            kMax: 16,
            span: nil,
            vote: VoteRule(responseCount: 2)
        )
        for unit in [1e-3, 1, 1e3] {
            let rows = (0..<16).map { index in [(3 + Double(index % 2)) * unit, 1.5 * unit] }
            #expect(policy.stopped(makeBallots(rows)).count == 4)
        }
        let tied = makeBallots(Array(repeating: [0.25, 0.25], count: 16))
        #expect(policy.stopped(tied).reason == .kMax)
    }

    @Test("Means are narrow enough when all their intervals are")
    func width() {
        func policy(_ width: Double) -> SamplingPolicy {
            SamplingPolicy(
                rule: .fixed,
                risk: 0,
                scoreWidth: width,
                kMin: 1,
                kMax: 64,
                span: 9,
                vote: VoteRule(responseCount: 1)
            )
        }
        let still = makeBallots(Array(repeating: [7], count: 64))
        let restless = makeBallots((0..<64).map { [$0.isMultiple(of: 2) ? 5 : 9] })
        #expect(policy(3).stopped(still) == .init(count: 4, reason: .width, bound: nil))
        #expect(policy(1.2).stopped(still).count == 8)
        #expect(policy(1.2).stopped(restless).count > 40)
        #expect(policy(0.01).stopped(still).reason == .kMax)
    }
}

struct DistributionTests {
    @Test("The normal tail is that of the tables")
    func normalTail() {
        let known = [
            (0.0, 0.5), (1, 0.158655253931457), (1.959963984540054, 0.025),
            (2.999, 0.0013543365337271066), (3.001, 0.0013454728250849683),
            (5, 2.866515718791946e-07), (8, 6.220960574271819e-16),
        ]
        for (x, tail) in known {
            #expect(abs(NormalDistribution.upperTail(x) / tail - 1) < 1e-9, "\(x)")
            #expect(abs(NormalDistribution.upperTail(-x) - (1 - tail)) < 1e-12, "\(x)")
        }
        #expect(NormalDistribution.upperTail(100) == 0)
        #expect(NormalDistribution.upperTail(.infinity) == 0)
    }

    @Test("Student's quantiles are those of the tables")
    func student() {
        let known = [(3, 3.18245), (4, 2.77645), (7, 2.36462), (15, 2.13145), (255, 1.96931)]
        for (freedom, quantile) in known {
            let found = StudentDistribution.quantile975(freedom: freedom)
            #expect(abs(found - quantile) < 0.005, "\(freedom): \(found)")
        }
    }
}
