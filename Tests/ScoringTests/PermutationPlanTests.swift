import Testing

@testable import Scoring

struct PermutationPlanTests {
    @Test("Samples 2j and 2j + 1 see an order and its reverse", arguments: [2, 3, 4, 7, 64])
    func pairs(count: Int) {
        for seed in UInt64(0)..<20 {
            let plan = PermutationPlan(responseCount: count, seed: seed)
            for pair in 0..<8 {
                let order = plan.order(ofSample: 2 * pair)
                #expect(order.sorted() == Array(0..<count))
                #expect(plan.order(ofSample: 2 * pair + 1) == Array(order.reversed()))
            }
        }
    }

    @Test("One response has one order")
    func single() {
        let plan = PermutationPlan(responseCount: 1, seed: 3)
        #expect(plan.orders == [[0]])
        #expect(plan.order(ofSample: 9) == [0])
    }

    @Test(
        "No two pairs of a plan are equal, and no more are used than exist",
        arguments: [(2, 4, 2), (3, 4, 6), (4, 4, 8), (4, 100, 24), (9, 2, 4), (64, 1, 2)]
    )
    func distinct(count: Int, pairs: Int, orders: Int) {
        let plan = PermutationPlan(responseCount: count, seed: 11, pairCount: pairs)
        #expect(plan.orders.count == orders)
        #expect(Set(plan.orders).count == orders)
    }

    @Test("The default uses at most four orders, so that samples share prompts")
    func defaultIsFew() {
        #expect(PermutationPlan(responseCount: 8, seed: 1).orders.count == 4)
    }

    @Test("A seed gives the same orders again, and seeds differ")
    func seeded() {
        let plans = (UInt64(0)..<40).map { PermutationPlan(responseCount: 5, seed: $0).orders }
        #expect(
            plans == (UInt64(0)..<40).map { PermutationPlan(responseCount: 5, seed: $0).orders }
        )
        #expect(Set(plans).count > 30)
    }

    @Test("These orders never change: stored seeds must give the judgments they gave")
    func pinned() {
        let orders = [[0, 2, 1, 3], [3, 1, 2, 0], [0, 2, 3, 1], [1, 3, 2, 0]]
        #expect(PermutationPlan(responseCount: 4, seed: 42).orders == orders)
    }

    @Test("Over many seeds each response stands first about equally often")
    func unbiased() {
        var first = [0, 0, 0]
        for seed in UInt64(0)..<3000 {
            first[PermutationPlan(responseCount: 3, seed: seed).order(ofSample: 0)[0]] += 1
        }
        // Binomial(3000, 1/3): six standard deviations are 155.
        #expect(first.allSatisfy { abs($0 - 1000) < 155 }, "\(first)")
    }
}
