import Testing

@testable import Scoring

/// A way in which the scores of a full run come about.
struct ScoreLaw: Sendable, CustomTestStringConvertible {
    let name: String
    let responses: Int
    let kMax: Int
    let risk: Double
    /// The judgments of a full run, in the order in which they are drawn.
    let draw: @Sendable (inout CounterRandom) -> [[Double]?]

    var testDescription: String { name }

    init(
        _ name: String,
        responses: Int = 2,
        kMax: Int = 32,
        risk: Double = 0.05,
        draw: @escaping @Sendable (inout CounterRandom) -> [[Double]?]
    ) {
        self.name = name
        self.responses = responses
        self.kMax = kMax
        self.risk = risk
        self.draw = draw
    }

    /// A fixed population in random order.
    private static func shuffled(_ rows: [[Double]?], _ random: inout CounterRandom) -> [[Double]?]
    {
        var rows = rows
        random.shuffle(&rows)
        return rows
    }

    private static func many(_ row: [Double]?, _ count: Int) -> [[Double]?] {
        Array(repeating: row, count: count)
    }

    static let all = populations + independent

    /// Populations that mislead at the beginning: many small leads and a few great losses.
    private static let populations = [
        ScoreLaw("28 small leads, 4 great losses") {
            shuffled(many([6, 5], 28) + many([1, 10], 4), &$0)
        },
        ScoreLaw("30 leads of 1, 2 of losses that just turn it", kMax: 16) {
            shuffled(many([4, 3], 13) + many([3, 8], 3), &$0)
        },
        ScoreLaw("a coin of the greatest differences, tied at the end", kMax: 16, risk: 0.5) {
            shuffled(many([10, 1], 8) + many([1, 10], 8), &$0)
        },
        ScoreLaw("the same, one behind, K = 8", kMax: 8, risk: 0.5) {
            shuffled(many([10, 1], 4) + many([1, 10], 3) + many([1, 10], 1), &$0)
        },
        ScoreLaw("a winner by one point") {
            shuffled(
                many([10, 4], 12) + many([4, 10], 12) + many([5, 5], 7) + many([5, 6], 1),
                &$0
            )
        },
        ScoreLaw("a quarter without scores") {
            shuffled(many(nil, 8) + many([9, 2], 11) + many([2, 9], 13), &$0)
        },
        ScoreLaw("a drift that runs against the early leader") { random in
            let rows = (0..<32).map { index in [10 - Double(index) * 9 / 31, 5.6] }
            return shuffled(rows, &random)
        },
        ScoreLaw("four, three of them tied", responses: 4, kMax: 16) {
            shuffled(many([9, 3, 3, 3], 5) + many([3, 9, 3, 3], 5) + many([3, 3, 9, 3], 6), &$0)
        },
    ]

    /// Judgments that are drawn one by one.
    private static let independent = [
        ScoreLaw("equal responses, noisy") { noisy([5.5, 5.5], 1.5, 32, &$0) },
        ScoreLaw("three nearly equal ones", responses: 3) {
            noisy([5.6, 5.5, 5.4], 2, 32, &$0)
        },
        ScoreLaw("four, risk a half", responses: 4, kMax: 16, risk: 0.5) {
            noisy([5.5, 5.5, 5.4, 5], 1, 16, &$0)
        },
        ScoreLaw("a judge that likes the first place", responses: 2) { random in
            (0..<32).map { index in
                let liking = index.isMultiple(of: 2) ? 2.0 : -2
                return [
                    makeScore(5.5 + liking, noise: 1, &random),
                    makeScore(5.5 - liking, noise: 1, &random),
                ]
            }
        },
    ]

    private static func noisy(
        _ means: [Double],
        _ noise: Double,
        _ count: Int,
        _ random: inout CounterRandom
    ) -> [[Double]?] {
        (0..<count).map { _ in means.map { makeScore($0, noise: noise, &random) } }
    }
}

struct GuaranteedRuleTests {
    /// All responses with the greatest total of the full run.
    private static func winners(_ rows: [[Double]?]) -> Set<Int> {
        let counted = rows.compactMap(\.self)
        let totals = (counted.first ?? []).indices.map { response in
            counted.reduce(0) { $0 + $1[response] }
        }
        return Set(totals.indices.filter { totals[$0] == totals.max() })
    }

    /// Over all laws together 10^5.
    private static let runCount = 100_000 / ScoreLaw.all.count + 1

    @Test(
        "The share of early winners that do not win at k_max stays in the risk",
        arguments: ScoreLaw.all
    )
    func errorRate(law: ScoreLaw) {
        var random = CounterRandom(seed: 11, stream: 3)
        let policy = makePolicy(
            .guaranteed,
            kMax: law.kMax,
            responses: law.responses,
            risk: law.risk
        )
        var errors = 0
        for _ in 0..<Self.runCount {
            let rows = law.draw(&random)
            let stop = policy.stopped(makeBallots(rows))
            guard stop.count < law.kMax else { continue }
            let early = Lead.leader(of: Array(rows.prefix(stop.count)))
            if early.map({ !Self.winners(rows).contains($0) }) ?? true { errors += 1 }
        }
        #expect(Double(errors) <= law.risk * Double(Self.runCount), "\(errors) of \(Self.runCount)")
    }

    @Test("A bet against the truth seldom pays", arguments: [2.0, 4, 10, 20])
    func villesInequality(stake: Double) {
        var random = CounterRandom(seed: 5, stream: 8)
        let rule = GuaranteedRule(span: 9, kMax: 16, risk: 1)
        let populations: [[Double]] = [
            Array(repeating: 9, count: 8) + Array(repeating: -9, count: 8),
            Array(repeating: 1, count: 14) + [-7, -7],
            Array(repeating: 0.5, count: 15) + [-9],
        ]
        for population in populations {
            var paid = 0
            for _ in 0..<10_000 {
                var differences = population
                random.shuffle(&differences)
                if rule.greatestWealth(differences) >= stake { paid += 1 }
            }
            #expect(Double(paid) <= 10_000 / stake, "\(paid) at \(stake)")
        }
    }

    @Test("A clear winner is found with a bound of the risk, long before k_max")
    func clearWinner() {
        let policy = makePolicy(.guaranteed, kMax: 32)
        let stop = policy.stopped(makeBallots(Array(repeating: [9, 3], count: 32)))
        #expect(stop.reason == .guaranteed)
        #expect(stop.bound == 0.05)
        #expect(stop.count <= 10)
    }

    @Test("More rivals ask for more evidence")
    func moreRivals() {
        let counts = [2, 8, 64].map { responses in
            let row = [9.0] + Array(repeating: 4, count: responses - 1)
            let policy = makePolicy(.guaranteed, kMax: 64, responses: responses)
            return policy.stopped(makeBallots(Array(repeating: row, count: 64))).count
        }
        #expect(counts == counts.sorted())
        #expect(Set(counts).count == 3)
    }
}
