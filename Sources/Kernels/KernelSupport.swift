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

    /// Makes every kernel use its portable form, for comparisons.
    package static func forcePortable(_ on: Bool) { ck_force_portable(on ? 1 : 0) }
}
