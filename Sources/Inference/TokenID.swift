/// The position of one token in a model's vocabulary.
package struct TokenID: Hashable, Comparable, Sendable {
    /// The position, counted from zero.
    package let rawValue: UInt32

    /// Names the token at a position of the vocabulary.
    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Orders ids by their position.
    package static func < (left: TokenID, right: TokenID) -> Bool {
        left.rawValue < right.rawValue
    }
}
