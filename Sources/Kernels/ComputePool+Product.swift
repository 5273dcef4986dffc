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
    /// A row's result does not depend on the other rows, on its place, nor on the thread count: our
    /// kernels treat each row alone, and products with floats, which the BLAS computes, always run
    /// over whole tiles (`DenseTile`) and fixed slices of the weights.
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
            cut(product.weights).map { (product, $0) }
        }
        run(slices.count) { index, _ in
            let (product, rows) = slices[index]
            switch product.weights.format {
            case .q8, .q4: multiplyBlocks(input, product, rows)
            case .bf16: multiplyPanels(input, product, rows)
            case .f32: multiplyDense(input, product, rows)
            }
        }
    }

    /// Rows of weights that one task takes.
    ///
    /// A product with panels gives the same bits however they are shared out: a few slices for each
    /// thread. One with floats is cut the same way whatever the threads.
    private func cut(_ weights: WeightMatrix) -> [Range<Int>] {
        let panel = NumberFormat.panelRows
        let panels = (weights.rows + panel - 1) / panel
        let length =
            weights.format == .f32 ? 192 : max(1, panels / (8 * threadCount)) * panel
        return stride(from: 0, to: weights.rows, by: length).map {
            $0..<min($0 + length, weights.rows)
        }
    }

    private func quantize(_ input: Activations) {
        let blocks = input.columns / NumberFormat.blockCount
        // Safety: planes have room for `capacity` rows, and the tasks write to rows of their own.
        runRows(of: input) { row in
            unsafe ck_quantize(
                input.pointer(row: row),
                input.columns,
                input.quants + row * input.columns,
                input.scales + row * blocks,
                input.sums + row * blocks,
                input.totals + row * blocks
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
        sums: input.sums,
        totals: input.totals
    )
    let kernel = unsafe product.weights.format == .q8 ? ck_matmul_q8 : ck_matmul_q4
    unsafe withUnsafePointer(to: product.weights.blocks) { weights in
        unsafe withUnsafePointer(to: activations) { activations in
            unsafe kernel(
                weights,
                rows.lowerBound / NumberFormat.panelRows,
                (rows.upperBound + NumberFormat.panelRows - 1) / NumberFormat.panelRows,
                activations,
                input.count,
                output.values,
                output.columns
            )
        }
    }
}

/// One slice of a product with a matrix of bfloat16.
///
/// Safety: as for `multiplyBlocks`.
private func multiplyPanels(
    _ input: Activations,
    _ product: ComputePool.Product,
    _ rows: Range<Int>
) {
    let output = product.output
    unsafe withUnsafePointer(to: product.weights.dense) { weights in
        unsafe ck_matmul_bf16(
            weights,
            rows.lowerBound / NumberFormat.panelRows,
            (rows.upperBound + NumberFormat.panelRows - 1) / NumberFormat.panelRows,
            input.values,
            input.count,
            output.values,
            output.columns
        )
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
    let slice = unsafe weights.base.assumingMemoryBound(to: Float.self)
    unsafe multiplyTiles(input, slice + rows.lowerBound * weights.columns, rows, product.output)
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
