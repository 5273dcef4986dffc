import Inference
import Testing

@Suite("Counter-based random numbers")
struct CounterRandomTests {
    @Test("one place gives one number, whatever was asked before")
    func pure() {
        let random = CounterRandom(seed: 7, sample: 3)
        let first = (0..<50).map { random.uniform(at: $0) }
        let backwards = (0..<50).reversed().map { random.uniform(at: $0) }
        #expect(first == backwards.reversed())
        #expect(CounterRandom(seed: 7, sample: 3).uniform(at: 11) == first[11])
    }

    @Test("seeds, samples and positions give different numbers")
    func distinct() {
        var seen: Set<Double> = []
        for seed in UInt64(0)..<20 {
            for sample in UInt64(0)..<20 {
                let random = CounterRandom(seed: seed, sample: sample)
                for position in UInt64(0)..<20 { seen.insert(random.uniform(at: position)) }
            }
        }
        #expect(seen.count == 8000)
    }

    @Test("extreme seeds give numbers in [0, 1)")
    func range() {
        for seed in [0, 1, UInt64.max] {
            for position in [0, 1, UInt64.max - 1, UInt64.max] {
                let value = CounterRandom(seed: seed, sample: seed).uniform(at: position)
                #expect(value >= 0 && value < 1)
            }
        }
    }

    /// Chi-square with 99 degrees of freedom: the 0.999999 quantile is 177.
    ///
    /// The numbers are fixed, so the test does not fail by chance.
    @Test("numbers are uniform along positions, along samples and along seeds")
    func uniform() {
        let streams: [(String, (UInt64) -> Double)] = [
            ("positions", { CounterRandom(seed: 1, sample: 0).uniform(at: $0) }),
            ("samples", { CounterRandom(seed: 1, sample: $0).uniform(at: 0) }),
            ("seeds", { CounterRandom(seed: $0, sample: 0).uniform(at: 0) }),
        ]
        for (name, stream) in streams {
            var counts = [Int](repeating: 0, count: 100)
            for index in UInt64(0)..<20_000 { counts[Int(stream(index) * 100)] += 1 }
            let statistic = counts.reduce(0.0) {
                $0 + (Double($1) - 200) * (Double($1) - 200) / 200
            }
            #expect(statistic < 177, "\(name): chi-square \(statistic)")
        }
    }

    @Test("neighbouring positions are not correlated")
    func correlation() {
        let random = CounterRandom(seed: 99, sample: 4)
        let values = (0..<20_001).map { random.uniform(at: $0) - 0.5 }
        let product = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        // The sum of 20,000 products of variance 1/144 has a deviation of 11.8; five of them.
        #expect(abs(product) < 59)
    }
}
