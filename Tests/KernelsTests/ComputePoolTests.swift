import Testing

@testable import Kernels

@Suite("Compute threads")
struct ComputePoolTests {
    @Test("each task of 10,000 rounds runs once", arguments: [1, 2, 3])
    func onceEach(threads: Int) throws {
        let pool = try ComputePool(threadCount: threads)
        var random = Samples(seed: UInt64(threads))
        let counts = (0..<12).map { _ in Counter() }
        for round in 0..<10_000 {
            let taskCount = Int.random(in: 0...12, using: &random)
            pool.run(taskCount) { task, _ in counts[task].add(1) }
            let found = counts.map { $0.add(-$0.value) }
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
            let count = Counter()
            if round % 2 == 0 { pool.run(3) { _, _ in count.add(1) } }
            #expect(count.value == (round % 2 == 0 ? 3 : 0))
        }
    }

    @Test("a thread's number is its own while a task runs", arguments: [1, 2, 3])
    func threadNumbers(threads: Int) throws {
        let pool = try ComputePool(threadCount: threads)
        let users = (0..<threads).map { _ in Counter() }
        let clashes = Counter()
        for _ in 0..<500 {
            pool.run(16) { _, thread in
                if users[thread].add(1) != 0 { clashes.add(1) }
                users[thread].add(-1)
            }
        }
        #expect(clashes.value == 0)
    }

    @Test("every form has a name and can be asked for; without asking it is the last")
    func support() {
        let forms = KernelSupport.forms
        #expect(forms.first == "portable")
        #expect(Set(forms).count == forms.count)
        #expect(KernelSupport.instructionSet == forms.last)
        for form in forms {
            #expect(KernelSupport.withForm(form) { KernelSupport.instructionSet } == form)
        }
        #expect(KernelSupport.instructionSet == forms.last)
        #expect(!KernelSupport.blasCore.isEmpty)
    }
}
