/// A change of a matrix that is the product of two thin ones: scale * up * down.
///
/// Source: "LoRA: Low-Rank Adaptation of Large Language Models" (arXiv 2106.09685), section 4.1, where
/// `up` is B and `down` is A.
package struct LowRankUpdate: Sendable {
    package let rows: Int
    package let columns: Int
    private let rank: Int
    private let scale: Float
    private let up: [Float]
    private let down: [Float]

    /// Takes the two factors, row by row.
    ///
    /// - Parameters:
    ///   - up: Shape: [rows, rank].
    ///   - down: Shape: [rank, columns].
    ///   - rank: The columns of one and the rows of the other.
    ///   - scale: What their product is multiplied by.
    /// - Throws: `KernelError` if the rank does not divide both, or a number is not finite.
    package init(
        up: [Float],
        down: [Float],
        rank: Int,
        scale: Float
    ) throws(KernelError) {
        guard rank > 0, !up.isEmpty, !down.isEmpty, up.count.isMultiple(of: rank),
            down.count.isMultiple(of: rank)
        else {
            throw KernelError(
                "factors of an update",
                expected: "rows and columns of the rank \(rank)",
                found: "\(up.count) and \(down.count) numbers"
            )
        }
        guard scale.isFinite, up.allSatisfy(\.isFinite), down.allSatisfy(\.isFinite) else {
            throw KernelError(
                "factors of an update",
                expected: "finite numbers",
                found: "one that is infinite or not a number"
            )
        }
        self.up = up
        self.down = down
        self.rank = rank
        self.scale = scale
        rows = up.count / rank
        columns = down.count / rank
    }

    /// Adds the update to a packed matrix and packs the sum.
    ///
    /// The arithmetic is in 32-bit floats.
    ///
    /// - Parameters:
    ///   - stored: The packed matrix, of the rows and columns of the update.
    ///   - format: The format that it has.
    ///   - target: The format that the sum gets.
    /// - Returns: The packed sum, and how far rounding moved it, as a share of the update itself.
    /// - Throws: `KernelError` for a matrix that does not fit, or a sum that the format cannot hold.
    ///
    /// Cost: rows * columns * rank multiplications; memory for the matrix as floats and twice packed.
    package func merged(
        into stored: RawSpan,
        format: NumberFormat,
        as target: NumberFormat
    ) throws(KernelError) -> (packed: [UInt8], rounding: RoundingError) {
        let matrix = try WeightMatrix(
            copying: stored,
            format: format,
            rows: rows,
            columns: columns
        )
        let (sum, squaredChange) = added(to: matrix)
        // Safety: the span keeps the array; every byte of a float is set.
        let bytes = unsafe sum.span.bytes
        let packed = try packMatrix(bytes, type: .f32, rows: rows, columns: columns, to: target)
        let distance = try WeightMatrix(
            copying: packed,
            format: target,
            rows: rows,
            columns: columns
        ).roundingError(from: bytes, type: .f32)
        guard distance.squaredError.isFinite, distance.squaredValues.isFinite else {
            throw KernelError(
                "the sum of matrix and update",
                expected: "numbers that \(target.rawValue) can hold",
                found: "larger ones"
            )
        }
        let rounding = RoundingError(
            squaredError: distance.squaredError,
            squaredValues: squaredChange
        )
        return (packed, rounding)
    }

    /// The matrix with the update added, row by row, and the sum of the squares of the update.
    private func added(to matrix: WeightMatrix) -> (sum: [Float], squaredChange: Double) {
        var squares = 0.0
        var change = [Float](repeating: 0, count: columns)
        // Safety: `sum` has rows * columns numbers and `change` has columns; the rows of `down` are
        // read inside its rank * columns numbers.
        let sum = unsafe [Float](unsafeUninitializedCapacity: rows * columns) { out, filled in
            guard let start = out.baseAddress else { return }
            for row in 0..<rows {
                let target = unsafe start + row * columns
                unsafe matrix.dequantize(row: row, into: target)
                unsafe change.withUnsafeMutableBufferPointer { change in
                    unsafe multiply(row: row, into: change)
                    for column in 0..<columns {
                        let value = unsafe change[column]
                        unsafe target[column] += value
                        squares += Double(value) * Double(value)
                    }
                }
            }
            filled = rows * columns
        }
        return (sum, squares)
    }

    /// One row of the update.
    ///
    /// Safety: `out` has room for a row; the factors have the numbers that the initialiser counted.
    private func multiply(row: Int, into out: UnsafeMutableBufferPointer<Float>) {
        unsafe out.update(repeating: 0)
        unsafe down.withUnsafeBufferPointer { down in
            for index in 0..<rank {
                let factor = up[row * rank + index]
                for column in 0..<columns {
                    unsafe out[column] += factor * down[index * columns + column]
                }
            }
        }
        for column in 0..<columns { unsafe out[column] *= scale }
    }
}
