import Foundation
import Kernels
import Testing

@Suite("Drawing from a vocabulary")
struct VocabularyDrawTests {
    /// Logits of both signs, some of them equal.
    private func makeLogits(_ count: Int, spread: Float, seed: UInt64) -> [Float] {
        var random = Samples(seed: seed)
        return (0..<count).map { index in
            let value = Float.random(in: -spread...spread, using: &random)
            return index.isMultiple(of: 3) ? value.rounded() : value
        }
    }

    private func drawn(
        _ logits: [Float],
        excluded: [UInt32] = [],
        temperature: Float = 1,
        share: Float = 1,
        uniform: Double
    ) -> UInt32? {
        var draw = VocabularyDraw(count: logits.count, excluded: excluded)
        return draw.token(
            from: logits.span,
            temperature: temperature,
            share: share,
            uniform: uniform
        )
    }

    @Test(
        "the number walks through all tokens in proportion to their probabilities",
        arguments: [1, 15, 16, 17, 300, 4097, 49_152],
        [Float(0.7), 1.5]
    )
    func proportion(count: Int, temperature: Float) throws {
        let logits = makeLogits(count, spread: 6, seed: UInt64(count))
        let excluded = stride(from: 1, to: UInt32(count), by: 7).map { $0 }
        let weights = Reference.weights(logits, excluded: excluded, temperature: temperature)
        let total = weights.reduce(0, +)
        for step in 0..<40 {
            let uniform = Double(step) / 40
            let token = try #require(
                drawn(logits, excluded: excluded, temperature: temperature, uniform: uniform)
            )
            #expect(!excluded.contains(token))
            let before = weights[..<Int(token)].reduce(0, +)
            let after = before + weights[Int(token)]
            // A weight is off by the roundings of the difference and the quotient, each as large as
            // the exponent, and by two units of the exponential.
            let error = Reference.gamma(2) * 12 / Double(temperature) + Reference.gamma(4)
            #expect(before <= (uniform + 2 * error) * total)
            #expect(after >= (uniform - 2 * error) * total)
        }
    }

    @Test("a share keeps the smallest set of likeliest tokens", arguments: [Float(0.3), 0.95])
    func nucleus(share: Float) throws {
        for (index, spread) in [Float(0.2), 2, 8].enumerated() {
            let logits = makeLogits(2000, spread: spread, seed: UInt64(index))
            let weights = Reference.weights(logits, excluded: [5, 17], temperature: 1)
            let order = logits.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
            let target = Double(share) * weights.reduce(0, +)
            var (sum, count) = (0.0, 0)
            while sum < target {
                sum += weights[order[count]]
                count += 1
            }
            let kept: Set<UInt32?> = Set(order[..<count].map { UInt32($0) })
            // Numbers so dense that every kept token is met.
            let least = weights[order[count - 1]] / sum
            var draw = VocabularyDraw(count: logits.count, excluded: [5, 17])
            let found = Set(
                stride(from: 0, to: 1, by: least / 2).map {
                    draw.token(from: logits.span, temperature: 1, share: share, uniform: $0)
                }
            )
            #expect(found == kept)
        }
    }

    @Test("of equally likely tokens the first are kept, whether few or many")
    func ties() {
        for count in [4, 1024, 20_000] {
            let logits = [Float](repeating: -2, count: count)
            let last = drawn(logits, share: 0.25, uniform: 1 - 0x1p-53)
            #expect(last == UInt32(count / 4 - 1))
            #expect(drawn(logits, share: 0, uniform: 0.9) == 0)
            #expect(drawn(logits, excluded: [0, 2], share: 0, uniform: 0.9) == 1)
        }
    }

    @Test("temperature 0 takes the first of the largest that may be drawn")
    func greedy() {
        for count in [20, 5000] {
            var logits = [Float](repeating: -1, count: count)
            for place in [3, 11, 18] { logits[place] = 7 }
            #expect(drawn(logits, temperature: 0, uniform: 0.9) == 3)
            #expect(drawn(logits, excluded: [3, 4], temperature: 0, uniform: 0.9) == 11)
            #expect(drawn(logits, excluded: [3, 11, 18], temperature: 0, uniform: 0) == 0)
        }
    }

    @Test("a logit that is not finite breaks the draw wherever it may be drawn")
    func notFinite() {
        for bad in [Float.nan, .infinity, -.infinity] {
            for place in [0, 15, 16, 40] {
                var logits = [Float](repeating: 3e38, count: 41)
                logits[place] = bad
                for temperature: Float in [0, 1] {
                    #expect(drawn(logits, temperature: temperature, uniform: 0.5) == nil)
                    let without = drawn(
                        logits,
                        excluded: [UInt32(place)],
                        temperature: temperature,
                        uniform: 0.5
                    )
                    #expect(without != nil && without != UInt32(place))
                }
            }
        }
    }

    @Test("every form of the kernels draws the same tokens", arguments: [Float(0), 0.9, 1])
    func forms(share: Float) {
        let logits = makeLogits(3001, spread: 5, seed: 9)
        let results = KernelSupport.forms.map { form in
            KernelSupport.withForm(form) {
                (0..<200).map { step in
                    drawn(logits, excluded: [0, 100], share: share, uniform: Double(step) / 200)
                }
            }
        }
        for found in results { #expect(found == results[0]) }
    }
}

extension Reference {
    /// exp((logit - largest) / temperature) of each token, 0 for the excluded ones.
    static func weights(
        _ logits: [Float],
        excluded: [UInt32],
        temperature: Float
    ) -> [Double] {
        let gone = Set(excluded.map(Int.init))
        let peak = logits.indices.filter { !gone.contains($0) }.map { logits[$0] }.max() ?? 0
        return logits.indices.map { place in
            if gone.contains(place) { return 0 }
            return exp((Double(logits[place]) - Double(peak)) / Double(temperature))
        }
    }
}
