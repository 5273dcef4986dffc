/// Which kept set of principles each sample is judged by, and which samples have new ones written.
///
/// Samples 2j and 2j + 1 see an order and its reverse, so they share one source: other principles
/// would look like an effect of position. The pairs with a kept set take the sets in turn, the best
/// first, and go round when all were used. A share of the pairs is fresh, spread as evenly as whole
/// pairs allow, because votes that all rest on old principles can only repeat old mistakes; the seed
/// decides which pairs. The first pair has the best set, and a fresh one only where all are fresh.
///
/// A source depends on the seed and the sample alone, never on how many samples there are, so drawing
/// k and then 2k with one seed shares the first k.
///
/// Source: METHOD.md, principles cached.
package struct PrinciplePlan: Hashable, Sendable {
    /// Where the principles of a sample come from.
    package enum Source: Hashable, Sendable {
        /// The kept set with this index, 0 being the best.
        case cached(Int)
        /// The judge writes new ones.
        case fresh
    }

    /// The share of fresh pairs unless a caller or the configuration says otherwise.
    package static let defaultFreshShare = 0.25

    private let setCount: Int
    /// Fresh pairs, in parts of `whole`: whole numbers, so that no rounding moves a pair.
    private let share: Int
    /// How much of a fresh pair was there before the first pair, in the same parts.
    private let start: Int

    /// Plans the sources of all samples.
    ///
    /// - Parameters:
    ///   - setCount: Kept sets, best first; with 0 every sample is fresh.
    ///   - freshShare: Share of the pairs that is fresh, in 0...1; with 1 every sample is fresh.
    ///   - seed: The request's seed.
    package init(
        setCount: Int,
        freshShare: Double = PrinciplePlan.defaultFreshShare,
        seed: UInt64
    ) {
        precondition(setCount >= 0, "a plan cannot have fewer than no sets")
        precondition((0...1).contains(freshShare), "a share is a number in 0...1")
        self.setCount = setCount
        share = Int((freshShare * Double(Self.whole)).rounded())
        var random = CounterRandom(seed: seed, stream: Self.stream)
        // Below this the first pair has a kept set.
        start = random.next(below: max(1, Self.whole - share))
    }

    /// Where the principles of a sample come from.
    package func source(ofSample index: Int) -> Source {
        precondition(index >= 0, "samples count from 0")
        let pair = index / 2
        guard setCount > 0, share < Self.whole else { return .fresh }
        let before = freshCount(ofPairs: pair)
        guard freshCount(ofPairs: pair + 1) == before else { return .fresh }
        return .cached((pair - before) % setCount)
    }

    /// How many of the first pairs are fresh: each whole number that the running sum reaches is one.
    private func freshCount(ofPairs count: Int) -> Int {
        (start + count * share) / Self.whole
    }

    private static let whole = 1 << 30
    /// Keeps these numbers apart from any other use of the request's seed.
    private static let stream: UInt64 = 0x7072_696E_6369_706C
}
