internal import CKernels

/// Keys and values of a run of tokens, all layers. Shape: [layers][capacity][width], twice.
///
/// Safety: allocated in `init`, freed in `deinit`; token and layer indexes are checked.
@safe package final class KeyValueBlock {
    package let layerCount: Int
    package let width: Int
    package let capacity: Int
    /// Tokens whose keys and values are complete.
    package var count = 0
    private let keys: UnsafeMutablePointer<Float>
    private let values: UnsafeMutablePointer<Float>

    /// Reserves room for `capacity` tokens; the system gives pages as they are written.
    package init(layerCount: Int, width: Int, capacity: Int) {
        precondition(layerCount > 0 && width > 0 && capacity > 0)
        self.layerCount = layerCount
        self.width = width
        self.capacity = capacity
        unsafe keys = .allocate(capacity: layerCount * capacity * width)
        unsafe values = .allocate(capacity: layerCount * capacity * width)
    }

    deinit {
        unsafe keys.deallocate()
        unsafe values.deallocate()
    }

    /// Bytes that a block of this shape reserves.
    package static func bytes(layerCount: Int, width: Int, capacity: Int) -> Int {
        2 * layerCount * width * capacity * MemoryLayout<Float>.stride
    }

    /// Writes one token's keys and values of one layer from a row of each buffer.
    package func store(
        layer: Int, token: Int, keys newKeys: Activations, values newValues: Activations, row: Int
    ) {
        precondition(newKeys.columns == width && newValues.columns == width)
        let at = offset(layer: layer, token: token)
        unsafe (keys + at).update(from: newKeys.pointer(row: row), count: width)
        unsafe (values + at).update(from: newValues.pointer(row: row), count: width)
    }

    private func offset(layer: Int, token: Int) -> Int {
        precondition(layer >= 0 && layer < layerCount && token >= 0 && token < capacity)
        return (layer * capacity + token) * width
    }

    func segment(layer: Int, head: Int, headWidth: Int, count: Int) -> ck_segment {
        precondition(count <= capacity && (head + 1) * headWidth <= width)
        let at = offset(layer: layer, token: 0) + head * headWidth
        return unsafe ck_segment(keys: keys + at, values: values + at, count: count)
    }
}

/// The first `count` tokens of a block, as one row of a batch sees them.
package struct KeyValuePiece {
    package let block: KeyValueBlock
    package let count: Int

    package init(_ block: KeyValueBlock, count: Int) {
        self.block = block
        self.count = count
    }
}

/// Counts of heads and their width.
package struct HeadShape: Hashable, Sendable {
    package let queryHeads: Int
    package let keyValueHeads: Int
    package let width: Int

    package init(queryHeads: Int, keyValueHeads: Int, width: Int) {
        self.queryHeads = queryHeads
        self.keyValueHeads = keyValueHeads
        self.width = width
    }
}

extension ComputePool {
    /// Attention of each row over its own list of pieces, in order of position.
    ///
    /// The result of a row does not depend on how its tokens are cut into pieces.
    /// Shape: queries and output [rows, queryHeads * width]; pieces[row] is not empty.
    package func attend(
        _ queries: Activations, to pieces: [[KeyValuePiece]], layer: Int, shape: HeadShape,
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
                queries: queries.pointer(row: row) + at, output: output.pointer(row: row) + at,
                layer: layer, head: head)
            attendRow(place, pieces[row], group: group, shape: shape)
        }
    }
}

@safe private struct AttentionPlace {
    let queries: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let layer: Int
    let head: Int
}

// Safety: both scratch buffers are as long as the kernel's contract says.
private func attendRow(
    _ place: AttentionPlace, _ pieces: [KeyValuePiece], group: Int, shape: HeadShape
) {
    let tokens = pieces.reduce(0) { $0 + $1.count }
    precondition(tokens > 0)
    unsafe withUnsafeTemporaryAllocation(of: ck_segment.self, capacity: pieces.count) { segments in
        for (index, piece) in pieces.enumerated() {
            unsafe segments.initializeElement(
                at: index,
                to: piece.block.segment(
                    layer: place.layer, head: place.head, headWidth: shape.width,
                    count: piece.count))
        }
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: group * tokens) { scores in
            unsafe ck_attention(
                place.queries, group, shape.width, segments.baseAddress, pieces.count,
                shape.keyValueHeads * shape.width, scores.baseAddress, place.output)
        }
    }
}
