import Testing

@testable import Daemon

@Suite("Counts")
struct RequestCountersTests {
    @Test("Counts of many tasks are all there")
    func countsAll() async {
        let counters = RequestCounters()
        #expect(counters.now == RequestCounters.Counts())
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    for _ in 0..<1000 {
                        counters.update {
                            $0.requests += 1
                            $0.promptTokens += 2
                        }
                    }
                }
            }
        }
        #expect(counters.now.requests == 8000)
        #expect(counters.now.promptTokens == 16_000)
        #expect(counters.now.failed == 0)
    }
}
