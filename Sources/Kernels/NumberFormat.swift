/// How the numbers of a packed matrix are kept; the raw value stands in a version's tensor table.
///
/// A raw value names the layout as well as the type: a new layout is a new raw value, and a daemon
/// refuses what it does not know.
package enum NumberFormat: String, CaseIterable, Sendable {
    /// 32-bit floats, row-major.
    case f32 = "f32"
    /// bfloat16, row-major.
    case bf16 = "bf16"
    /// int8 with one binary16 scale per 32 columns: plane of quants, plane of scales.
    case q8 = "q8.32"
    /// 4 bits with one binary16 scale and minimum per 32 columns: quants, scales, minimums.
    case q4 = "q4.32"

    /// Columns that share one scale.
    package static let blockCount = 32
    /// The most columns that the kernels take.
    package static let columnsMax = 65_536

    /// The format that keeps every value of a source type as it is.
    package static func packed(for type: SourceType) -> NumberFormat {
        switch type {
        case .f32, .f16: .f32
        case .bf16: .bf16
        case .q8_0: .q8
        case .q4_0, .q4_1: .q4
        }
    }

    /// Whether products round the activations to int8 blocks.
    package var isQuantized: Bool { self == .q8 || self == .q4 }

    /// Bytes of a packed matrix.
    ///
    /// Columns are a multiple of 32 for the block formats.
    package func packedBytes(rows: Int, columns: Int) -> Int {
        let count = rows * columns
        let blocks = count / Self.blockCount
        return switch self {
        case .f32: count * 4
        case .bf16: count * 2
        case .q8: count + blocks * 2
        case .q4: count / 2 + blocks * 4
        }
    }
}
