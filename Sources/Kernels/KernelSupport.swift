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

    /// The forms of the kernels that this machine can run, the portable one first.
    package static var forms: [String] {
        // Safety: the names are constants of the library.
        (0..<ck_form_count()).map { unsafe String(cString: ck_form_name($0)) }
    }

    /// Makes the kernels use one of `forms` on this thread while `body` runs, for comparisons.
    ///
    /// A pool of one thread computes on the thread that calls it.
    package static func withForm<Result, Failure: Error>(
        _ form: String,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let index = forms.firstIndex(of: form) else {
            preconditionFailure("no form \(form) on this machine")
        }
        ck_force_form(Int32(index))
        defer { ck_force_form(-1) }
        return try body()
    }
}
