import Foundation
import Kernels
import Testing

@Suite("Adding updates of low rank to packed matrices")
struct LowRankUpdateTests {
    @Test(
        "The sum is the stored matrix and the product of the factors",
        arguments: NumberFormat.allCases
    )
    func adds(format: NumberFormat) throws {
        var random = Samples(seed: 5)
        let (rows, columns, rank) = (40, 64, 3)
        let source = littleEndian(random.floats(rows * columns))
        let stored = try pack(source, type: .f32, rows: rows, columns: columns, to: format)
        let up = random.floats(rows * rank)
        let down = random.floats(rank * columns)
        let update = try LowRankUpdate(up: up, down: down, rank: rank, scale: 0.5)
        let merged = try update.merged(into: Data(stored).bytes, format: format, as: .f32)
        let after = try widened(Data(merged.packed).bytes, type: .f32)
        for row in 0..<rows {
            let weights = PackedRow(stored, format, rows: rows, columns: columns, row: row).values
            for column in 0..<columns {
                let terms = (0..<rank).map {
                    Double(up[row * rank + $0]) * Double(down[$0 * columns + column])
                }
                let expected = weights[column] + 0.5 * terms.reduce(0, +)
                let magnitude = abs(weights[column]) + terms.reduce(0) { $0 + abs($1) }
                let distance = abs(Double(after[row * columns + column]) - expected)
                #expect(distance <= Reference.gamma(rank + 3) * magnitude)
            }
        }
        #expect(merged.rounding.squaredError == 0)
        #expect(merged.rounding.squaredValues > 0)
    }

    @Test("Factors that do not fit are refused")
    func refusesFactors() {
        let cases: [([Float], [Float], Int, Float)] = [
            ([1, 2], [1, 2], 0, 1), ([1, 2, 3], [1, 2], 2, 1), ([1, 2], [1, 2, 3], 2, 1),
            ([], [1], 1, 1), ([.nan], [1], 1, 1), ([1], [.infinity], 1, 1), ([1], [1], 1, .nan),
        ]
        for (up, down, rank, scale) in cases {
            #expect(throws: KernelError.self) {
                try LowRankUpdate(up: up, down: down, rank: rank, scale: scale)
            }
        }
    }

    @Test("A matrix of another shape, and a sum that the format cannot hold, are refused")
    func refusesSums() throws {
        let update = try LowRankUpdate(
            up: [3e38, 0],
            down: [Float](repeating: 1, count: 32),
            rank: 1,
            scale: 1
        )
        let wrong = [UInt8](repeating: 0, count: 32 * 4)
        #expect(throws: KernelError.self) {
            try update.merged(into: Data(wrong).bytes, format: .f32, as: .f32)
        }
        let right = [UInt8](repeating: 0, count: 2 * 32 * 4)
        for format in [NumberFormat.q8, .q4] {
            #expect(throws: KernelError.self) {
                try update.merged(into: Data(right).bytes, format: .f32, as: format)
            }
        }
    }

    @Test("The first number that is not finite is found, wherever it stands")
    func findsNonFinite() throws {
        var random = Samples(seed: 6)
        let values = random.floats(9_000)
        #expect(try firstNonFinite(in: Data(littleEndian(values)).bytes, type: .f32) == nil)
        for (place, value) in [
            (0, Float.infinity), (4_095, -.infinity), (4_096, .nan), (8_999, .infinity),
        ] {
            var other = values
            other[place] = value
            #expect(try firstNonFinite(in: Data(littleEndian(other)).bytes, type: .f32) == place)
        }
        let largest = [Float](repeating: .greatestFiniteMagnitude, count: 5_000)
        #expect(try firstNonFinite(in: Data(littleEndian(largest)).bytes, type: .f32) == nil)
        #expect(throws: KernelError.self) {
            try firstNonFinite(in: Data([1, 2, 3]).bytes, type: .f32)
        }
    }
}
