/// Which response stands where in each sample's prompt.
///
/// Samples 2j and 2j + 1 see an order and its reverse, so that over a pair every response has the
/// same mean position. Only a few pairs are used, in turn, because every distinct order is another
/// part of the prompt to prefill while samples of the same order share it. One pair already
/// balances positions; the second varies who stands beside whom. With 2 pairs the default k = 8
/// prefills 4 orders instead of 8. An order depends on the seed and the sample alone, so drawing k
/// and then 2k with one seed shares the first k.
///
/// Source: arXiv 2504.02495, section 4 (shuffling), with fewer distinct orders than samples.
package struct PermutationPlan: Hashable, Sendable {
    /// How many pairs of orders a plan uses unless told otherwise.
    package static let defaultPairCount = 2

    /// The orders in use, each followed by its reverse.
    ///
    /// Shape: [distinct orders][responses]
    package let orders: [[Int]]

    /// Plans the orders of all samples.
    ///
    /// - Parameters:
    ///   - responseCount: Number of responses, at least 1.
    ///   - seed: The request's seed.
    ///   - pairCount: The greatest number of pairs in use, at least 1.
    package init(
        responseCount: Int,
        seed: UInt64,
        pairCount: Int = PermutationPlan.defaultPairCount
    ) {
        precondition(responseCount >= 1 && pairCount >= 1, "a plan needs responses and orders")
        guard responseCount > 1 else {
            orders = [[0]]
            return
        }
        var random = CounterRandom(seed: seed, stream: Self.stream)
        var drawn: [[Int]] = []
        var known: Set<[Int]> = []
        while drawn.count < 2 * min(pairCount, Self.existingPairs(of: responseCount)) {
            let order = Self.order(of: responseCount, using: &random)
            let reverse = Array(order.reversed())
            guard known.insert(order).inserted else { continue }
            known.insert(reverse)
            drawn += [order, reverse]
        }
        orders = drawn
    }

    /// Which of `orders` a sample sees.
    package func orderIndex(ofSample index: Int) -> Int {
        precondition(index >= 0, "samples count from 0")
        return index % orders.count
    }

    /// The order that a sample sees: element p is the index of the response shown at position p.
    package func order(ofSample index: Int) -> [Int] { orders[orderIndex(ofSample: index)] }

    /// The number of orders that differ by more than reversal: n! / 2.
    ///
    /// From n = 4 on the 12 pairs that n = 4 has are as many as a plan uses.
    private static func existingPairs(of responseCount: Int) -> Int {
        switch responseCount {
        case 2: 1
        case 3: 3
        default: 12
        }
    }

    /// Fisher and Yates, written out because the standard library's shuffle may change with its
    /// version, and a seed must give the same orders in every build.
    private static func order(of count: Int, using random: inout CounterRandom) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, random.next(below: last + 1))
        }
        return order
    }

    /// Keeps these numbers apart from any other use of the request's seed.
    private static let stream: UInt64 = 0x6F72_6465_7273
}
