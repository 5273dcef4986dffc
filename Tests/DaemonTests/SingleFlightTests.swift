import Daemon
import Synchronization
import Testing

@Suite("One maker of what many want")
struct SingleFlightTests {
    private struct Failure: Error {}

    /// Opens once; what waits for it before goes on then.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func wait() async throws {
            while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// A number that many tasks change.
    private final class Count: Sendable {
        private let value = Mutex(0)

        var now: Int { value.withLock { $0 } }

        /// Adds, and returns what was there before.
        @discardableResult
        func add(_ number: Int) -> Int {
            value.withLock { value in
                defer { value += number }
                return value
            }
        }
    }

    private let flight = SingleFlight<Int>()

    private func waiters(_ count: Int) async throws -> Bool {
        try await eventually { flight.waiterCount(of: "k") == count }
    }

    @Test("One makes the value, all have it, and other keys do not wait")
    func shares() async throws {
        let made = Count()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await flight.run("k") {
                        made.add(1)
                        try await gate.wait()
                        return 7
                    }
                }
            }
            #expect(try await waiters(19))
            #expect(try await flight.run("other") { 8 } == 8)
            gate.open()
            for try await value in group { #expect(value == 7) }
        }
        #expect(made.now == 1)
        #expect(try await flight.run("k") { 9 } == 9, "values are not kept")
    }

    @Test("After a failure one waiter makes the value, and only the failed one has the failure")
    func takesOver() async throws {
        let made = Count()
        let gate = Gate()
        let started = Gate()
        let first = Task {
            try await flight.run("k") {
                started.open()
                try await gate.wait()
                throw Failure()
            }
        }
        try await started.wait()
        let others = (0..<10).map { _ in
            Task {
                try await flight.run("k") {
                    made.add(1)
                    return 5
                }
            }
        }
        #expect(try await waiters(10))
        gate.open()
        await #expect(throws: Failure.self) { try await first.value }
        for other in others { #expect(try await other.value == 5) }
        #expect(made.now == 1)
    }

    @Test("When every attempt fails each has its own failure and nobody hangs")
    func allFail() async throws {
        let running = Count()
        let failures = Count()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    do {
                        _ = try await flight.run("k") {
                            let before = running.add(1)
                            #expect(before == 0, "two make it at once")
                            await Task.yield()
                            running.add(-1)
                            throw Failure()
                        }
                    } catch {
                        failures.add(error is Failure ? 1 : 0)
                    }
                }
            }
        }
        #expect(failures.now == 30)
        #expect(try await flight.run("k") { 1 } == 1)
    }

    @Test("A cancelled waiter returns at once; a cancelled maker hands on")
    func cancels() async throws {
        let gate = Gate()
        let started = Gate()
        let maker = Task {
            try await flight.run("k") {
                started.open()
                try await gate.wait()
                return 1
            }
        }
        try await started.wait()
        let waiter = Task { try await flight.run("k") { 2 } }
        #expect(try await waiters(1))
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(try await waiters(0))
        let next = Task { try await flight.run("k") { 3 } }
        #expect(try await waiters(1))
        maker.cancel()
        await #expect(throws: CancellationError.self) { try await maker.value }
        #expect(try await next.value == 3)
    }

    @Test("Cancellation and failure at any moment leave nobody waiting")
    func storm() async throws {
        for round in 0..<200 {
            let tasks = (0..<8).map { index in
                Task {
                    try await flight.run("k") {
                        await Task.yield()
                        if (index + round) % 3 == 0 { throw Failure() }
                        try Task.checkCancellation()
                        return index
                    }
                }
            }
            for (index, task) in tasks.enumerated() where (index * 7 + round) % 4 == 0 {
                task.cancel()
            }
            for task in tasks { _ = await task.result }
            #expect(flight.waiterCount(of: "k") == 0)
        }
        #expect(try await flight.run("k") { 1 } == 1)
    }
}
