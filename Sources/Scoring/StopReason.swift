/// Why no more judgments are drawn.
package enum StopReason: String, Hashable, Sendable, CaseIterable {
    /// All that were asked for were drawn.
    case kMax
    /// No completion of the remaining draws changes the winner.
    case exact
    /// A bound that holds for every score law.
    case guaranteed
    /// A bound that holds as far as its model does.
    case predicted
    /// Every interval is narrow enough.
    case width
    /// The daemon is short of capacity.
    case load
    /// The call's deadline is near.
    case deadline
}
