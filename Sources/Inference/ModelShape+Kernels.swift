package import Kernels

extension ModelShape {
    /// Counts and width of the heads, as attention takes them.
    package var heads: HeadShape {
        HeadShape(queryHeads: queryHeads, keyValueHeads: keyValueHeads, width: headWidth)
    }

    /// Width of the keys (or values) of one token in one layer.
    package var keyValueWidth: Int { keyValueHeads * headWidth }

    /// Bytes of keys and values that one token takes.
    package var keyValueBytesPerToken: Int {
        KeyValueBlock.bytes(layerCount: layerCount, width: keyValueWidth, capacity: 1)
    }
}
