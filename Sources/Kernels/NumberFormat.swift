/// How the numbers of a packed matrix are kept; the raw value stands in a version's tensor table.
///
/// A raw value names the layout as well as the type: a new layout is a new raw value, and a daemon
/// refuses what it does not know.
package enum NumberFormat: String, CaseIterable, Sendable {
    /// 32-bit floats, row-major.
    case f32 = "f32"
    /// bfloat16, in panels of 32 rows.
    case bf16 = "bf16.2x32"
    /// int8 with one binary16 scale per 32 columns, in panels of 32 rows.
    case q8 = "q8.32x32"
    /// 4 bits with one binary16 scale and minimum per 32 columns, in panels of 32 rows.
    case q4 = "q4.32x32"

    /// Columns that share one scale.
    package static let blockCount = 32
    /// Rows that lie side by side in all formats but f32; the last panel is filled up with zeros.
    package static let panelRows = 32
    /// The most columns that the kernels take.
    package static let columnsMax = 65_536

    /// The format that keeps every value of a source type as it is or, for types with no format of
    /// their own, comes nearest to them.
    package static func packed(for type: SourceType) -> NumberFormat {
        switch type {
        case .f32, .f16: .f32
        case .bf16: .bf16
        case .q8_0, .q5_0, .q5_1, .q5_K, .q6_K: .q8
        case .q4_0, .q4_1, .q4_K: .q4
        }
    }

    /// Whether products round the activations to int8 blocks.
    package var isQuantized: Bool { self == .q8 || self == .q4 }

    /// Bytes of a packed matrix.
    ///
    /// Columns are a multiple of 32 for the block formats.
    package func packedBytes(rows: Int, columns: Int) -> Int {
        let panels = (rows + Self.panelRows - 1) / Self.panelRows
        return switch self {
        case .f32: rows * columns * 4
        case .bf16: panels * Self.panelRows * ((columns + 1) / 2 * 2) * 2
        case .q8, .q4: panels * (columns / Self.blockCount) * recordBytes
        }
    }

    /// Bytes of one block of columns of one panel: scales, minimums if there are any, quants.
    var recordBytes: Int {
        let quants = Self.panelRows * Self.blockCount
        return switch self {
        case .f32, .bf16: 0
        case .q8: Self.panelRows * 2 + quants
        case .q4: Self.panelRows * 4 + quants / 2
        }
    }
}
