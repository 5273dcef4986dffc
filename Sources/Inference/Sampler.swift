import Foundation

/// Draws tokens from logits.
///
/// Reuses its scratch; used by one thread.
package struct Sampler {
    private var weights: [Double] = []
    private var order: [Int] = []

    /// Makes a sampler with empty scratch.
    package init() {}

    /// Draws one of the candidates.
    ///
    /// - Parameters:
    ///   - logits: Finite values by token id.
    ///   - candidates: Token ids to choose from, ascending, not empty.
    ///   - parameters: How they are weighed.
    ///   - uniform: A number in [0, 1).
    /// - Returns: The token; among equal logits the lowest id at temperature 0.
    package mutating func pick(
        from logits: Span<Float>,
        candidates: [TokenID],
        parameters: SamplingParameters,
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

    /// Sets the weights outside the nucleus to 0.
    ///
    /// Source: arXiv 1904.09751, Eq. 2.
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
