/// Counts of heads and their width.
package struct HeadShape: Hashable, Sendable {
    package let queryHeads: Int
    package let keyValueHeads: Int
    package let width: Int

    /// Makes a shape; the query heads are a multiple of the key-value heads.
    package init(queryHeads: Int, keyValueHeads: Int, width: Int) {
        self.queryHeads = queryHeads
        self.keyValueHeads = keyValueHeads
        self.width = width
    }
}
