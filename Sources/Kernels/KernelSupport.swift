private import CKernels
private import COpenBLAS

/// The arithmetic in use on this machine, for logs and `grmctl status`.
package enum KernelSupport {
    /// The instruction set of the kernels, such as "avx2".
    // Safety: the name is a constant of the library.
    package static var instructionSet: String { unsafe String(cString: ck_isa()) }

    /// The core type that OpenBLAS was built for and chose, such as "Zen".
    package static var blasCore: String {
        // Safety: the name is a constant of the library.
        guard let name = unsafe openblas_get_corename() else { return "unknown" }
        return unsafe String(cString: name)
    }

    /// Makes the kernels use their portable form on this thread while `body` runs, for comparisons.
    ///
    /// A pool of one thread computes on the thread that calls it.
    package static func withPortable<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        ck_force_portable(1)
        defer { ck_force_portable(0) }
        return try body()
    }
}
