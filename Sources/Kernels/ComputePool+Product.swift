private import CKernels
private import COpenBLAS

extension ComputePool {
    /// One product of a shared input: `output` = input x `weights` transposed.
    package struct Product {
        package let weights: WeightMatrix
        package let output: Activations

        /// Names a product; `output` has a column for each row of `weights`.
        package init(_ weights: WeightMatrix, into output: Activations) {
            self.weights = weights
            self.output = output
        }
    }

    /// Multiplies every row of the input by each of the matrices.
    ///
    /// A row's result does not depend on the other rows, on its place, nor on the thread count: the
    /// block kernels treat each row alone, and dense products always run over whole tiles
    /// (`DenseTile`) and fixed slices of the weights.
    ///
    /// Shape: input [count, columns]; each output becomes [count, weights.rows].
    package func multiply(_ input: Activations, by products: [Product]) {
        for product in products {
            precondition(product.weights.columns == input.columns)
            precondition(product.weights.rows == product.output.columns)
            product.output.resize(to: input.count)
        }
        if products.contains(where: { $0.weights.format.isQuantized }) { quantize(input) }
        let slices = products.flatMap { product in
            Slice.cut(product.weights).map { (product, $0) }
        }
        run(slices.count) { index in
            let (product, rows) = slices[index]
            if product.weights.format.isQuantized {
                multiplyBlocks(input, product, rows)
            } else {
                multiplyDense(input, product, rows)
            }
        }
    }

    private enum Slice {
        /// Rows of weights that one task takes: fixed, so that results do not depend on threads.
        static func cut(_ weights: WeightMatrix) -> [Range<Int>] {
            let length = weights.format.isQuantized ? 64 : 192
            return stride(from: 0, to: weights.rows, by: length).map {
                $0..<min($0 + length, weights.rows)
            }
        }
    }

    private func quantize(_ input: Activations) {
        let blocks = input.columns / NumberFormat.blockCount
        // Safety: planes have room for `capacity` rows, and the tasks write to rows of their own.
        run(input.count) { row in
            unsafe ck_quantize(
                input.pointer(row: row),
                input.columns,
                input.quants + row * input.columns,
                input.scales + row * blocks,
                input.sums + row * blocks
            )
        }
    }
}

/// One slice of a product with a block matrix.
///
/// Safety: shapes were checked by `multiply`; tasks write to columns of their own of each output.
private func multiplyBlocks(
    _ input: Activations,
    _ product: ComputePool.Product,
    _ rows: Range<Int>
) {
    let output = product.output
    let activations = unsafe ck_activations(
        quants: input.quants,
        scales: input.scales,
        sums: input.sums
    )
    let kernel = unsafe product.weights.format == .q8 ? ck_matmul_q8 : ck_matmul_q4
    unsafe withUnsafePointer(to: product.weights.blocks) { weights in
        unsafe withUnsafePointer(to: activations) { activations in
            unsafe kernel(
                weights,
                rows.lowerBound,
                rows.upperBound,
                activations,
                input.count,
                output.values,
                output.columns
            )
        }
    }
}

/// One slice of a product with a matrix of floats.
///
/// Safety: buffers have room for whole tiles; rows past `count` hold old values that no row in use
/// depends on.
private func multiplyDense(
    _ input: Activations,
    _ product: ComputePool.Product,
    _ rows: Range<Int>
) {
    let weights = product.weights
    let columns = weights.columns
    guard weights.format == .bf16 else {
        let slice = unsafe weights.base.assumingMemoryBound(to: Float.self)
        unsafe multiplyTiles(input, slice + rows.lowerBound * columns, rows, product.output)
        return
    }
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * columns) {
        scratch in
        guard let widened = scratch.baseAddress else { return }
        let slice = unsafe weights.base.assumingMemoryBound(to: UInt16.self)
        unsafe ck_bfloat_to_float(slice + rows.lowerBound * columns, scratch.count, widened)
        unsafe multiplyTiles(input, widened, rows, product.output)
    }
}

/// Multiplies whole tiles of rows by a slice of weights.
///
/// Safety: `weights` has a row for each of `rows`, and both buffers have room for whole tiles.
private func multiplyTiles(
    _ input: Activations,
    _ weights: UnsafePointer<Float>,
    _ rows: Range<Int>,
    _ output: Activations
) {
    let columns = Int32(input.columns)
    for tile in stride(from: 0, to: input.count, by: DenseTile.rows) {
        unsafe cblas_sgemm(
            CblasRowMajor,
            CblasNoTrans,
            CblasTrans,
            Int32(DenseTile.rows),
            Int32(rows.count),
            columns,
            1,
            input.values + tile * input.columns,
            columns,
            weights,
            columns,
            0,
            output.values + tile * output.columns + rows.lowerBound,
            Int32(output.columns)
        )
    }
}
