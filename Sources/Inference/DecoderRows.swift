import Kernels

/// The runs of a batch, token by token: one row each.
struct DecoderRows {
    private(set) var tokens: [Int] = []
    private(set) var positions: [Int] = []
    /// What each row sees of its own block; its token is the last one.
    private(set) var own: [KeyValuePiece] = []
    private(set) var tiles: [AttentionTile] = []

    /// Lays the runs out and groups the rows that see the same.
    init(_ runs: [DecoderRun], shape: HeadShape) {
        var singles: [[KeyValuePiece]: [Int]] = [:]
        var order: [[KeyValuePiece]] = []
        let rowsMax = AttentionTile.rowsMax(shape)
        for run in runs {
            let first = tokens.count
            for (offset, token) in run.tokens.enumerated() {
                tokens.append(Int(token.rawValue))
                positions.append(run.position + offset)
                own.append(KeyValuePiece(run.block, count: run.place + offset + 1))
            }
            if run.tokens.count > 1 {
                addTiles(Array(first..<tokens.count), shared: run.shared, rowsMax)
            } else {
                if singles[run.shared] == nil { order.append(run.shared) }
                singles[run.shared, default: []].append(first)
            }
        }
        for shared in order { addTiles(singles[shared] ?? [], shared: shared, rowsMax) }
    }

    private mutating func addTiles(_ rows: [Int], shared: [KeyValuePiece], _ rowsMax: Int) {
        // Tiles of about the same size.
        let count = (rows.count + rowsMax - 1) / rowsMax
        for tile in 0..<count {
            let part = Array(rows[tile * rows.count / count..<(tile + 1) * rows.count / count])
            tiles.append(AttentionTile(rows: part, shared: shared, own: part.map { own[$0] }))
        }
    }
}
