import Kernels
import Testing

/// Every form that the machine has gives the bits of the portable one.
@Suite("Forms of the kernels")
struct FormTests {
    private let pool: ComputePool

    init() throws { pool = try ComputePool(threadCount: 1) }

    /// Runs an operation in every form and compares the bits with the portable form's.
    private func expectSameBits(_ name: String, _ operation: () -> [[Float]]) {
        let portable = bits(KernelSupport.withForm("portable", operation))
        for form in KernelSupport.forms {
            let found = bits(KernelSupport.withForm(form, operation))
            #expect(found == portable, "\(name) in \(form)")
        }
    }

    /// Rows with zeros of both signs, subnormal and huge numbers among others.
    private func rows(_ count: Int, _ columns: Int, _ random: inout Samples) -> [[Float]] {
        let special: [Float] = [0, -0.0, 0x1p-130, -0x1p-148, 3e38, -2e38, 1e-20, 88.5, -104]
        return random.rows(count, columns).map { row in
            row.map { value in
                guard Int.random(in: 0..<20, using: &random) == 0 else { return value }
                return special.randomElement(using: &random) ?? 0
            }
        }
    }

    @Test("products, and the rounding of activations in them", arguments: NumberFormat.allCases)
    func products(format: NumberFormat) throws {
        var random = Samples(seed: 31)
        for outputs in [1, 31, 32, 33, 70, 96] {
            for (columns, count) in [(32, 1), (64, 2), (96, 3), (160, 4), (576, 5), (64, 19)] {
                let matrix = try random.matrix(format, rows: outputs, columns: columns)
                let batches = [random.rows(count, columns), rows(count, columns, &random)]
                for rows in batches {
                    expectSameBits("\(format.rawValue) product") { pool.product(rows, matrix) }
                }
            }
        }
    }

    /// The extremes that sums of bytes must hold: every quant the largest, of either sign.
    @Test("products of the largest quants", arguments: [NumberFormat.q8, .q4])
    func extremes(format: NumberFormat) throws {
        for (weight, value) in [(1, 1), (1, -1), (-1, 1), (-1, -1)] as [(Float, Float)] {
            // One other weight of each block gives the 4-bit format its other end.
            let source = (0..<40 * 64).map { $0 % 32 == 31 ? 0 : weight }
            let packed = try pack(
                littleEndian(source),
                type: .f32,
                rows: 40,
                columns: 64,
                to: format
            )
            let matrix = try Matrix(packed, format, rows: 40, columns: 64)
            let rows = [[Float]](repeating: .init(repeating: value, count: 64), count: 5)
            let expected = Reference.blockProduct(
                matrix.rows[0],
                Reference.RoundedRow(rows[0]),
                hasMinimum: format == .q4
            )
            for form in KernelSupport.forms {
                let found = KernelSupport.withForm(form) { pool.product(rows, matrix) }
                #expect(found.allSatisfy { $0.allSatisfy { $0 == expected } }, "\(form)")
            }
        }
    }

    @Test("attention, and the rounding of keys and values", arguments: AttentionTests.shapes)
    func attention(shape: HeadShape) {
        var random = Samples(seed: 32)
        for scene in AttentionTests.scenes(shape, &random) {
            let cut = random.cut(scene.sharedCount)
            expectSameBits("attention") {
                let tile = scene.tile(cut: cut, pool)
                return scene.attend([tile], pool)
            }
        }
    }

    @Test("attention to zeros, to subnormal, huge and infinite numbers, and to none")
    func specialAttention() {
        let shape = HeadShape(queryHeads: 2, keyValueHeads: 1, width: 16)
        let numbers: [Float] = [0, -0.0, 0x1p-148, 0x1p-120, 1, 3e38, .infinity, .nan]
        for query in numbers {
            for number in numbers {
                let key = [number] + [Float](repeating: 1, count: 15)
                expectSameBits("attention of \(query) to \(number)") {
                    let block = KeyValueBlock(layerCount: 1, shape: shape, capacity: 2)
                    let pieces = [1, 2].map { KeyValuePiece(block, count: $0) }
                    let rows = Activations([key, [Float](repeating: number, count: 16)])
                    pool.store(keys: rows, values: rows, into: pieces, layer: 0)
                    let tile = AttentionTile(rows: [0, 1], shared: [], own: pieces)
                    let queries = [[query] + [Float](repeating: 2, count: 31)]
                    let output = Activations(capacity: 2, columns: 32)
                    pool.attend(
                        Activations(queries + queries),
                        to: [tile],
                        layer: 0,
                        shape: shape,
                        into: output
                    )
                    // Which not-a-number it is, is nobody's concern.
                    return output.rows.map { $0.map { $0.isNaN ? .nan : $0 } }
                }
            }
        }
    }

    @Test("normalisation, gate and sum of rows of any width", arguments: [1, 15, 16, 33, 64, 577])
    func elementwise(width: Int) {
        var random = Samples(seed: UInt64(width))
        let left = rows(6, width, &random)
        let right = rows(6, width, &random)
        let ordinary = random.rows(6, width)
        let gain = random.floats(width)
        for rows in [left, ordinary] {
            expectSameBits("normalisation") {
                let output = Activations(capacity: 6, columns: width)
                pool.normalize(Activations(rows), gain: gain, epsilon: 1e-5, into: output)
                return output.rows
            }
            expectSameBits("gate") {
                let values = Activations(rows)
                pool.gate(values, with: Activations(right))
                return values.rows
            }
            expectSameBits("sum") {
                let values = Activations(rows)
                pool.add(Activations(right), to: values)
                pool.add(gain, toRowsOf: values)
                return values.rows
            }
        }
    }

    @Test("rotation of heads of any even width", arguments: [2, 16, 30, 32, 48, 64, 96, 128])
    func rotation(width: Int) {
        var random = Samples(seed: UInt64(width))
        let rows = random.rows(4, 3 * width)
        let table = RotaryTable(headWidth: width, positionCount: 512, base: 10_000)
        expectSameBits("rotation") {
            let values = Activations(rows)
            pool.rotate(values, positions: [0, 1, 77, 511], table: table)
            return values.rows
        }
    }

    @Test("a draw from any logits")
    func draws() {
        var random = Samples(seed: 33)
        for count in [2, 16, 33, 1000, 5003] {
            var draw = VocabularyDraw(count: count, excluded: [1])
            for round in 0..<20 {
                let logits = random.floats(count).map { $0 * (round % 2 == 0 ? 1 : 0.1) }
                let share: Float = round % 3 == 0 ? 1 : 0.9
                let uniform = Double.random(in: 0..<1, using: &random)
                let tokens = KernelSupport.forms.map { form in
                    KernelSupport.withForm(form) {
                        draw.token(
                            from: logits.span,
                            temperature: round % 5 == 0 ? 0 : 0.8,
                            share: share,
                            uniform: uniform
                        )
                    }
                }
                #expect(tokens.allSatisfy { $0 == tokens[0] && $0 != nil }, "\(tokens)")
            }
        }
    }
}
