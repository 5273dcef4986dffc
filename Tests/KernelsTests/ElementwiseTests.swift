import Kernels
import Testing

@Suite("Operations on rows")
struct ElementwiseTests {
    private let pool: ComputePool

    init() throws { pool = try ComputePool(threadCount: 2) }

    private func check(_ found: [[Float]], _ expected: [[Reference.Bounded]]) {
        #expect(found.count == expected.count)
        for (values, bounds) in zip(found, expected) {
            #expect(values.count == bounds.count)
            for (value, bound) in zip(values, bounds) {
                #expect(bound.admits(value), "\(value) for \(bound.value), \(bound.tolerance)")
            }
        }
    }

    @Test("normalisation agrees with its twin", arguments: [1, 15, 32, 64, 100, 577])
    func normalize(width: Int) {
        var random = Samples(seed: UInt64(width))
        let rows = random.rows(5, width) + [[Float](repeating: 0, count: width)]
        let gain = random.floats(width)
        let output = Activations(capacity: rows.count, columns: width)
        pool.normalize(Activations(rows), gain: gain, epsilon: 1e-5, into: output)
        check(output.rows, rows.map { Reference.normalized($0, gain: gain, epsilon: 1e-5) })
    }

    @Test("rotation agrees with its twin at every kind of position", arguments: [2, 6, 34, 64])
    func rotate(width: Int) {
        var random = Samples(seed: UInt64(width))
        let positions = [0, 1, 2, 100, 2047]
        let rows = random.rows(positions.count, 3 * width)
        let values = Activations(rows)
        let table = RotaryTable(headWidth: width, positionCount: 2048, base: 10_000)
        pool.rotate(values, positions: positions, table: table)
        let expected = zip(rows, positions).map { row, position in
            stride(from: 0, to: row.count, by: width).flatMap { start in
                Reference.rotated(
                    Array(row[start..<start + width]),
                    position: position,
                    base: 10_000
                )
            }
        }
        check(values.rows, expected)
        #expect(values.copyRow(0) == rows[0], "position 0 turns nothing")
    }

    @Test("the gate agrees with its twin, also far out")
    func gate() {
        var random = Samples(seed: 3)
        var gates = random.rows(4, 97)
        gates.append((0..<97).map { Float($0 - 48) * 3 })
        let ups = random.rows(5, 97)
        let values = Activations(gates)
        pool.gate(values, with: Activations(ups))
        check(values.rows, zip(gates, ups).map { zip($0, $1).map { Reference.gated($0, $1) } })
    }

    @Test("a sum rounds once")
    func add() {
        var random = Samples(seed: 4)
        let (left, right) = (random.rows(5, 33), random.rows(5, 33))
        let values = Activations(left)
        pool.add(Activations(right), to: values)
        #expect(values.rows == zip(left, right).map { zip($0, $1).map { $0 + $1 } })
    }

    @Test("every form of the kernels gives the same bits", arguments: [1, 18, 64, 130])
    func forms(width: Int) throws {
        let results = try KernelSupport.forms.map { form in
            try KernelSupport.withForm(form) { try outputs(width: width) }
        }
        for found in results { #expect(bits(found) == bits(results[0])) }
    }

    /// What each operation makes of the same rows, on this thread.
    private func outputs(width: Int) throws -> [[Float]] {
        var random = Samples(seed: UInt64(width))
        let alone = try ComputePool(threadCount: 1)
        let (rows, others) = (random.rows(3, 2 * width), Activations(random.rows(3, 2 * width)))
        let normed = Activations(capacity: 3, columns: 2 * width)
        alone.normalize(Activations(rows), gain: rows[0], epsilon: 1e-5, into: normed)
        let (turned, gated, summed) = (Activations(rows), Activations(rows), Activations(rows))
        let table = RotaryTable(headWidth: width + width % 2, positionCount: 8, base: 100)
        if width.isMultiple(of: 2) { alone.rotate(turned, positions: [0, 3, 7], table: table) }
        alone.gate(gated, with: others)
        alone.add(others, to: summed)
        return normed.rows + turned.rows + gated.rows + summed.rows
    }

    @Test(
        "gathered rows are the matrix's, in any order and more than once",
        arguments: NumberFormat.allCases
    )
    func gather(format: NumberFormat) throws {
        var random = Samples(seed: 5)
        let matrix = try random.matrix(format, rows: 11, columns: 64)
        let indexes = [10, 0, 3, 3, 7]
        let output = Activations(capacity: 5, columns: 64)
        pool.gather(indexes, from: matrix.weights, into: output)
        // A product and a sum: at most two roundings of values below the larger summand.
        let expected = indexes.map { index in
            let row = matrix.rows[index]
            return row.values.enumerated().map { place, value in
                let minimum = row.minimums.isEmpty ? 0 : Double(row.minimums[place / 32])
                let isExact = !format.isQuantized
                let tolerance = isExact ? 0 : Reference.gamma(2) * (abs(value) + 2 * abs(minimum))
                return Reference.Bounded(value: value, tolerance: tolerance)
            }
        }
        check(output.rows, expected)
    }

    @Test("every kind of number that is not finite is found in its row only")
    func finite() {
        for bad in [Float.nan, .infinity, -.infinity] {
            for column in [0, 8, 40] {
                var rows = [[Float]](repeating: .init(repeating: 3e38, count: 41), count: 3)
                rows[1][column] = bad
                let values = Activations(rows)
                #expect((0..<3).map { values.isFinite(row: $0) } == [true, false, true])
            }
        }
    }

    @Test("what is not a number stays in its row in every operation")
    func notANumber() {
        var random = Samples(seed: 6)
        var rows = random.rows(3, 32)
        rows[1][5] = .nan
        let values = Activations(rows)
        let normed = Activations(capacity: 3, columns: 32)
        pool.normalize(values, gain: .init(repeating: 1, count: 32), epsilon: 1e-5, into: normed)
        pool.gate(values, with: Activations(random.rows(3, 32)))
        pool.add(Activations(random.rows(3, 32)), to: values)
        for buffer in [normed, values] {
            #expect((0..<3).map { buffer.isFinite(row: $0) } == [true, false, true])
        }
    }
}
