private import CKernels
private import COpenBLAS

/// The compute threads of one engine: fork-join over numbered tasks.
///
/// Used by one thread at a time. The threads sleep when there is no work.
///
/// Safety: `pool` is made in `init`, freed in `deinit`, and used between the two only.
@safe package final class ComputePool {
    /// Threads that compute, the caller's included.
    package let threadCount: Int
    private let pool: OpaquePointer
    /// Floats that each thread has for itself, one after the other.
    private var scratch: UnsafeMutableBufferPointer<Float>
    private var scratchStride = 0

    /// Starts the threads.
    ///
    /// - Throws: `KernelError` if the system refuses a thread.
    package init(threadCount: Int) throws(KernelError) {
        precondition(threadCount > 0)
        // Our threads are the parallelism; a BLAS that starts its own would fight them.
        openblas_set_num_threads(1)
        guard let pool = unsafe ck_pool_create(threadCount) else {
            throw KernelError(
                "compute threads",
                expected: "\(threadCount) threads",
                found: "the system refused"
            )
        }
        unsafe self.pool = pool
        unsafe scratch = .allocate(capacity: 0)
        self.threadCount = threadCount
    }

    deinit {
        unsafe ck_pool_destroy(pool)
        unsafe scratch.deallocate()
    }

    /// Calls `body` once for each task, in any order, on any thread, and returns when all are done.
    ///
    /// The second argument is the number of the thread, from 0.
    func run(_ taskCount: Int, _ body: (Int, Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var task = Task(body: body)
            // Safety: the pool has left `task` when ck_pool_run returns.
            unsafe withUnsafeMutablePointer(to: &task) { context in
                unsafe ck_pool_run(
                    pool,
                    taskCount,
                    { context, index, thread in
                        let task = unsafe context?.assumingMemoryBound(to: Task.self)
                        unsafe task?.pointee.body(index, thread)
                    },
                    context
                )
            }
        }
    }

    /// Calls `body` once for each row in use.
    ///
    /// Rows go to the threads some at a time: taking a task costs as much as a small row. Few rows
    /// are not worth the threads at all.
    func runRows(of x: Activations, _ body: (Int) -> Void) {
        let taskCount = x.count * x.columns < Self.elementsMin ? 1 : min(x.count, 4 * threadCount)
        run(taskCount) { task, _ in
            for row in task * x.count / taskCount..<(task + 1) * x.count / taskCount { body(row) }
        }
    }

    private static let elementsMin = 8192

    private struct Task {
        let body: (Int, Int) -> Void
    }

    // MARK: Scratch

    /// Makes room for `count` floats for each thread; their values are whatever they were.
    func reserveScratch(_ count: Int) {
        guard count > scratchStride else { return }
        unsafe scratch.deallocate()
        scratchStride = (count + 1023) / 1024 * 1024
        unsafe scratch = .allocate(capacity: scratchStride * threadCount)
    }

    /// The scratch of one thread.
    ///
    /// Safety: the room was reserved, and each thread has its own.
    func scratch(of thread: Int) -> UnsafeMutablePointer<Float> {
        precondition(thread < threadCount && scratchStride > 0)
        // A buffer of more than no floats has an address.
        return unsafe scratch.extracting(thread * scratchStride..<(thread + 1) * scratchStride)
            .baseAddress.unsafelyUnwrapped
    }
}
