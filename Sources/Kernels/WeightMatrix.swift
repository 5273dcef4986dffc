internal import CKernels

/// A packed matrix in mapped memory: read-only, shared by every thread.
///
/// Safety (Sendable): the bytes are never written after the pack was sealed, and `owner` keeps the
/// map alive as long as any copy of this value.
@safe package struct WeightMatrix: @unchecked Sendable {
    package let format: NumberFormat
    package let rows: Int
    package let columns: Int
    let base: UnsafeRawPointer
    private let owner: AnyObject

    /// Binds packed bytes.
    ///
    /// Shape: [rows, columns]; `packedBytes` of them.
    ///
    /// - Throws: `KernelError` if the length, the alignment or the shape does not fit the format.
    ///
    /// Safety: `bytes` must stay readable and unchanged as long as `owner` lives.
    @unsafe package init(
        format: NumberFormat,
        rows: Int,
        columns: Int,
        bytes: UnsafeRawBufferPointer,
        owner: AnyObject
    ) throws(KernelError) {
        guard rows > 0, columns > 0, columns <= NumberFormat.columnsMax,
            !format.isQuantized || columns.isMultiple(of: NumberFormat.blockCount)
        else {
            throw KernelError(
                "matrix shape",
                expected: "columns that \(format.rawValue) can hold",
                found: "[\(rows), \(columns)]"
            )
        }
        let needed = format.packedBytes(rows: rows, columns: columns)
        guard bytes.count == needed, let base = bytes.baseAddress else {
            throw KernelError(
                "packed matrix",
                expected: "\(needed) bytes",
                found: "\(bytes.count) bytes"
            )
        }
        guard UInt(bitPattern: base).isMultiple(of: 64) else {
            throw KernelError(
                "packed matrix",
                expected: "64-byte alignment",
                found: "\(UInt(bitPattern: base))"
            )
        }
        self.format = format
        self.rows = rows
        self.columns = columns
        unsafe self.base = base
        self.owner = owner
    }

    /// The matrix as the C kernels take it.
    ///
    /// Safety: the length follows `packedBytes`, which the initialiser checked.
    var blocks: ck_block_matrix {
        unsafe ck_block_matrix(
            records: base.assumingMemoryBound(to: UInt8.self),
            rows: rows,
            columns: columns
        )
    }

    /// The same for a matrix of bfloat16.
    ///
    /// Safety: as for `blocks`.
    var dense: ck_dense_matrix {
        unsafe ck_dense_matrix(
            values: base.assumingMemoryBound(to: UInt16.self),
            rows: rows,
            columns: columns
        )
    }

    /// Writes one row as floats.
    ///
    /// Shape: [columns].
    ///
    /// Safety: `out` has room for a row; `row` is checked.
    func dequantize(row: Int, into out: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows)
        switch format {
        case .f32:
            unsafe out.update(
                from: base.assumingMemoryBound(to: Float.self) + row * columns,
                count: columns
            )
        case .bf16: unsafe withUnsafePointer(to: dense) { unsafe ck_dequantize_bf16($0, row, out) }
        case .q8: unsafe withUnsafePointer(to: blocks) { unsafe ck_dequantize_q8($0, row, out) }
        case .q4: unsafe withUnsafePointer(to: blocks) { unsafe ck_dequantize_q4($0, row, out) }
        }
    }
}
