import Kernels

/// One row of a packed matrix, read by the documented layout and by nothing of the kernels.
struct PackedRow {
    var scales: [Float] = []
    var minimums: [Float] = []
    var quants: [Int] = []
    /// The values in f64: exact products and sums of the stored numbers.
    var values: [Double] = []

    /// Reads row `row` of `packed`.
    init(_ packed: [UInt8], _ format: NumberFormat, rows: Int, columns: Int, row: Int) {
        let blocks = columns / 32
        switch format {
        case .f32:
            values = (0..<columns).map { column in
                let at = 4 * (row * columns + column)
                return Double(Float(bitPattern: Self.integer(packed[at..<at + 4])))
            }
        case .bf16:
            values = (0..<columns).map { column in
                let half = (row / 16 * ((columns + 1) / 2) + column / 2) * 16 + row % 16
                let at = 2 * (2 * half + column % 2)
                return Double(Float(bitPattern: Self.integer(packed[at..<at + 2]) << 16))
            }
        case .q8:
            for block in 0..<blocks {
                let record = (row / 32 * blocks + block) * (64 + 1024)
                scales.append(Self.half(packed, record + 2 * (row % 32)))
                minimums.append(0)
                for column in 0..<32 {
                    let at = record + 64 + (column / 4 * 32 + row % 32) * 4 + column % 4
                    quants.append(Int(Int8(bitPattern: packed[at])))
                }
            }
        case .q4:
            for block in 0..<blocks {
                let record = (row / 32 * blocks + block) * (128 + 512)
                scales.append(Self.half(packed, record + 2 * (row % 32)))
                minimums.append(Self.half(packed, record + 64 + 2 * (row % 32)))
                for column in 0..<32 {
                    let at = record + 128 + (column / 8 * 32 + row % 32) * 4 + column % 4
                    quants.append(Int(column % 8 < 4 ? packed[at] & 15 : packed[at] >> 4))
                }
            }
        }
        for (index, quant) in quants.enumerated() {
            values.append(
                Double(scales[index / 32]) * Double(quant) + Double(minimums[index / 32])
            )
        }
    }

    static func integer(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func half(_ bytes: [UInt8], _ at: Int) -> Float {
        Float(Float16(bitPattern: UInt16(truncatingIfNeeded: integer(bytes[at..<at + 2]))))
    }
}
