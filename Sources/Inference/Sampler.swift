import Foundation
import Kernels

/// Draws tokens from logits.
///
/// Reuses its scratch; used by one thread.
package struct Sampler {
    private var vocabulary: VocabularyDraw

    /// Makes a sampler of free text.
    ///
    /// - Parameters:
    ///   - vocabularyCount: Tokens; a row of logits may be longer.
    ///   - excluded: Tokens that free text may not hold, ascending.
    package init(vocabularyCount: Int, excluded: [TokenID]) {
        vocabulary = VocabularyDraw(count: vocabularyCount, excluded: excluded.map(\.rawValue))
    }

    /// Draws one of the tokens that are allowed.
    ///
    /// - Parameters:
    ///   - logits: By token id.
    ///   - allowed: Any token of free text, or a few; those ascending, not empty.
    ///   - parameters: How they are weighed.
    ///   - uniform: A number in [0, 1).
    /// - Returns: The token, of equal logits the lowest id at temperature 0; nil if the logit of an
    ///   allowed token is not finite.
    package mutating func pick(
        from logits: Span<Float>,
        among allowed: SampleText.Allowed,
        parameters: SamplingParameters,
        uniform: Double
    ) -> TokenID? {
        switch allowed {
        case .free:
            return vocabulary.token(
                from: logits,
                temperature: parameters.temperature,
                share: parameters.topP,
                uniform: uniform
            ).map(TokenID.init)
        case .only(let tokens):
            let few = tokens.map { logits[Int($0.rawValue)] }
            guard few.allSatisfy(\.isFinite) else { return nil }
            return tokens[Self.place(in: few, parameters: parameters, uniform: uniform)]
        }
    }

    /// The model's probabilities of a few tokens among themselves, at temperature 1.
    ///
    /// - Returns: In the order of the tokens; nothing for free text.
    package static func weights(
        of logits: Span<Float>,
        among allowed: SampleText.Allowed
    ) -> [Double] {
        guard case .only(let tokens) = allowed else { return [] }
        let few = tokens.map { Double(logits[Int($0.rawValue)]) }
        let largest = few.max() ?? 0
        let shares = few.map { exp($0 - largest) }
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }

    /// The place that is drawn from a few logits, as from a vocabulary.
    private static func place(
        in logits: [Float],
        parameters: SamplingParameters,
        uniform: Double
    ) -> Int {
        var best = 0
        for place in logits.indices where logits[place] > logits[best] { best = place }
        guard parameters.temperature > 0 else { return best }
        let scale = 1 / Double(parameters.temperature)
        var weights = logits.map { exp(Double($0 - logits[best]) * scale) }
        if parameters.topP < 1 { keepNucleus(of: &weights, share: Double(parameters.topP)) }
        return drawIndex(weights, uniform)
    }

    /// Sets the weights outside the nucleus to 0.
    ///
    /// Source: arXiv 1904.09751, Eq. 2.
    private static func keepNucleus(of weights: inout [Double], share: Double) {
        let total = weights.reduce(0, +)
        let order = weights.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
        var sum = 0.0
        for (rank, index) in order.enumerated() {
            if rank > 0 && sum >= share * total { weights[index] = 0 }
            sum += weights[index]
        }
    }

    private static func drawIndex(_ weights: [Double], _ uniform: Double) -> Int {
        let target = uniform * weights.reduce(0, +)
        var sum = 0.0
        var last = 0
        for (index, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            last = index
            if sum > target { break }
        }
        return last
    }
}
