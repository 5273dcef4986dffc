/// Memory of its own at an address that the kernels take.
///
/// Safety: allocated and filled in `init`, freed in `deinit`, never written in between.
@safe private final class AlignedBytes {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ source: [UInt8]) {
        unsafe bytes = .allocate(byteCount: source.count, alignment: 64)
        unsafe bytes.copyBytes(from: source)
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
