/// A random stream that is a function of its place: (seed, sample, position) gives one number.
///
/// Nothing is carried from draw to draw, so a sample draws the same numbers whatever else runs.
/// The mixing is SplitMix64's finaliser, applied once for each part of the place.
package struct CounterRandom: Hashable, Sendable {
    private let key: UInt64

    /// Names the stream of one sample of one seed.
    package init(seed: UInt64, sample: UInt64) {
        key = Self.mix(Self.mix(seed) &+ sample &* 0x9e37_79b9_7f4a_7c15)
    }

    /// A number in [0, 1) with 53 random bits.
    package func uniform(at position: UInt64) -> Double {
        let bits = Self.mix(key &+ (position &+ 1) &* 0xd1b5_4a32_d192_ed03)
        return Double(bits >> 11) * 0x1p-53
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
