import Kernels

/// The arithmetic in use on this machine, for logs and `grmctl status`.
package enum EngineArithmetic {
    /// The instruction set of the kernels, such as "avx2".
    package static var kernels: String { KernelSupport.instructionSet }

    /// The core type that OpenBLAS chose, such as "Zen"; a wrong one halves the speed of f32.
    package static var blas: String { KernelSupport.blasCore }
}
