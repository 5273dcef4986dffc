import Foundation

/// The engine's own thread, as a serial executor: no forward pass runs on the cooperative pool.
///
/// Safety (Sendable): the queue is guarded by the condition's lock; jobs run on one thread.
final class EngineThread: SerialExecutor, @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isStopped = false

    init(name: String) {
        // The thread keeps only the queue it reads, so that dropping the engine ends it.
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    /// Ends the thread once the jobs that wait have run.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.signal()
        }
    }

    private func run() {
        while let batch = nextJobs() {
            for job in batch {
                // Safety: each job was handed over by `enqueue` and runs once, here.
                unsafe job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }

    private func nextJobs() -> [UnownedJob]? {
        condition.withLock {
            while jobs.isEmpty && !isStopped { condition.wait() }
            guard !jobs.isEmpty else { return nil }
            defer { jobs = [] }
            return jobs
        }
    }
}
