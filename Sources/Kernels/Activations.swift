private import CKernels

/// A row-major buffer of floats that the engine reuses from step to step.
///
/// Shape: [capacity, columns].
///
/// Not safe to share between threads; the pool's tasks write to rows or columns of their own.
///
/// Safety: the memory lives as long as the object, room is rounded up to whole tiles of
/// `DenseTile.rowsMax`, and every row index is checked.
@safe package final class Activations {
    package let columns: Int
    package let capacity: Int
    /// Rows in use.
    package private(set) var count = 0
    let values: UnsafeMutablePointer<Float>
    // The same rows rounded to int8 blocks, made where a product asks for them.
    let quants: UnsafeMutablePointer<Int8>
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let totals: UnsafeMutablePointer<Int32>

    /// Allocates room for `capacity` rows, all zero.
    package init(capacity: Int, columns: Int) {
        precondition(capacity > 0 && columns > 0)
        let rows = (capacity + DenseTile.rowsMax - 1) / DenseTile.rowsMax * DenseTile.rowsMax
        let blocks = rows * ((columns + NumberFormat.blockCount - 1) / NumberFormat.blockCount)
        self.columns = columns
        self.capacity = capacity
        unsafe values = unsafe Self.zeros(rows * columns)
        unsafe quants = unsafe Self.zeros(rows * columns)
        unsafe scales = unsafe Self.zeros(blocks)
        unsafe sums = unsafe Self.zeros(blocks)
        unsafe totals = unsafe Self.zeros(blocks)
    }

    deinit {
        unsafe values.deallocate()
        unsafe quants.deallocate()
        unsafe scales.deallocate()
        unsafe sums.deallocate()
        unsafe totals.deallocate()
    }

    private static func zeros<Number: Numeric>(_ count: Int) -> UnsafeMutablePointer<Number> {
        let memory = UnsafeMutablePointer<Number>.allocate(capacity: count)
        unsafe memory.initialize(repeating: 0, count: count)
        return unsafe memory
    }

    /// Sets how many rows are in use; their values are whatever they were.
    package func resize(to count: Int) {
        precondition(count >= 0 && count <= capacity)
        self.count = count
    }

    func pointer(row: Int) -> UnsafeMutablePointer<Float> {
        precondition(row >= 0 && row < capacity)
        return unsafe values + row * columns
    }

    /// Lends one row.
    package func withRow<Result>(_ row: Int, _ body: (Span<Float>) -> Result) -> Result {
        let buffer = unsafe UnsafeBufferPointer(start: pointer(row: row), count: columns)
        return unsafe body(buffer.span)
    }

    /// Copies one row out.
    package func copyRow(_ row: Int) -> [Float] {
        unsafe Array(UnsafeBufferPointer(start: pointer(row: row), count: columns))
    }

    /// Copies a row in.
    package func setRow(_ row: Int, to source: [Float]) {
        precondition(source.count == columns)
        let target = unsafe pointer(row: row)
        unsafe source.withUnsafeBufferPointer {
            if let start = $0.baseAddress { unsafe target.update(from: start, count: columns) }
        }
    }

    /// Copies a row of another buffer of the same width in.
    package func setRow(_ row: Int, to sourceRow: Int, of source: Activations) {
        precondition(source.columns == columns)
        unsafe pointer(row: row).update(from: source.pointer(row: sourceRow), count: columns)
    }

    /// Whether a row holds neither a not-a-number nor an infinity.
    package func isFinite(row: Int) -> Bool {
        unsafe ck_all_finite(pointer(row: row), columns) == 1
    }
}
