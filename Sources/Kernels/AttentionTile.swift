/// Rows of a batch that attend together: what they share is read once for all of them.
package struct AttentionTile {
    /// The most rows of a tile: enough that keys and values are read seldom, few enough that the
    /// rows of a small batch keep several threads busy.
    package static func rowsMax(_ shape: HeadShape) -> Int {
        max(1, 15 / (shape.queryHeads / shape.keyValueHeads))
    }

    /// Rows of the batch.
    package let rows: [Int]
    /// What every row sees first, in order of position.
    package let shared: [KeyValuePiece]
    /// What each row sees after that; it ends with the row's own token.
    package let own: [KeyValuePiece]

    /// Makes a tile of rows and their own pieces, one for each row.
    package init(rows: [Int], shared: [KeyValuePiece], own: [KeyValuePiece]) {
        precondition(!rows.isEmpty && rows.count == own.count)
        self.rows = rows
        self.shared = shared
        self.own = own
    }

    /// The most tokens that one of the rows sees.
    var tokenCountMax: Int {
        shared.reduce(0) { $0 + $1.count } + (own.map(\.count).max() ?? 0)
    }

    /// Whether the own pieces are beginnings of one block.
    var ownIsOne: Bool { own.allSatisfy { $0.block === own[0].block } }
}
