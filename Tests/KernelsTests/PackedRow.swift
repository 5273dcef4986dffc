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
                let at = 2 * (row * columns + column)
                return Double(Float(bitPattern: Self.integer(packed[at..<at + 2]) << 16))
            }
        case .q8:
            let plane = rows * columns
            for block in 0..<blocks {
                scales.append(Self.half(packed, plane + 2 * (row * blocks + block)))
                minimums.append(0)
                let at = row * columns + 32 * block
                quants += packed[at..<at + 32].map { Int(Int8(bitPattern: $0)) }
            }
        case .q4:
            let plane = rows * columns / 2
            for block in 0..<blocks {
                let place = row * blocks + block
                scales.append(Self.half(packed, plane + 2 * place))
                minimums.append(Self.half(packed, plane + 2 * (rows * blocks + place)))
                let bytes = packed[16 * place..<16 * place + 16]
                quants += bytes.map { Int($0 & 15) } + bytes.map { Int($0 >> 4) }
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
