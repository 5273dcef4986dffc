internal import CKernels

/// Keys and values of a run of tokens, all layers.
///
/// Shape: [layers][capacity][width], twice.
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
        layer: Int,
        token: Int,
        keys newKeys: Activations,
        values newValues: Activations,
        row: Int
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

    /// One head of the first `count` tokens of a layer, as the kernel reads it.
    ///
    /// Safety: the caller keeps the block while it uses the pointers; the ends are checked here.
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

    /// Names the beginning of a block.
    package init(_ block: KeyValueBlock, count: Int) {
        self.block = block
        self.count = count
    }
}
