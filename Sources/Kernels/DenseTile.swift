private import COpenBLAS

/// How many rows of activations one dense product takes at a time.
///
/// The sums of a row must not depend on its place in the tile. The BLAS promises no such thing, and
/// with 12, 16 or more rows its AVX2 kernels take some rows in another order than others; with 8,
/// 4 or 1 no kernel seen does. So the largest of these for which it is true is used.
enum DenseTile {
    /// Buffers are rounded up to this many rows.
    static let rowsMax = 8
    /// The rows of a tile on this machine.
    static let rows = [rowsMax, 4].first(where: isUniform) ?? 1

    /// Whether equal rows give equal bits in all places of a tile.
    private static func isUniform(rows: Int) -> Bool {
        openblas_set_num_threads(1)
        return [(64, 192), (96, 64), (576, 192), (1536, 33)].allSatisfy { columns, outputs in
            let row = (0..<columns).map { 1 / Float($0 * 7919 % 997 + 3) - 0.003 }
            let input = (0..<rows).flatMap { _ in row }
            let weights = (0..<outputs * columns).map { 1 / Float($0 * 104_729 % 991 + 2) - 0.01 }
            var output = [Float](repeating: 0, count: rows * outputs)
            // Safety: the arrays have the lengths that the call is told, and outlive it.
            unsafe cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasTrans,
                Int32(rows),
                Int32(outputs),
                Int32(columns),
                1,
                input,
                Int32(columns),
                weights,
                Int32(columns),
                0,
                &output,
                Int32(outputs)
            )
            return output[outputs...].indices.allSatisfy { output[$0] == output[$0 - outputs] }
        }
    }
}
