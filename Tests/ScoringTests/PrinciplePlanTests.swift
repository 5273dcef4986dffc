import Testing

@testable import Scoring

@Suite("The plan of kept and fresh principles")
struct PrinciplePlanTests {
    private static let shares = [0, 0.1, 0.25, 1.0 / 3, 0.5, 0.7, 0.9, 0.999_999_9]

    private func sources(_ plan: PrinciplePlan, pairs: Int) -> [PrinciplePlan.Source] {
        (0..<pairs).map { plan.source(ofSample: 2 * $0) }
    }

    @Test("An order and its reverse share one source", arguments: shares)
    func pairs(share: Double) {
        for seed in UInt64(0)..<50 {
            let plan = PrinciplePlan(setCount: 3, freshShare: share, seed: seed)
            for pair in 0..<64 {
                #expect(
                    plan.source(ofSample: 2 * pair) == plan.source(ofSample: 2 * pair + 1)
                )
            }
        }
    }

    @Test("Kept sets are used in order, each once before any twice", arguments: 1...20)
    func withoutReplacement(setCount: Int) {
        for share in Self.shares {
            for seed in UInt64(0)..<20 {
                let plan = PrinciplePlan(setCount: setCount, freshShare: share, seed: seed)
                let kept = sources(plan, pairs: 200).filter { $0 != .fresh }
                #expect(kept == kept.indices.map { .cached($0 % setCount) })
            }
        }
    }

    @Test("Any run of pairs has its share of fresh ones, rounded up or down", arguments: shares)
    func spread(share: Double) {
        for seed in UInt64(0)..<20 {
            let plan = PrinciplePlan(setCount: 2, freshShare: share, seed: seed)
            let all = sources(plan, pairs: 128)
            for first in 0..<128 {
                var freshCount = 0
                for end in first..<128 {
                    freshCount += all[end] == .fresh ? 1 : 0
                    let expected = Double(end - first + 1) * share
                    #expect(abs(Double(freshCount) - expected) <= 1 + 1e-4)
                }
            }
        }
    }

    @Test("The first pair has the best set whatever the seed, unless all are fresh")
    func firstPair() {
        for share in Self.shares {
            for seed in UInt64(0)..<500 {
                let plan = PrinciplePlan(setCount: 1, freshShare: share, seed: seed)
                #expect(plan.source(ofSample: 0) == .cached(0))
            }
        }
        let plan = PrinciplePlan(setCount: 5, freshShare: 1, seed: 1)
        #expect((0..<64).allSatisfy { plan.source(ofSample: $0) == .fresh })
    }

    @Test("Without kept sets everything is fresh", arguments: shares)
    func noSets(share: Double) {
        let plan = PrinciplePlan(setCount: 0, freshShare: share, seed: 9)
        #expect((0..<64).allSatisfy { plan.source(ofSample: $0) == .fresh })
    }

    @Test("A seed gives the same plan again, and seeds place the fresh pairs differently")
    func seeds() {
        let plans = (UInt64(0)..<32).map { seed in
            sources(PrinciplePlan(setCount: 4, seed: seed), pairs: 16)
        }
        #expect(
            plans
                == (UInt64(0)..<32).map { sources(PrinciplePlan(setCount: 4, seed: $0), pairs: 16) }
        )
        // With a quarter fresh and the first pair kept there are three places, all of them used.
        #expect(Set(plans).count == 3)
        for plan in plans { #expect(plan.count { $0 == .fresh } == 4) }
    }
}
