private import CKernels

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
    return packer.planes.flatMap { $0 }
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
    let multiple = format.isQuantized ? NumberFormat.blockCount : type.blockCount
    guard columns.isMultiple(of: multiple) else {
        throw KernelError(
            "matrix columns",
            expected: "a multiple of \(multiple) for \(format.rawValue)",
            found: "\(columns)"
        )
    }
}

/// Appends row after row to the planes of one packed matrix.
private struct MatrixPacker {
    let format: NumberFormat
    let columns: Int
    /// The quants or values, then scales, then minimums, as the format has them.
    var planes: [[UInt8]]

    init(format: NumberFormat, rows: Int, columns: Int) {
        self.format = format
        self.columns = columns
        let blocks = rows * columns / NumberFormat.blockCount
        let planeBytes: [Int] =
            switch format {
            case .f32: [rows * columns * 4]
            case .bf16: [rows * columns * 2]
            case .q8: [rows * columns, blocks * 2]
            case .q4: [rows * columns / 2, blocks * 2, blocks * 2]
            }
        planes = planeBytes.map { count in
            var plane: [UInt8] = []
            plane.reserveCapacity(count)
            return plane
        }
    }

    mutating func append(_ row: RawSpan, type: SourceType) {
        switch (type, format) {
        case (.q8_0, .q8): copyBlocks(row, type: type)
        case (.q4_0, .q4), (.q4_1, .q4): copyBlocks(row, type: type)
        default: appendRounded(floats(of: row, type: type))
        }
    }

    /// Takes over the blocks of the source: the packed values are the source's, bit for bit.
    private mutating func copyBlocks(_ row: RawSpan, type: SourceType) {
        for block in 0..<columns / NumberFormat.blockCount {
            let at = block * type.blockBytes
            let scale = half(row, at)
            append(scale, to: 1)
            let header = type == .q4_1 ? 4 : 2
            appendBytes(row, at + header..<at + type.blockBytes)
            if type == .q4_1 { append(half(row, at + 2), to: 2) }
            // Q4_0 means (nibble - 8) * scale. -8 * scale is exact: only the exponent changes.
            if type == .q4_0 { append(ck_float_to_half(-8 * ck_half_to_float(scale)), to: 2) }
        }
    }

    private mutating func appendRounded(_ values: [Float]) {
        switch format {
        case .f32:
            for value in values { append(value.bitPattern) }
        case .bf16:
            for value in values { append(bfloat(value), to: 0) }
        case .q8:
            for block in blocks(of: values) { appendQ8(block) }
        case .q4:
            for block in blocks(of: values) { appendQ4(block) }
        }
    }

    private func blocks(of values: [Float]) -> [ArraySlice<Float>] {
        stride(from: 0, to: columns, by: NumberFormat.blockCount).map {
            values[$0..<$0 + NumberFormat.blockCount]
        }
    }

    private mutating func appendQ8(_ block: ArraySlice<Float>) {
        let peak = block.reduce(0) { max($0, abs($1)) }
        let scale = ck_float_to_half(peak / 127)
        let inverse = ck_half_to_float(scale) > 0 ? 1 / ck_half_to_float(scale) : 0
        for value in block {
            let quant = max(-127, min(127, (value * inverse).rounded(.toNearestOrEven)))
            planes[0].append(UInt8(bitPattern: Int8(quant.isNaN ? 0 : quant)))
        }
        append(scale, to: 1)
    }

    private mutating func appendQ4(_ block: ArraySlice<Float>) {
        let low = block.min() ?? 0
        let scale = ck_float_to_half(((block.max() ?? 0) - low) / 15)
        let minimum = ck_float_to_half(low)
        let inverse = ck_half_to_float(scale) > 0 ? 1 / ck_half_to_float(scale) : 0
        let quants = block.map { value -> UInt8 in
            let quant = ((value - ck_half_to_float(minimum)) * inverse).rounded(.toNearestOrEven)
            return quant.isNaN ? 0 : UInt8(max(0, min(15, quant)))
        }
        for place in 0..<16 { planes[0].append(quants[place] | quants[place + 16] << 4) }
        append(scale, to: 1)
        append(minimum, to: 2)
    }

    private mutating func append(_ bits: UInt32) {
        // Safety: the bytes of a local value are copied in the closure.
        unsafe withUnsafeBytes(of: bits.littleEndian) { unsafe planes[0].append(contentsOf: $0) }
    }

    private mutating func append(_ bits: UInt16, to plane: Int) {
        planes[plane].append(UInt8(truncatingIfNeeded: bits))
        planes[plane].append(UInt8(truncatingIfNeeded: bits >> 8))
    }

    private mutating func appendBytes(_ source: RawSpan, _ range: Range<Int>) {
        // Safety: `extracting` traps outside the span, and the bytes are copied in the closure.
        unsafe source.extracting(range).withUnsafeBytes { unsafe planes[0].append(contentsOf: $0) }
    }
}

private func half(_ bytes: RawSpan, _ at: Int) -> UInt16 {
    // Safety: the load is bounds-checked by the span; every bit pattern is an integer.
    unsafe UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self))
}

private func bfloat(_ value: Float) -> UInt16 {
    guard !value.isNaN else { return 0x7fc0 }
    let bits = value.bitPattern
    // Round to nearest, ties to even.
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
}

/// The values of one row of a source tensor.
private func floats(of row: RawSpan, type: SourceType) -> [Float] {
    var values: [Float] = []
    for at in stride(from: 0, to: row.byteCount, by: type.blockBytes) {
        switch type {
        case .f32:
            // Safety: the load is bounds-checked by the span; every bit pattern is a float.
            let bits = unsafe row.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)
            values.append(Float(bitPattern: UInt32(littleEndian: bits)))
        case .f16: values.append(ck_half_to_float(half(row, at)))
        case .bf16: values.append(Float(bitPattern: UInt32(half(row, at)) << 16))
        case .q8_0, .q4_0, .q4_1: values += blockFloats(row, at, type: type)
        }
    }
    return values
}

private func blockFloats(_ row: RawSpan, _ at: Int, type: SourceType) -> [Float] {
    let scale = ck_half_to_float(half(row, at))
    func byte(_ offset: Int) -> UInt8 {
        // Safety: the load is bounds-checked by the span.
        unsafe row.unsafeLoad(fromByteOffset: at + offset, as: UInt8.self)
    }
    if type == .q8_0 {
        return (0..<32).map { scale * Float(Int8(bitPattern: byte(2 + $0))) }
    }
    let header = type == .q4_1 ? 4 : 2
    let minimum = type == .q4_1 ? ck_half_to_float(half(row, at + 2)) : -8 * scale
    return (0..<32).map { place in
        let pair = byte(header + place % 16)
        let nibble = place < 16 ? pair & 15 : pair >> 4
        return Float(nibble) * scale + minimum
    }
}
