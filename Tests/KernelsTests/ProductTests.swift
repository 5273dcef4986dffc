import Kernels
import Testing

@Suite("Matrix products")
struct ProductTests {
    private static let shapes = [
        (1, 32, 1), (3, 64, 5), (31, 32, 4), (32, 64, 3), (33, 64, 2), (70, 96, 17), (200, 576, 9),
        (288, 64, 33),
    ]

    private func check(
        _ found: [[Float]],
        _ rows: [[Float]],
        _ matrix: Matrix,
        _ format: NumberFormat
    ) {
        for (row, values) in zip(rows, found) {
            let rounded = format.isQuantized ? Reference.RoundedRow(row) : nil
            for (weights, value) in zip(matrix.rows, values) {
                let expected =
                    rounded.map { Reference.blockDot(weights, $0) }
                    ?? Reference.dot(weights.values, row.map(Double.init))
                #expect(
                    expected.admits(value),
                    "\(format.rawValue): \(value) for \(expected.value), \(expected.tolerance)"
                )
            }
        }
    }

    @Test(
        "agree with the naive twin in every form",
        arguments: NumberFormat.allCases
    )
    func agree(format: NumberFormat) throws {
        var random = Samples(seed: 1)
        let pool = try ComputePool(threadCount: 1)
        for (outputs, columns, count) in Self.shapes {
            let matrix = try random.matrix(format, rows: outputs, columns: columns)
            let rows = random.rows(count, columns)
            for form in KernelSupport.forms {
                let found = KernelSupport.withForm(form) { pool.product(rows, matrix) }
                check(found, rows, matrix, format)
            }
        }
    }

    @Test(
        "of block matrices round as the header says, to the last bit",
        arguments: [NumberFormat.q8, .q4]
    )
    func definition(format: NumberFormat) throws {
        var random = Samples(seed: 7)
        let pool = try ComputePool(threadCount: 1)
        for (outputs, columns, count) in Self.shapes {
            let matrix = try random.matrix(format, rows: outputs, columns: columns)
            let rows = random.rows(count, columns)
            let expected = rows.map { row in
                let rounded = Reference.RoundedRow(row)
                return matrix.rows.map {
                    Reference.blockProduct($0, rounded, hasMinimum: format == .q4)
                }
            }
            #expect(bits(pool.product(rows, matrix)) == bits(expected))
        }
    }

    /// A matrix of unit rows gives the rounded activations themselves.
    @Test("activations become int8 blocks as the twin rounds them, to the last bit")
    func rounding() throws {
        var random = Samples(seed: 2)
        let pool = try ComputePool(threadCount: 1)
        var unit = [Float](repeating: 0, count: 64 * 64)
        for index in 0..<64 { unit[65 * index] = 127 }
        let packed = try pack(
            littleEndian(unit),
            type: .f32,
            rows: 64,
            columns: 64,
            to: .q8
        )
        let matrix = try Matrix(packed, .q8, rows: 64, columns: 64)
        for row in random.rows(50, 64) + [[Float](repeating: 0, count: 64)] {
            let rounded = Reference.RoundedRow(row)
            let expected = row.indices.map {
                rounded.scales[$0 / 32] * Float(rounded.quants[$0] * 127)
            }
            for form in KernelSupport.forms {
                #expect(KernelSupport.withForm(form) { pool.product([row], matrix) } == [expected])
            }
        }
    }

    @Test(
        "a row has the same bits in any place of any batch, with any neighbours, on any threads",
        arguments: NumberFormat.allCases
    )
    func invariance(format: NumberFormat) throws {
        var random = Samples(seed: 3)
        let pools = try (1...3).map { try ComputePool(threadCount: $0) }
        for (outputs, columns) in [(288, 64), (200, 576), (1536, 96)] {
            let matrix = try random.matrix(format, rows: outputs, columns: columns)
            let row = random.floats(columns)
            let alone = bits(pools[0].product([row], matrix))[0]
            let others = random.rows(33, columns)
            for count in [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33] {
                for place in Set([0, 1, count / 2, count - 1]) where place < count {
                    var batch = Array(others.prefix(count))
                    batch[place] = row
                    let isSame = pools.allSatisfy { pool in
                        pool.product(batch, matrix)[place].map(\.bitPattern) == alone
                    }
                    #expect(
                        isSame,
                        "\(format.rawValue) \(outputs) rows, place \(place) of \(count)"
                    )
                }
            }
        }
    }

    @Test(
        "what is not a number stays in its row, and is not lost there",
        arguments: NumberFormat.allCases
    )
    func notANumber(format: NumberFormat) throws {
        var random = Samples(seed: 4)
        let pool = try ComputePool(threadCount: 2)
        let single = try ComputePool(threadCount: 1)
        let matrix = try random.matrix(format, rows: 40, columns: 96)
        let clean = random.rows(6, 96)
        let expected = bits(pool.product(clean, matrix))
        for bad in [Float.nan, -.nan, .infinity, -.infinity] {
            for column in [0, 7, 31, 32, 95] {
                var rows = clean
                rows[2][column] = bad
                let found = pool.product(rows, matrix)
                for index in rows.indices where index != 2 {
                    #expect(found[index].map(\.bitPattern) == expected[index])
                }
                #expect(!found[2].contains { $0.isFinite }, "\(format.rawValue) \(bad) \(column)")
                for form in KernelSupport.forms {
                    let found = KernelSupport.withForm(form) { single.product(rows, matrix) }
                    #expect(!found[2].contains { $0.isFinite }, "\(form)")
                }
            }
        }
    }

    @Test("products of one input with several matrices are those with each alone")
    func several() throws {
        var random = Samples(seed: 5)
        let pool = try ComputePool(threadCount: 2)
        let rows = random.rows(5, 64)
        let matrices = try NumberFormat.allCases.map {
            try random.matrix($0, rows: 70, columns: 64)
        }
        let outputs = matrices.map { _ in Activations(capacity: 5, columns: 70) }
        pool.multiply(
            Activations(rows),
            by: zip(matrices, outputs).map { ComputePool.Product($0.weights, into: $1) }
        )
        for (matrix, output) in zip(matrices, outputs) {
            #expect(bits(output.rows) == bits(pool.product(rows, matrix)))
        }
    }

    @Test("a buffer with old rows behind those in use gives the same bits")
    func leftovers() throws {
        var random = Samples(seed: 6)
        let pool = try ComputePool(threadCount: 1)
        let matrix = try random.matrix(.f32, rows: 64, columns: 64)
        let input = Activations([[Float]](repeating: .init(repeating: .nan, count: 64), count: 20))
        let rows = random.rows(3, 64)
        input.resize(to: 3)
        for (index, row) in rows.enumerated() { input.setRow(index, to: row) }
        let output = Activations(capacity: 20, columns: 64)
        pool.multiply(input, by: [.init(matrix.weights, into: output)])
        #expect(bits(output.rows) == bits(pool.product(rows, matrix)))
    }
}
