/// Memory of its own at an address that the kernels take.
///
/// Safety: allocated and filled in `init`, freed in `deinit`, never written in between.
@safe private final class AlignedBytes {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ source: RawSpan) {
        unsafe bytes = .allocate(byteCount: source.byteCount, alignment: 64)
        unsafe source.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    }

    deinit { unsafe bytes.deallocate() }
}

extension WeightMatrix {
    /// Copies packed bytes: a matrix that is in no store.
    ///
    /// Shape: [rows, columns].
    ///
    /// - Throws: `KernelError` if the length or the shape does not fit the format.
    package init(
        copying packed: [UInt8],
        format: NumberFormat,
        rows: Int,
        columns: Int
    ) throws(KernelError) {
        // Safety: the span keeps the array during the call, which copies.
        try unsafe self.init(
            copying: packed.span.bytes,
            format: format,
            rows: rows,
            columns: columns
        )
    }

    /// Copies packed bytes that somebody lends.
    ///
    /// Shape: [rows, columns].
    ///
    /// - Throws: `KernelError` if the length or the shape does not fit the format.
    package init(
        copying packed: RawSpan,
        format: NumberFormat,
        rows: Int,
        columns: Int
    ) throws(KernelError) {
        let owner = AlignedBytes(packed)
        // Safety: the matrix keeps the memory, which nobody writes to.
        try unsafe self.init(
            format: format,
            rows: rows,
            columns: columns,
            bytes: UnsafeRawBufferPointer(owner.bytes),
            owner: owner
        )
    }
}
