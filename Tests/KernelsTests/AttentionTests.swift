import Kernels
import Testing

@Suite("Attention")
struct AttentionTests {
    static let shapes = [
        HeadShape(queryHeads: 1, keyValueHeads: 1, width: 16),
        HeadShape(queryHeads: 4, keyValueHeads: 2, width: 16),
        HeadShape(queryHeads: 9, keyValueHeads: 3, width: 64),
        HeadShape(queryHeads: 14, keyValueHeads: 2, width: 48),
        HeadShape(queryHeads: 2, keyValueHeads: 2, width: 80),
    ]

    /// Scenes of few and many tokens, with full tiles and with single rows.
    static func scenes(_ shape: HeadShape, _ random: inout Samples) -> [AttentionScene] {
        let rowsMax = AttentionTile.rowsMax(shape)
        return [(0, 1, 1), (0, 17, rowsMax), (1, 2, 3), (16, 1, rowsMax), (70, 33, 5), (31, 16, 2)]
            .flatMap { shared, ownMax, rows in
                AttentionScene.Own.allCases.map { own in
                    let counts = (0..<min(rows, rowsMax)).map { _ in
                        Int.random(in: 1...ownMax, using: &random)
                    }
                    return AttentionScene(
                        shape,
                        shared: shared,
                        own: own,
                        ownCounts: counts,
                        &random
                    )
                }
            }
    }

    @Test("agrees with the naive twin in every form", arguments: shapes)
    func agrees(shape: HeadShape) throws {
        var random = Samples(seed: 7)
        let pool = try ComputePool(threadCount: 1)
        for scene in Self.scenes(shape, &random) {
            let tile = scene.tile(cut: random.cut(scene.sharedCount), pool)
            for form in KernelSupport.forms {
                let found = KernelSupport.withForm(form) { scene.attend([tile], pool) }
                for (row, values) in found.enumerated() {
                    for (value, bound) in zip(values, scene.expected(row: row)) {
                        #expect(
                            bound.admits(value),
                            "\(form): \(value) for \(bound.value), \(bound.tolerance)"
                        )
                    }
                }
            }
        }
    }

    @Test(
        "has the same bits however the tokens are cut, whatever rows share it, on any threads",
        arguments: shapes
    )
    func invariance(shape: HeadShape) throws {
        var random = Samples(seed: 8)
        let pools = try (1...3).map { try ComputePool(threadCount: $0) }
        for scene in Self.scenes(shape, &random) {
            let alone = bits(scene.attend(scene.tilesAlone(pools[0]), pools[0]))
            for pool in pools {
                let tile = scene.tile(cut: random.cut(scene.sharedCount), pool)
                #expect(bits(scene.attend([tile], pool)) == alone)
                let tiles = parts(of: tile, random.cut(tile.rows.count))
                #expect(bits(scene.attend(tiles, pool)) == alone)
            }
        }
    }

    /// The rows of a tile in several tiles that share the same.
    private func parts(of tile: AttentionTile, _ counts: [Int]) -> [AttentionTile] {
        var first = 0
        return counts.map { count in
            defer { first += count }
            let range = first..<first + count
            return AttentionTile(
                rows: Array(tile.rows[range]),
                shared: tile.shared,
                own: Array(tile.own[range])
            )
        }
    }

    @Test("what is not a number in one sequence does not reach another")
    func notANumber() throws {
        var random = Samples(seed: 9)
        let shape = HeadShape(queryHeads: 4, keyValueHeads: 2, width: 16)
        let pool = try ComputePool(threadCount: 2)
        let scene = AttentionScene(
            shape,
            shared: 20,
            own: .distinct,
            ownCounts: [10, 10],
            &random
        )
        let clean = scene.tile(cut: [20], pool)
        let expected = bits(scene.attend([clean], pool))
        // One token more: the one that is not a number.
        let more = KeyValuePiece(clean.own[1].block, count: 11)
        let bad = AttentionTile(rows: [0, 1], shared: clean.shared, own: [clean.own[0], more])
        let found = scene.attend([bad], pool)
        #expect(found[0].map(\.bitPattern) == expected[0])
        #expect(found[1].allSatisfy { $0.isNaN })
    }

    @Test("layers, heads and tokens of a block are kept apart")
    func places() throws {
        var random = Samples(seed: 10)
        let shape = HeadShape(queryHeads: 3, keyValueHeads: 3, width: 32)
        let pool = try ComputePool(threadCount: 1)
        let block = KeyValueBlock(layerCount: 3, shape: shape, capacity: 20)
        #expect(block.capacity == 32)
        let places = (1...20).map { KeyValuePiece(block, count: $0) }
        let values = (0..<3).map { _ in random.rows(20, 96) }
        for layer in [1, 0, 2] {
            let rows = Activations(values[layer])
            pool.store(keys: rows, values: rows, into: places, layer: layer)
        }
        // A token alone is its value, to half a step of the largest of its head.
        let queries = Activations(random.rows(1, 96))
        let output = Activations(capacity: 1, columns: 96)
        for layer in 0..<3 {
            let tile = AttentionTile(rows: [0], shared: [], own: [KeyValuePiece(block, count: 1)])
            pool.attend(queries, to: [tile], layer: layer, shape: shape, into: output)
            for (column, value) in output.copyRow(0).enumerated() {
                let head = values[layer][0][column / 32 * 32..<column / 32 * 32 + 32]
                let peak = head.reduce(0) { max($0, abs($1)) }
                #expect(abs(value - values[layer][0][column]) <= 0.501 * peak / 4095)
            }
        }
    }
}
