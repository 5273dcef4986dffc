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
                "compute threads", expected: "\(threadCount) threads", found: "the system refused")
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
                    pool, taskCount,
                    { context, index in
                        unsafe context?.assumingMemoryBound(to: Task.self).pointee.body(index)
                    }, context)
            }
        }
    }

    private struct Task {
        let body: (Int) -> Void
    }
}

/// The arithmetic in use on this machine, for logs and `grmctl status`.
package enum KernelSupport {
    /// The instruction set of the kernels, such as "avx2".
    package static var instructionSet: String { unsafe String(cString: ck_isa()) }

    /// The core type that OpenBLAS was built for and chose, such as "Zen".
    package static var blasCore: String {
        guard let name = unsafe openblas_get_corename() else { return "unknown" }
        return unsafe String(cString: name)
    }

    /// Makes every kernel use its portable form, for comparisons.
    package static func forcePortable(_ on: Bool) { ck_force_portable(on ? 1 : 0) }
}
