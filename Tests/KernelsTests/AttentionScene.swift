import Kernels

/// Rows that attend together: what they share, and what each sees after that.
struct AttentionScene {
    /// How the rows' own tokens lie.
    enum Own: CaseIterable {
        /// Each row has a block of its own.
        case distinct
        /// The rows see beginnings of one block.
        case oneBlock
    }

    let shape: HeadShape
    let own: Own
    let queries: [[Float]]
    /// Tokens that every row sees, and after them those that single rows see.
    let keys: [[Float]]
    let values: [[Float]]
    let sharedCount: Int
    /// The own tokens of each row.
    let ownTokens: [Range<Int>]

    static let layer = 1

    /// Makes random tokens; each row sees at least one of its own.
    init(_ shape: HeadShape, shared: Int, own: Own, ownCounts: [Int], _ random: inout Samples) {
        self.shape = shape
        self.own = own
        sharedCount = shared
        var next = shared
        ownTokens = ownCounts.map { count in
            let first = own == .distinct ? next : shared
            next = own == .distinct ? next + count : max(next, shared + count)
            return first..<first + count
        }
        keys = random.rows(next, shape.keyValueHeads * shape.width)
        values = random.rows(next, shape.keyValueHeads * shape.width)
        queries = random.rows(ownCounts.count, shape.queryHeads * shape.width)
            .map { $0.map { $0 / 4 } }
    }

    /// The tokens that a row sees.
    func seen(by row: Int) -> [Int] { Array(0..<sharedCount) + ownTokens[row] }

    /// A block of these tokens; what lies behind them is not a number.
    func block(_ tokens: [Int], _ pool: ComputePool) -> KeyValueBlock {
        let block = KeyValueBlock(layerCount: 2, shape: shape, capacity: tokens.count + 1)
        let noNumbers = [Float](repeating: .nan, count: keys[0].count)
        let rest = block.capacity - tokens.count
        let places = (1...block.capacity).map { KeyValuePiece(block, count: $0) }
        func rows(_ all: [[Float]]) -> Activations {
            Activations(tokens.map { all[$0] } + [[Float]](repeating: noNumbers, count: rest))
        }
        pool.store(keys: rows(keys), values: rows(values), into: places, layer: Self.layer)
        return block
    }

    /// Tokens in blocks of these lengths.
    func pieces(_ tokens: [Int], cut counts: [Int], _ pool: ComputePool) -> [KeyValuePiece] {
        var rest = tokens[...]
        return counts.map { count in
            defer { rest = rest.dropFirst(count) }
            return KeyValuePiece(block(Array(rest.prefix(count)), pool), count: count)
        }
    }

    /// All rows in one tile, as rows `first` and on of a batch; `cut` says where the shared tokens
    /// are cut.
    func tile(cut: [Int], first: Int = 0, _ pool: ComputePool) -> AttentionTile {
        let shared = pieces(Array(0..<sharedCount), cut: cut, pool)
        let longest = ownTokens.max { $0.count < $1.count } ?? 0..<0
        let one = own == .oneBlock ? block(Array(longest), pool) : nil
        return AttentionTile(
            rows: ownTokens.indices.map { first + $0 },
            shared: shared,
            own: ownTokens.map {
                KeyValuePiece(one ?? block(Array($0), pool), count: $0.count)
            }
        )
    }

    /// Each row in a tile of its own, all that it sees in one block.
    func tilesAlone(_ pool: ComputePool) -> [AttentionTile] {
        queries.indices.map { row in
            let tokens = seen(by: row)
            let piece = KeyValuePiece(block(tokens, pool), count: tokens.count)
            return AttentionTile(rows: [row], shared: [], own: [piece])
        }
    }

    func attend(_ tiles: [AttentionTile], _ pool: ComputePool) -> [[Float]] {
        let output = Activations(capacity: queries.count, columns: queries[0].count)
        pool.attend(Activations(queries), to: tiles, layer: Self.layer, shape: shape, into: output)
        return output.rows
    }

    /// What the naive twin says of a row, head after head.
    func expected(row: Int) -> [Reference.Bounded] {
        (0..<shape.queryHeads).flatMap { head in
            let group = shape.queryHeads / shape.keyValueHeads
            let columns = head / group * shape.width..<(head / group + 1) * shape.width
            let tokens = seen(by: row)
            return Reference.attention(
                Array(queries[row][head * shape.width..<(head + 1) * shape.width]),
                keys: tokens.map { Array(keys[$0][columns]) },
                values: tokens.map { Array(values[$0][columns]) }
            )
        }
    }
}

extension Samples {
    /// Cuts `count` things into parts of at least one.
    mutating func cut(_ count: Int) -> [Int] {
        var counts: [Int] = []
        var left = count
        while left > 0 {
            counts.append(Int.random(in: 1...left, using: &self))
            left -= counts[counts.count - 1]
        }
        return counts
    }
}
