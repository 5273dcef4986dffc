private import CKernels

/// The numbers of one row that share a scale, on their way from a file's block to a panel.
///
/// value = scale * quant (+ minimum, for the 4-bit format).
struct PackedBlock {
    /// binary16.
    var scale: UInt16
    var minimum: UInt16 = 0
    /// Bits of int8, or 0 to 15; by column.
    var quants: InlineArray<32, UInt8>

    /// Takes over a block of the source bit for bit; nil if the format cannot hold it so.
    init?(carrying row: RawSpan, type: SourceType, block: Int, to format: NumberFormat) {
        switch (type, format) {
        case (.q8_0, .q8):
            let at = block * type.blockBytes
            scale = half(row, at)
            quants = .init { byte(row, at + 2 + $0) }
        case (.q4_0, .q4):
            let at = block * type.blockBytes
            scale = half(row, at)
            // Q4_0 means (nibble - 8) * scale. -8 * scale is exact: only the exponent changes.
            minimum = ck_float_to_half(-8 * ck_half_to_float(scale))
            quants = .init { nibble(row, at + 2, $0) }
        case (.q4_1, .q4):
            let at = block * type.blockBytes
            scale = half(row, at)
            minimum = half(row, at + 2)
            quants = .init { nibble(row, at + 4, $0) }
        case (.q5_0, .q8):
            let at = block * type.blockBytes
            scale = half(row, at)
            quants = .init { UInt8(bitPattern: q5_0Quant(row, at, $0)) }
        case (.q4_K, .q4):
            let (at, group) = (block / 8 * type.blockBytes, block % 8)
            (scale, minimum) = q4KScales(row, at, group: group)
            quants = .init { q4KQuant(row, at, group: group, $0) }
        default: return nil
        }
    }

    /// Rounds values to a block format.
    ///
    /// Safety: `values` is read during the call, at indexes below its count, which is checked.
    init(rounding values: UnsafeBufferPointer<Float>, to format: NumberFormat) {
        precondition(values.count == NumberFormat.blockCount)
        if format == .q8 {
            let peak = unsafe values.reduce(0) { max($0, abs($1)) }
            scale = ck_float_to_half(peak / 127)
            let inverse = Self.inverse(scale)
            quants = .init { index in
                let quant = unsafe (values[index] * inverse).rounded(.toNearestOrEven)
                return UInt8(bitPattern: Int8(quant.isNaN ? 0 : max(-127, min(127, quant))))
            }
        } else {
            let low = unsafe values.min() ?? 0
            let high = unsafe values.max() ?? 0
            scale = ck_float_to_half((high - low) / 15)
            minimum = ck_float_to_half(low)
            let inverse = Self.inverse(scale)
            let offset = ck_half_to_float(minimum)
            quants = .init { index in
                let quant = unsafe ((values[index] - offset) * inverse).rounded(.toNearestOrEven)
                return quant.isNaN ? 0 : UInt8(max(0, min(15, quant)))
            }
        }
    }

    private static func inverse(_ scale: UInt16) -> Float {
        let value = ck_half_to_float(scale)
        return value > 0 ? 1 / value : 0
    }
}

private func byte(_ row: RawSpan, _ at: Int) -> UInt8 {
    // Safety: the load is bounds-checked by the span.
    unsafe row.unsafeLoad(fromByteOffset: at, as: UInt8.self)
}

/// Element `index` of a GGUF block of 32 half bytes: the first sixteen in the low halves.
private func nibble(_ row: RawSpan, _ at: Int, _ index: Int) -> UInt8 {
    index < 16 ? byte(row, at + index) & 15 : byte(row, at + index - 16) >> 4
}
