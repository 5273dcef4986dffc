import Synchronization
import Testing

@testable import Kernels

@Suite("Compute threads")
struct ComputePoolTests {
    @Test("each task of 10,000 rounds runs once", arguments: [1, 2, 3])
    func onceEach(threads: Int) throws {
        let pool = try ComputePool(threadCount: threads)
        var random = Samples(seed: UInt64(threads))
        let counts = Mutex([Int](repeating: 0, count: 12))
        for round in 0..<10_000 {
            let taskCount = Int.random(in: 0...12, using: &random)
            pool.run(taskCount) { task in counts.withLock { $0[task] += 1 } }
            let found = counts.withLock { counts in
                defer { for index in counts.indices { counts[index] = 0 } }
                return counts
            }
            let expected = (0..<12).map { $0 < taskCount ? 1 : 0 }
            guard found == expected else {
                Issue.record("round \(round): \(found) of \(taskCount) tasks")
                return
            }
        }
    }

    @Test("what a task wrote is there when the run returns")
    func visible() throws {
        let pool = try ComputePool(threadCount: 2)
        let values = Activations([[Float]](repeating: [1, 2], count: 64))
        for _ in 0..<100 {
            pool.add(Activations([[Float]](repeating: [1, 0], count: 64)), to: values)
        }
        #expect(values.rows == [[Float]](repeating: [101, 2], count: 64))
    }

    @Test("pools come and go, also unused and right after work")
    func lifetimes() throws {
        for round in 0..<200 {
            let pool = try ComputePool(threadCount: 2)
            let count = Mutex(0)
            if round % 2 == 0 { pool.run(3) { _ in count.withLock { $0 += 1 } } }
            #expect(count.withLock { $0 } == (round % 2 == 0 ? 3 : 0))
        }
    }

    @Test("the arithmetic in use has a name, and the portable form can be asked for")
    func support() {
        #expect(["avx2", "portable"].contains(KernelSupport.instructionSet))
        #expect(KernelSupport.withPortable { KernelSupport.instructionSet } == "portable")
        #expect(!KernelSupport.blasCore.isEmpty)
    }
}
