import Foundation

/// How a token is drawn from logits.
package struct SamplingParameters: Hashable, Sendable {
    /// 0 takes the most likely token.
    package var temperature: Float
    /// The share of probability that the most likely tokens must reach to be drawn from; 1 is all.
    package var topP: Float

    package init(temperature: Float, topP: Float = 1) {
        self.temperature = temperature
        self.topP = topP
    }
}

/// A random stream that is a function of its place: (seed, sample, position) gives one number.
///
/// Nothing is carried from draw to draw, so a sample draws the same numbers whatever else runs.
/// The mixing is SplitMix64's finaliser, applied once for each part of the place.
package struct CounterRandom: Hashable, Sendable {
    private let key: UInt64

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

/// Draws tokens from logits. Reuses its scratch; used by one thread.
package struct Sampler {
    private var weights: [Double] = []
    private var order: [Int] = []

    package init() {}

    /// Draws one of the candidates.
    ///
    /// - Parameters:
    ///   - logits: Finite values by token id.
    ///   - candidates: Token ids to choose from, ascending, not empty.
    ///   - uniform: A number in [0, 1).
    /// - Returns: The token; among equal logits the lowest id at temperature 0.
    package mutating func pick(
        from logits: Span<Float>, candidates: [TokenID], parameters: SamplingParameters,
        uniform: Double
    ) -> TokenID {
        var best = candidates[0]
        var peak = logits[Int(best.rawValue)]
        for id in candidates where logits[Int(id.rawValue)] > peak {
            best = id
            peak = logits[Int(id.rawValue)]
        }
        guard parameters.temperature > 0 else { return best }
        weights.removeAll(keepingCapacity: true)
        let scale = 1 / Double(parameters.temperature)
        for id in candidates {
            weights.append(exp(Double(logits[Int(id.rawValue)] - peak) * scale))
        }
        if parameters.topP < 1 { keepNucleus(share: Double(parameters.topP)) }
        return candidates[drawIndex(uniform)]
    }

    /// Sets the weights outside the nucleus to 0. Source: arXiv 1904.09751, Eq. 2.
    private mutating func keepNucleus(share: Double) {
        let total = weights.reduce(0, +)
        order = weights.indices.sorted {
            (weights[$0], $1) > (weights[$1], $0)
        }
        var sum = 0.0
        var kept = order.count
        for (rank, index) in order.enumerated() {
            sum += weights[index]
            if sum >= share * total {
                kept = rank + 1
                break
            }
        }
        for index in order[kept...] { weights[index] = 0 }
    }

    private func drawIndex(_ uniform: Double) -> Int {
        let target = uniform * weights.reduce(0, +)
        var sum = 0.0
        var last = 0
        for (index, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            last = index
            if sum > target { return index }
        }
        return last
    }
}
