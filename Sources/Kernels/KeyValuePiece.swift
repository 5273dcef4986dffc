/// The first `count` tokens of a block, as one row of a batch sees them.
package struct KeyValuePiece: Hashable {
    package let block: KeyValueBlock
    package let count: Int

    /// Names the beginning of a block.
    package init(_ block: KeyValueBlock, count: Int) {
        self.block = block
        self.count = count
    }

    /// Whether both are the same beginning of the same block.
    package static func == (left: Self, right: Self) -> Bool {
        left.block === right.block && left.count == right.count
    }

    /// Hashes the identity of the block and the count.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(block))
        hasher.combine(count)
    }
}
