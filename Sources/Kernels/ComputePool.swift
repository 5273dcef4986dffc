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
        self.threadCount = threadCount
    }

    deinit { unsafe ck_pool_destroy(pool) }

    /// Calls `body` once for each task, in any order, on any thread, and returns when all are done.
    func run(_ taskCount: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var task = Task(body: body)
            // Safety: the pool has left `task` when ck_pool_run returns.
            unsafe withUnsafeMutablePointer(to: &task) { context in
                unsafe ck_pool_run(
                    pool,
                    taskCount,
                    { context, index in
                        unsafe context?.assumingMemoryBound(to: Task.self).pointee.body(index)
                    },
                    context
                )
            }
        }
    }

    private struct Task {
        let body: (Int) -> Void
    }
}
