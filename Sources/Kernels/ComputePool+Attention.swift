internal import CKernels

extension ComputePool {
    /// Attention of the rows of each tile to what they see.
    ///
    /// The result of a row does not depend on how its tokens are cut into pieces, nor on the rows
    /// it shares a tile with. Shape: queries and output [rows, queryHeads * width].
    package func attend(
        _ queries: Activations,
        to tiles: [AttentionTile],
        layer: Int,
        shape: HeadShape,
        into output: Activations
    ) {
        precondition(queries.columns == shape.queryHeads * shape.width)
        precondition(output.columns == queries.columns)
        output.resize(to: queries.count)
        let group = shape.queryHeads / shape.keyValueHeads
        reserveScratch(
            tiles.map {
                ck_attention_scratch($0.rows.count, group, shape.width, $0.tokenCountMax)
            }.max() ?? 0
        )
        // Safety: a thread's scratch is its own.
        run(tiles.count * shape.keyValueHeads) { task, thread in
            let (tile, head) = task.quotientAndRemainder(dividingBy: shape.keyValueHeads)
            unsafe attendTile(
                tiles[tile],
                HeadPlace(layer: layer, head: head, shape: shape),
                queries: queries,
                output: output,
                scratch: scratch(of: thread)
            )
        }
    }

    /// Rounds keys and values of every row and puts them into the row's own piece, as its last
    /// token.
    ///
    /// Shape: keys and values [rows, keyValueHeads * width].
    package func store(
        keys: Activations,
        values: Activations,
        into pieces: [KeyValuePiece],
        layer: Int
    ) {
        precondition(pieces.count == keys.count && keys.count == values.count)
        runRows(of: keys) { row in
            let piece = pieces[row]
            piece.block.store(piece.count - 1, layer: layer, keys: keys, values: values, row: row)
        }
    }
}

/// One key-value head of one layer.
private struct HeadPlace {
    let layer: Int
    let head: Int
    let shape: HeadShape

    var group: Int { shape.queryHeads / shape.keyValueHeads }

    func segment(_ piece: KeyValuePiece) -> ck_segment {
        // Safety: the tile that holds the piece outlives the task.
        unsafe piece.block.segment(layer: layer, head: head, count: piece.count)
    }
}

/// Attention of one tile and one key-value head.
///
/// Safety: each task reads and writes the columns of its own head in its own rows; the temporary
/// arrays are as long as the kernel's contract says, and live until it returns.
private func attendTile(
    _ tile: AttentionTile,
    _ place: HeadPlace,
    queries: Activations,
    output: Activations,
    scratch: UnsafeMutablePointer<Float>
) {
    let column = place.head * place.group * place.shape.width
    var reads = unsafe tile.rows.map { row -> UnsafePointer<Float>? in
        unsafe UnsafePointer(queries.pointer(row: row) + column)
    }
    var writes = unsafe tile.rows.map { row -> UnsafeMutablePointer<Float>? in
        unsafe output.pointer(row: row) + column
    }
    var shared = unsafe tile.shared.map(place.segment)
    var own = unsafe tile.own.map(place.segment)
    unsafe reads.withUnsafeMutableBufferPointer { reads in
        unsafe writes.withUnsafeMutableBufferPointer { writes in
            unsafe shared.withUnsafeMutableBufferPointer { shared in
                unsafe own.withUnsafeMutableBufferPointer { own in
                    var task = unsafe ck_attention(
                        width: place.shape.width,
                        group: place.group,
                        rows: tile.rows.count,
                        queries: reads.baseAddress,
                        outputs: writes.baseAddress,
                        shared: shared.baseAddress,
                        shared_count: shared.count,
                        own: own.baseAddress,
                        own_is_one: tile.ownIsOne ? 1 : 0,
                        scratch: scratch
                    )
                    unsafe ck_attend(&task)
                }
            }
        }
    }
}
