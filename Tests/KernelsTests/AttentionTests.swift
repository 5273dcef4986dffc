import Kernels
import Testing

@Suite("Attention")
struct AttentionTests {
    /// Tokens of random keys and values, and queries of some rows.
    private struct Sequence {
        let shape: HeadShape
        let keys: [[Float]]
        let values: [[Float]]
        let queries: [[Float]]

        init(_ shape: HeadShape, tokens: Int, rows: Int, _ random: inout Samples) {
            self.shape = shape
            keys = random.rows(tokens, shape.keyValueHeads * shape.width)
            values = random.rows(tokens, shape.keyValueHeads * shape.width)
            queries = random.rows(rows, shape.queryHeads * shape.width).map { $0.map { $0 / 4 } }
        }

        /// The tokens in blocks of these lengths; what lies behind a block's end is not a number.
        func pieces(_ counts: [Int], layer: Int = 1) -> [KeyValuePiece] {
            var next = 0
            return counts.map { count in
                let block = KeyValueBlock(
                    layerCount: 2,
                    width: shape.keyValueHeads * shape.width,
                    capacity: count + 1
                )
                let keyRows = Activations(Array(keys[next..<next + count]) + [noNumbers])
                let valueRows = Activations(Array(values[next..<next + count]) + [noNumbers])
                for token in 0...count {
                    block.store(
                        layer: layer,
                        token: token,
                        keys: keyRows,
                        values: valueRows,
                        row: token
                    )
                }
                next += count
                return KeyValuePiece(block, count: count)
            }
        }

        private var noNumbers: [Float] {
            [Float](repeating: .nan, count: shape.keyValueHeads * shape.width)
        }

        func attend(_ pieces: [[KeyValuePiece]], _ pool: ComputePool) -> [[Float]] {
            let output = Activations(capacity: queries.count, columns: queries[0].count)
            pool.attend(Activations(queries), to: pieces, layer: 1, shape: shape, into: output)
            return output.rows
        }

        func expected(row: Int, head: Int) -> [Reference.Bounded] {
            let group = shape.queryHeads / shape.keyValueHeads
            let columns = head / group * shape.width..<(head / group + 1) * shape.width
            return Reference.attention(
                queries[row][head * shape.width..<(head + 1) * shape.width].map(Double.init),
                keys: keys.map { $0[columns].map(Double.init) },
                values: values.map { $0[columns].map(Double.init) }
            )
        }
    }

    private static let shapes = [
        HeadShape(queryHeads: 1, keyValueHeads: 1, width: 8),
        HeadShape(queryHeads: 4, keyValueHeads: 2, width: 16),
        HeadShape(queryHeads: 9, keyValueHeads: 3, width: 64),
        HeadShape(queryHeads: 2, keyValueHeads: 1, width: 6),
        HeadShape(queryHeads: 2, keyValueHeads: 2, width: 40),
    ]

    @Test("agrees with the naive twin, in the fast form and in the portable one", arguments: shapes)
    func agrees(shape: HeadShape) throws {
        var random = Samples(seed: 7)
        let pool = try ComputePool(threadCount: 1)
        for tokens in [1, 2, 9, 70] {
            let sequence = Sequence(shape, tokens: tokens, rows: 3, &random)
            let pieces = [[KeyValuePiece]](repeating: sequence.pieces([tokens]), count: 3)
            let fast = sequence.attend(pieces, pool)
            let portable = KernelSupport.withPortable { sequence.attend(pieces, pool) }
            for row in 0..<3 {
                for head in 0..<shape.queryHeads {
                    for (column, bound) in sequence.expected(row: row, head: head).enumerated() {
                        let place = head * shape.width + column
                        #expect(bound.admits(fast[row][place]))
                        #expect(bound.admits(portable[row][place]))
                    }
                }
            }
        }
    }

    @Test(
        "has the same bits however the tokens are cut, in any batch, on any threads",
        arguments: shapes
    )
    func invariance(shape: HeadShape) throws {
        var random = Samples(seed: 8)
        let pools = [try ComputePool(threadCount: 1), try ComputePool(threadCount: 2)]
        let sequence = Sequence(shape, tokens: 40, rows: 1, &random)
        let whole = bits(sequence.attend([sequence.pieces([40])], pools[0]))
        for _ in 0..<20 {
            var counts: [Int] = []
            while counts.reduce(0, +) < 40 {
                counts.append(Int.random(in: 1...(40 - counts.reduce(0, +)), using: &random))
            }
            for pool in pools {
                #expect(bits(sequence.attend([sequence.pieces(counts)], pool)) == whole)
            }
        }
        let other = Sequence(shape, tokens: 13, rows: 6, &random)
        var queries = other.queries
        queries[4] = sequence.queries[0]
        var pieces = [[KeyValuePiece]](repeating: other.pieces([13]), count: 6)
        pieces[4] = sequence.pieces([1, 39])
        for pool in pools {
            let output = Activations(capacity: 6, columns: queries[0].count)
            pool.attend(Activations(queries), to: pieces, layer: 1, shape: shape, into: output)
            #expect(output.copyRow(4).map(\.bitPattern) == whole[0])
        }
    }

    @Test("what is not a number in one sequence does not reach another")
    func notANumber() throws {
        var random = Samples(seed: 9)
        let shape = HeadShape(queryHeads: 4, keyValueHeads: 2, width: 16)
        let pool = try ComputePool(threadCount: 2)
        let sequence = Sequence(shape, tokens: 10, rows: 2, &random)
        let clean = sequence.pieces([10])
        let expected = bits(sequence.attend([clean, clean], pool))
        // One token more: the one that is not a number.
        let bad = [KeyValuePiece(clean[0].block, count: 11)]
        let found = sequence.attend([clean, bad], pool)
        #expect(found[0].map(\.bitPattern) == expected[0])
        #expect(found[1].allSatisfy { $0.isNaN })
    }
}
