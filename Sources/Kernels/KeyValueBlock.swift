internal import CKernels

/// Keys and values of a run of tokens, all layers: 13-bit integers, with a scale for each token of
/// each head.
///
/// Shape: [layers][heads][tokens][head width], twice; the order within a head is drawn in ckernels.h.
///
/// Safety: allocated in `init`, freed in `deinit`; token and layer indexes are checked.
@safe package final class KeyValueBlock {
    package let layerCount: Int
    package let shape: HeadShape
    package let capacity: Int
    /// Tokens whose keys and values are complete.
    package var count = 0
    private let keys: UnsafeMutablePointer<Int16>
    private let values: UnsafeMutablePointer<Int16>
    private let keyScales: UnsafeMutablePointer<Float>
    private let valueScales: UnsafeMutablePointer<Float>

    /// Reserves room for `capacity` tokens; the system gives pages as they are written.
    package init(layerCount: Int, shape: HeadShape, capacity: Int) {
        precondition(layerCount > 0 && capacity > 0)
        precondition(shape.width.isMultiple(of: 16) && shape.width <= Int(CK_HEAD_WIDTH_MAX))
        self.layerCount = layerCount
        self.shape = shape
        self.capacity = Self.roundedUp(capacity)
        let places = layerCount * shape.keyValueHeads * self.capacity
        unsafe keys = .allocate(capacity: places * shape.width)
        unsafe values = .allocate(capacity: places * shape.width)
        unsafe keyScales = .allocate(capacity: places)
        unsafe valueScales = .allocate(capacity: places)
    }

    deinit {
        unsafe keys.deallocate()
        unsafe values.deallocate()
        unsafe keyScales.deallocate()
        unsafe valueScales.deallocate()
    }

    /// Bytes that a block of this shape reserves.
    package static func bytes(layerCount: Int, shape: HeadShape, capacity: Int) -> Int {
        let places = layerCount * shape.keyValueHeads * roundedUp(capacity)
        let placeBytes = shape.width * MemoryLayout<Int16>.stride + MemoryLayout<Float>.stride
        return 2 * places * placeBytes
    }

    private static func roundedUp(_ capacity: Int) -> Int {
        let group = Int(CK_KEY_GROUP)
        return (capacity + group - 1) / group * group
    }

    /// Writes one token's keys and values of one layer from a row of each buffer.
    ///
    /// Shape: keys and values [rows, heads * head width].
    func store(
        _ token: Int,
        layer: Int,
        keys newKeys: Activations,
        values newValues: Activations,
        row: Int
    ) {
        precondition(token >= 0 && token < capacity)
        precondition(newKeys.columns == shape.keyValueHeads * shape.width)
        precondition(newValues.columns == newKeys.columns)
        let width = shape.width
        for head in 0..<shape.keyValueHeads {
            let at = place(layer: layer, head: head)
            unsafe ck_store_key(
                newKeys.pointer(row: row) + head * width,
                width,
                keys + at * width,
                keyScales + at,
                token
            )
            unsafe ck_store_value(
                newValues.pointer(row: row) + head * width,
                width,
                values + at * width,
                valueScales + at,
                token
            )
        }
    }

    /// The place of the first token of a head of a layer.
    private func place(layer: Int, head: Int) -> Int {
        precondition(layer >= 0 && layer < layerCount && head >= 0 && head < shape.keyValueHeads)
        return (layer * shape.keyValueHeads + head) * capacity
    }

    /// One head of the first `count` tokens of a layer, as the kernel reads it.
    ///
    /// Safety: the caller keeps the block while it uses the pointers; the ends are checked here.
    func segment(layer: Int, head: Int, count: Int) -> ck_segment {
        precondition(count > 0 && count <= capacity)
        let at = place(layer: layer, head: head)
        return unsafe ck_segment(
            keys: keys + at * shape.width,
            key_scales: keyScales + at,
            values: values + at * shape.width,
            value_scales: valueScales + at,
            count: count
        )
    }
}
