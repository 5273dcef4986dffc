package import Kernels

extension ModelShape {
    /// Counts and width of the heads, as attention takes them.
    package var heads: HeadShape {
        HeadShape(queryHeads: queryHeads, keyValueHeads: keyValueHeads, width: headWidth)
    }

    /// Width of the keys (or values) of one token in one layer.
    package var keyValueWidth: Int { keyValueHeads * headWidth }

    /// Bytes of keys and values that a run of tokens takes.
    package func keyValueBytes(tokens: Int) -> Int {
        KeyValueBlock.bytes(layerCount: layerCount, shape: heads, capacity: tokens)
    }

    /// A block with room for a run of tokens.
    package func makeBlock(tokens: Int) -> KeyValueBlock {
        KeyValueBlock(layerCount: layerCount, shape: heads, capacity: tokens)
    }
}
