import Inference
import Testing

@Suite("The scheduler")
struct SchedulerTests {
    /// Random loads; the number of waiting samples is often above the rows of a step.
    private struct Load {
        let rowsMax: Int
        let chunkMax: Int
        let samples: [Int]
        let prompts: [Int]

        init(_ random: inout TokenizerFixture.Numbers) {
            chunkMax = Int.random(in: 1...20, using: &random)
            rowsMax = chunkMax + Int.random(in: 1...20, using: &random)
            let sampleCount = Int.random(in: 0...60, using: &random)
            samples = (0..<sampleCount).map { _ in Int.random(in: 0...3, using: &random) }
            let promptCount = Int.random(in: 0...5, using: &random)
            prompts = (0..<promptCount).map { _ in Int.random(in: 1...50, using: &random) }
        }
    }

    @Test("keeps every bound: rows of a step, the prompts' chunk, what each waits for")
    func bounds() {
        var random = TokenizerFixture.Numbers(seed: 1)
        for _ in 0..<300 {
            let load = Load(&random)
            var scheduler = Scheduler(rowsMax: load.rowsMax, chunkMax: load.chunkMax)
            for _ in 0..<5 {
                let plan = scheduler.plan(samples: load.samples, prompts: load.prompts)
                let sampleRows = plan.samples.reduce(0) { $0 + $1.count }
                let promptRows = plan.prompts.reduce(0) { $0 + $1.count }
                #expect(promptRows <= load.chunkMax)
                #expect(sampleRows + promptRows <= load.rowsMax)
                for share in plan.samples {
                    #expect(share.count > 0 && share.count <= load.samples[share.index])
                }
                for share in plan.prompts {
                    #expect(share.count > 0 && share.count <= load.prompts[share.index])
                }
                #expect(Set(plan.samples.map(\.index)).count == plan.samples.count)
                #expect(Set(plan.prompts.map(\.index)).count == plan.prompts.count)
            }
        }
    }

    @Test("leaves no room unused while something waits for it")
    func worksFully() {
        var random = TokenizerFixture.Numbers(seed: 2)
        for _ in 0..<300 {
            let load = Load(&random)
            var scheduler = Scheduler(rowsMax: load.rowsMax, chunkMax: load.chunkMax)
            let plan = scheduler.plan(samples: load.samples, prompts: load.prompts)
            let sampleRoom = load.prompts.isEmpty ? load.rowsMax : load.rowsMax - load.chunkMax
            let sampleRows = plan.samples.reduce(0) { $0 + $1.count }
            let promptRows = plan.prompts.reduce(0) { $0 + $1.count }
            #expect(sampleRows == min(sampleRoom, load.samples.reduce(0, +)))
            #expect(promptRows == min(load.chunkMax, load.prompts.reduce(0, +)))
        }
    }

    @Test("a waiting sample or prompt advances within as many steps as there are of its kind")
    func noneStarves() {
        var random = TokenizerFixture.Numbers(seed: 3)
        for _ in 0..<100 {
            let load = Load(&random)
            var scheduler = Scheduler(rowsMax: load.rowsMax, chunkMax: load.chunkMax)
            let stepCount = max(load.samples.count, load.prompts.count)
            var advanced: Set<Int> = []
            var fed: Set<Int> = []
            for _ in 0..<stepCount {
                let plan = scheduler.plan(samples: load.samples, prompts: load.prompts)
                advanced.formUnion(plan.samples.map(\.index))
                fed.formUnion(plan.prompts.map(\.index))
            }
            #expect(advanced == Set(load.samples.indices.filter { load.samples[$0] > 0 }))
            #expect(fed == Set(load.prompts.indices))
        }
    }

    @Test("a sample does not wait for a prompt, however long that is")
    func samplesPassPrompts() {
        var scheduler = Scheduler(rowsMax: 32, chunkMax: 16)
        for _ in 0..<10 {
            let plan = scheduler.plan(samples: [1, 1, 1], prompts: [100_000])
            #expect(plan.samples.count == 3)
            #expect(plan.prompts.map(\.count) == [16])
        }
    }
}
