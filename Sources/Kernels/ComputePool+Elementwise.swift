private import CKernels

/// A vector of floats that belongs to a model, such as the gain of a norm.
package typealias WeightVector = [Float]

extension ComputePool {
    /// y = rms-norm of each row of x.
    ///
    /// Source: arXiv 1910.07467, Eq. 4.
    package func normalize(
        _ x: Activations,
        gain: WeightVector,
        epsilon: Float,
        into y: Activations
    ) {
        precondition(gain.count == x.columns && y.columns == x.columns)
        y.resize(to: x.count)
        // Safety: shapes checked above; each task writes its own row.
        unsafe gain.withUnsafeBufferPointer { gain in
            runRows(of: x) { row in
                unsafe ck_rms_norm(
                    x.pointer(row: row),
                    gain.baseAddress,
                    x.columns,
                    epsilon,
                    y.pointer(row: row)
                )
            }
        }
    }

    /// Rotates the halves of every head of each row to the row's position: element i with element
    /// i + headWidth / 2.
    package func rotate(_ x: Activations, positions: [Int], table: RotaryTable) {
        precondition(positions.count == x.count && x.columns.isMultiple(of: table.headWidth))
        precondition(positions.allSatisfy { $0 >= 0 && $0 < table.positionCount })
        let heads = x.columns / table.headWidth
        // Safety: positions lie in the table; each task writes its own row.
        unsafe table.cosines.withUnsafeBufferPointer { cosines in
            unsafe table.sines.withUnsafeBufferPointer { sines in
                guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else {
                    return
                }
                runRows(of: x) { row in
                    let at = positions[row] * (table.headWidth / 2)
                    unsafe ck_rotate_halves(
                        x.pointer(row: row),
                        heads,
                        table.headWidth,
                        cosines + at,
                        sines + at
                    )
                }
            }
        }
    }

    /// gate = silu(gate) * up, element by element.
    ///
    /// Source: arXiv 2002.05202, Eq. 5.
    package func gate(_ gate: Activations, with up: Activations) {
        precondition(gate.columns == up.columns && gate.count == up.count)
        // Safety: shapes checked above; each task writes its own row.
        runRows(of: gate) { row in
            unsafe ck_silu_multiply(gate.pointer(row: row), up.pointer(row: row), gate.columns)
        }
    }

    /// x += y.
    package func add(_ y: Activations, to x: Activations) {
        precondition(x.columns == y.columns && x.count == y.count)
        // Safety: shapes checked above; each task writes its own row.
        runRows(of: x) { row in
            unsafe ck_add(x.pointer(row: row), y.pointer(row: row), x.columns)
        }
    }

    /// Adds a vector to every row of x.
    package func add(_ bias: WeightVector, toRowsOf x: Activations) {
        precondition(bias.count == x.columns)
        // Safety: shapes checked above; each task writes its own row.
        unsafe bias.withUnsafeBufferPointer { bias in
            guard let bias = bias.baseAddress else { return }
            runRows(of: x) { row in unsafe ck_add(x.pointer(row: row), bias, x.columns) }
        }
    }

    /// Row i of x = row indexes[i] of the table.
    package func gather(_ indexes: [Int], from table: WeightMatrix, into x: Activations) {
        precondition(table.columns == x.columns)
        x.resize(to: indexes.count)
        // Safety: `dequantize` checks the row of the table, `pointer` that of x.
        runRows(of: x) { row in
            unsafe table.dequantize(row: indexes[row], into: x.pointer(row: row))
        }
    }
}
