import Foundation
import Inference
import Testing

@Suite("The sampler")
struct SamplerTests {
    /// Draws from the candidates in both ways: as free text without the other tokens, and as a
    /// choice among few.
    private func pick(
        _ logits: [Float],
        _ parameters: SamplingParameters,
        uniform: Double,
        among candidates: [UInt32]? = nil
    ) -> UInt32? {
        let all = Array(0..<UInt32(logits.count))
        let ids = candidates ?? all
        var sampler = Sampler(
            vocabularyCount: logits.count,
            excluded: all.filter { !ids.contains($0) }.map { TokenID($0) }
        )
        let found = [.free, .only(ids.map { TokenID($0) })].map { allowed in
            sampler.pick(
                from: logits.span,
                among: allowed,
                parameters: parameters,
                uniform: uniform
            )
        }
        #expect(found[0] == found[1])
        return found[0]?.rawValue
    }

    @Test("temperature 0 takes the largest, and the lowest id of equals, whatever the number")
    func greedy() {
        for uniform in [0, 0.5, 0.999_999] {
            let zero = SamplingParameters(temperature: 0)
            #expect(pick([1, 3, 2], zero, uniform: uniform) == 1)
            #expect(pick([1, 3, 3, 3], zero, uniform: uniform) == 1)
            #expect(pick([5, 3, 3, 4], zero, uniform: uniform, among: [1, 2]) == 1)
            #expect(pick([-.greatestFiniteMagnitude, -1], zero, uniform: uniform) == 1)
        }
    }

    @Test("only candidates are drawn")
    func candidates() {
        for step in 0..<100 {
            let token = pick(
                [9, 1, 1, 9, 1],
                SamplingParameters(temperature: 2),
                uniform: Double(step) / 100,
                among: [1, 2, 4]
            )
            #expect([1, 2, 4].contains(token))
        }
    }

    @Test("the number walks through the candidates in proportion to their probabilities")
    func proportion() {
        // Probabilities 1/10, 2/10, 3/10, 4/10.
        let logits = [1, 2, 3, 4].map { Float(log(Double($0))) }
        let parameters = SamplingParameters(temperature: 1)
        let expected: [(Double, UInt32)] = [
            (0, 0), (0.0999, 0), (0.1001, 1), (0.2999, 1), (0.3001, 2), (0.5999, 2), (0.6001, 3),
            (0.999_999, 3),
        ]
        for (uniform, token) in expected {
            #expect(pick(logits, parameters, uniform: uniform) == token)
        }
    }

    @Test("top-p keeps the smallest set of likeliest tokens that reaches the share")
    func nucleus() {
        let logits = [1, 4, 3, 2].map { Float(log(Double($0))) }
        let tokens = { (share: Float) in
            Set(
                (0..<1000).map {
                    pick(
                        logits,
                        SamplingParameters(temperature: 1, topP: share),
                        uniform: (Double($0) + 0.5) / 1000
                    )
                }
            )
        }
        #expect(tokens(0.39) == [1])
        #expect(tokens(0.41) == [1, 2])
        #expect(tokens(0.69) == [1, 2])
        #expect(tokens(0.71) == [1, 2, 3])
        #expect(tokens(1) == [0, 1, 2, 3])
        #expect(tokens(0) == [1])
    }

    @Test("top-p takes the lowest id of equals first")
    func nucleusTies() {
        let parameters = SamplingParameters(temperature: 1, topP: 0.5)
        let tokens = (0..<10).map {
            pick([1, 1, 1, 1], parameters, uniform: Double($0) / 10)
        }
        #expect(tokens == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    }

    @Test("extreme temperatures and logits draw a candidate and nothing else")
    func extremes() {
        let logits: [Float] = [-3e38, 3e38, 0, 3e38]
        for temperature: Float in [1e-38, 1e-3, 1, 1e38] {
            for uniform in [0, 0.5, 0.999_999_999_999] {
                let parameters = SamplingParameters(temperature: temperature, topP: 0.9)
                #expect(pick(logits, parameters, uniform: uniform) != nil)
            }
        }
        #expect(pick(logits, SamplingParameters(temperature: 1e-38), uniform: 0.9) == 3)
    }

    @Test("a logit that is not finite breaks the draw where it may be drawn, and only there")
    func notFinite() {
        for bad in [Float.nan, .infinity, -.infinity] {
            for temperature: Float in [0, 1] {
                let parameters = SamplingParameters(temperature: temperature)
                #expect(pick([1, bad, 2], parameters, uniform: 0.5) == nil)
                #expect(pick([1, bad, 2], parameters, uniform: 0.9, among: [0, 2]) == 2)
            }
        }
    }

    @Test("a row that is longer than the vocabulary ends with it")
    func longRow() {
        var sampler = Sampler(vocabularyCount: 3, excluded: [])
        let logits: [Float] = [1, 2, 0, 9, .nan]
        for temperature: Float in [0, 0.01] {
            let token = sampler.pick(
                from: logits.span,
                among: .free,
                parameters: SamplingParameters(temperature: temperature),
                uniform: 0.5
            )
            #expect(token == TokenID(1))
        }
    }

    /// Chi-square with 7 degrees of freedom: the 0.999999 quantile is 42.7.
    ///
    /// The numbers are fixed.
    @Test("draws follow the distribution", arguments: [Float(0.5), 1, 1.5])
    func distribution(temperature: Float) {
        let logits: [Float] = [0.3, -1, 2, 1.1, 0, -0.4, 1.5, 0.9]
        let weights = logits.map { exp(Double($0 / temperature)) }
        let total = weights.reduce(0, +)
        let count = 20_000
        var found = [Int](repeating: 0, count: logits.count)
        let random = CounterRandom(seed: 12, sample: 1)
        for position in 0..<UInt64(count) {
            let uniform = random.uniform(at: position)
            let parameters = SamplingParameters(temperature: temperature)
            guard let token = pick(logits, parameters, uniform: uniform) else { continue }
            found[Int(token)] += 1
        }
        var statistic = 0.0
        for (observed, weight) in zip(found, weights) {
            let expected = Double(count) * weight / total
            statistic += (Double(observed) - expected) * (Double(observed) - expected) / expected
        }
        #expect(statistic < 42.7, "chi-square \(statistic)")
    }
}
