import Testing

@testable import Scoring

struct LoadLimitTests {
    private func load(_ pressure: Double) -> LoadLimit.Load {
        LoadLimit.Load(
            requestCount: 0,
            requestLimit: 8,
            keyValueShare: pressure,
            queueSeconds: 0,
            queueSecondsWanted: 1
        )
    }

    private func limits(_ pressures: [Double]) -> [Int] {
        var law = LoadLimit()
        return pressures.map { pressure in
            law.update(load(pressure))
            return law.limit(kMin: 2, kMax: 32)
        }
    }

    @Test("All up to the low mark, the least from the high mark on, equal shares between them")
    func law() {
        #expect(limits([0, 0.5, 0.6, 0.7, 0.8, 0.9, 1]) == [32, 32, 16, 8, 4, 2, 2])
    }

    @Test("Pressure is the greatest of the three shares, and never beyond 1")
    func pressure() {
        var load = load(0.3)
        #expect(load.pressure == 0.3)
        load.requestCount = 6
        #expect(load.pressure == 0.75)
        load.queueSeconds = 0.9
        #expect(load.pressure == 0.9)
        load.queueSeconds = 7
        #expect(load.pressure == 1)
        (load.queueSeconds, load.queueSecondsWanted, load.keyValueShare) = (0, 0, .nan)
        #expect(load.pressure == 0.75)
    }

    @Test("More pressure at every moment never gives more judgments")
    func monotone() {
        for seed in UInt64(0)..<200 {
            var random = CounterRandom(seed: seed, stream: 6)
            let low = (0..<100).map { _ in random.nextUnit() }
            let high = low.map { $0 + (1 - $0) * random.nextUnit() * 0.3 }
            #expect(zip(limits(low), limits(high)).allSatisfy { $0 >= $1 })
        }
    }

    @Test("Within a band as wide as the gap the limit never rises")
    func noFlapping() {
        for seed in UInt64(0)..<200 {
            var random = CounterRandom(seed: seed, stream: 7)
            let bottom = 0.9 * random.nextUnit()
            let found = limits((0..<100).map { _ in bottom + 0.1 * random.nextUnit() })
            #expect(zip(found, found.dropFirst()).allSatisfy { $0 >= $1 })
        }
    }

    @Test("The limit rises again once pressure is lower by more than the gap")
    func recovery() {
        #expect(limits([0.95, 0.86, 0.6, 0.45, 0.39]) == [2, 2, 8, 23, 32])
    }

    @Test("It stays between k_min and k_max for every pair and pressure")
    func bounds() {
        for pressure in stride(from: 0.0, through: 1, by: 0.01) {
            var law = LoadLimit()
            law.update(load(pressure))
            for (kMin, kMax) in [(1, 1), (1, 2), (1, 256), (7, 8), (8, 8)] {
                #expect((kMin...kMax).contains(law.limit(kMin: kMin, kMax: kMax)))
            }
        }
    }
}
