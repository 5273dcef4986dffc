import Foundation
import Kernels

/// Numbers that are the same in every run (SplitMix64), and what is made from them.
struct Samples: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Values of both signs over some orders of magnitude.
    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            Float.random(in: -1...1, using: &self) * pow(2, Float.random(in: -4...4, using: &self))
        }
    }

    mutating func rows(_ count: Int, _ columns: Int) -> [[Float]] {
        (0..<count).map { _ in floats(columns) }
    }

    /// A packed matrix of random numbers, rounded to the format.
    mutating func matrix(_ format: NumberFormat, rows: Int, columns: Int) throws -> Matrix {
        let bytes = littleEndian(floats(rows * columns))
        let packed = try pack(
            bytes,
            type: .f32,
            rows: rows,
            columns: columns,
            to: format
        )
        return try Matrix(packed, format, rows: rows, columns: columns)
    }
}

/// Packs a matrix whose bytes are an array.
func pack(
    _ bytes: [UInt8],
    type: SourceType,
    rows: Int,
    columns: Int,
    to format: NumberFormat
) throws(KernelError) -> [UInt8] {
    try packMatrix(Data(bytes).bytes, type: type, rows: rows, columns: columns, to: format)
}

/// A packed matrix as the kernels see it, and as the reference reads it.
struct Matrix {
    let weights: WeightMatrix
    let rows: [PackedRow]

    init(_ packed: [UInt8], _ format: NumberFormat, rows: Int, columns: Int) throws {
        weights = try WeightMatrix(copying: packed, format: format, rows: rows, columns: columns)
        self.rows = (0..<rows).map {
            PackedRow(packed, format, rows: rows, columns: columns, row: $0)
        }
    }
}

/// Floats as they stand in a file.
func littleEndian(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
    }
}

extension Activations {
    /// A buffer with these rows in use.
    convenience init(_ rows: [[Float]], capacity: Int? = nil) {
        self.init(capacity: capacity ?? rows.count, columns: rows[0].count)
        resize(to: rows.count)
        for (index, row) in rows.enumerated() { setRow(index, to: row) }
    }

    var rows: [[Float]] { (0..<count).map { copyRow($0) } }
}

extension ComputePool {
    /// The product of rows with a matrix.
    func product(_ rows: [[Float]], _ matrix: Matrix) -> [[Float]] {
        let output = Activations(capacity: rows.count, columns: matrix.weights.rows)
        multiply(Activations(rows), by: [Product(matrix.weights, into: output)])
        return output.rows
    }
}

/// The bits of floats: equal where not-a-numbers are, too.
func bits(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }
