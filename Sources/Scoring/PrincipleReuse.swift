/// Where the principles of a judgment come from.
package enum PrincipleReuse: String, Hashable, Sendable, CaseIterable {
    /// The judge writes its own for each judgment.
    case off
    /// Kept sets are used where there are some.
    case read
    /// Kept sets are used, and new ones are kept.
    case readWrite
    /// The request brings them.
    case fixed
}
