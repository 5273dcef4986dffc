internal import CKernels

extension ComputePool {
    /// Attention of each row over its own list of pieces, in order of position.
    ///
    /// The result of a row does not depend on how its tokens are cut into pieces.
    /// Shape: queries and output [rows, queryHeads * width]; pieces[row] is not empty.
    package func attend(
        _ queries: Activations,
        to pieces: [[KeyValuePiece]],
        layer: Int,
        shape: HeadShape,
        into output: Activations
    ) {
        precondition(pieces.count == queries.count)
        precondition(queries.columns == shape.queryHeads * shape.width)
        output.resize(to: queries.count)
        let group = shape.queryHeads / shape.keyValueHeads
        run(queries.count * shape.keyValueHeads) { task in
            let (row, head) = task.quotientAndRemainder(dividingBy: shape.keyValueHeads)
            let at = head * group * shape.width
            // Safety: each task reads and writes the columns of its own head in its own row.
            let place = unsafe AttentionPlace(
                queries: queries.pointer(row: row) + at,
                output: output.pointer(row: row) + at,
                layer: layer,
                head: head
            )
            attendRow(place, pieces[row], group: group, shape: shape)
        }
    }
}

/// Where one task of attention reads its queries and writes its output.
///
/// Safety: points into two `Activations` that outlive the task.
@safe private struct AttentionPlace {
    let queries: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let layer: Int
    let head: Int
}

/// Attention of one row and one key-value head.
///
/// Safety: both scratch buffers are as long as the kernel's contract says.
private func attendRow(
    _ place: AttentionPlace,
    _ pieces: [KeyValuePiece],
    group: Int,
    shape: HeadShape
) {
    let tokens = pieces.reduce(0) { $0 + $1.count }
    precondition(tokens > 0)
    unsafe withUnsafeTemporaryAllocation(of: ck_segment.self, capacity: pieces.count) { segments in
        for (index, piece) in pieces.enumerated() {
            unsafe segments.initializeElement(
                at: index,
                to: piece.block.segment(
                    layer: place.layer,
                    head: place.head,
                    headWidth: shape.width,
                    count: piece.count
                )
            )
        }
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: group * tokens) { scores in
            unsafe ck_attention(
                place.queries,
                group,
                shape.width,
                segments.baseAddress,
                pieces.count,
                shape.keyValueHeads * shape.width,
                scores.baseAddress,
                place.output
            )
        }
    }
}
