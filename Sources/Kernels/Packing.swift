// Source bytes -> packed bytes. Runs at import only. The source is untrusted in value, not in
// length: the caller's file reader has checked the length, and it is checked here again.

/// Packs a matrix of a model file into the layout that the kernels read.
///
/// A format of its own (`NumberFormat.packed(for:)`) keeps every value; `.f32` widens; another one
/// rounds. `bytes` is the tensor as it lies in the file. Shape: [rows, columns].
///
/// - Throws: `KernelError` for a shape that the format cannot hold or a length that does not fit.
///
/// Cost: one pass; memory for the result and one row of floats.
package func packMatrix(
    _ bytes: RawSpan,
    type: SourceType,
    rows: Int,
    columns: Int,
    to format: NumberFormat
) throws(KernelError) -> [UInt8] {
    try checkShape(rows: rows, columns: columns, type: type, format: format)
    let rowBytes = columns / type.blockCount * type.blockBytes
    guard bytes.byteCount == rows * rowBytes else {
        throw KernelError(
            "matrix bytes",
            expected: "\(rows * rowBytes) for [\(rows), \(columns)] \(type.name)",
            found: "\(bytes.byteCount)"
        )
    }
    var packer = MatrixPacker(format: format, rows: rows, columns: columns)
    for row in 0..<rows {
        packer.append(bytes.extracting(row * rowBytes..<(row + 1) * rowBytes), type: type)
    }
    return packer.bytes
}

/// Widens a vector of a model file to 32-bit floats, little endian.
///
/// - Throws: `KernelError` if the length does not fit.
package func packVector(
    _ bytes: RawSpan,
    type: SourceType,
    count: Int
) throws(KernelError) -> [UInt8] {
    try packMatrix(bytes, type: type, rows: 1, columns: count, to: .f32)
}

private func checkShape(
    rows: Int,
    columns: Int,
    type: SourceType,
    format: NumberFormat
) throws(KernelError) {
    guard rows > 0, columns > 0, columns <= NumberFormat.columnsMax, rows <= 1 << 24 else {
        throw KernelError(
            "matrix shape",
            expected: "1...\(1 << 24) rows, 1...\(NumberFormat.columnsMax) columns",
            found: "[\(rows), \(columns)]"
        )
    }
    let multiple = max(format.isQuantized ? NumberFormat.blockCount : 1, type.blockCount)
    guard columns.isMultiple(of: multiple) else {
        throw KernelError(
            "matrix columns",
            expected: "a multiple of \(multiple) for \(format.rawValue)",
            found: "\(columns)"
        )
    }
}

/// Puts row after row into the place that the layout gives it.
private struct MatrixPacker {
    let format: NumberFormat
    let columns: Int
    /// The packed matrix; rows that fill up the last panel stay zero.
    private(set) var bytes: [UInt8]
    private var row = 0

    init(format: NumberFormat, rows: Int, columns: Int) {
        self.format = format
        self.columns = columns
        bytes = [UInt8](repeating: 0, count: format.packedBytes(rows: rows, columns: columns))
    }

    mutating func append(_ source: RawSpan, type: SourceType) {
        switch format {
        case .f32:
            for (column, value) in floats(of: source, type: type).enumerated() {
                put(value.bitPattern.littleEndian, at: (row * columns + column) * 4)
            }
        case .bf16:
            let (panel, lane) = row.quotientAndRemainder(dividingBy: NumberFormat.panelRows)
            let (half, place) = lane.quotientAndRemainder(dividingBy: NumberFormat.panelRows / 2)
            let pairs = (columns + 1) / 2
            let first = (2 * panel + half) * pairs * NumberFormat.panelRows + 2 * place
            for (column, value) in floats(of: source, type: type).enumerated() {
                let at = first + column / 2 * NumberFormat.panelRows + column % 2
                put(bfloat(value).littleEndian, at: 2 * at)
            }
        case .q8, .q4: appendBlocks(source, type: type)
        }
        row += 1
    }

    private mutating func appendBlocks(_ source: RawSpan, type: SourceType) {
        var values: [Float] = []
        for index in 0..<columns / NumberFormat.blockCount {
            if let block = PackedBlock(carrying: source, type: type, block: index, to: format) {
                place(block, at: index)
                continue
            }
            if values.isEmpty { values = floats(of: source, type: type) }
            let first = index * NumberFormat.blockCount
            // Safety: a row has `columns` values, a multiple of a block's.
            let block = unsafe values.withUnsafeBufferPointer {
                unsafe PackedBlock(
                    rounding: .init(rebasing: $0[first..<first + NumberFormat.blockCount]),
                    to: format
                )
            }
            place(block, at: index)
        }
    }

    /// Puts one block of the current row into its record.
    ///
    /// Layout: drawn in ckernels.h.
    private mutating func place(_ block: PackedBlock, at index: Int) {
        let panel = NumberFormat.panelRows
        let (panelIndex, lane) = row.quotientAndRemainder(dividingBy: panel)
        let blocks = columns / NumberFormat.blockCount
        let record = (panelIndex * blocks + index) * format.recordBytes
        put(block.scale.littleEndian, at: record + 2 * lane)
        guard format == .q4 else {
            let quants = record + 2 * panel
            for column in 0..<NumberFormat.blockCount {
                bytes[quants + (column / 4 * panel + lane) * 4 + column % 4] = block.quants[column]
            }
            return
        }
        put(block.minimum.littleEndian, at: record + 2 * (panel + lane))
        let quants = record + 4 * panel
        for pair in 0..<4 {
            for column in 0..<4 {
                let low = block.quants[8 * pair + column]
                let high = block.quants[8 * pair + 4 + column]
                bytes[quants + (pair * panel + lane) * 4 + column] = low | high << 4
            }
        }
    }

    private mutating func put<Bits: FixedWidthInteger>(_ bits: Bits, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<Bits>.size <= bytes.count)
        // Safety: the place was checked just now.
        unsafe bytes.withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: bits, toByteOffset: offset, as: Bits.self)
        }
    }
}

private func bfloat(_ value: Float) -> UInt16 {
    guard !value.isNaN else { return 0x7fc0 }
    let bits = value.bitPattern
    // Round to nearest, ties to even.
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
}
