/// When a run may stop before it has drawn all its judgments.
package enum StoppingRule: String, Hashable, Sendable, CaseIterable {
    /// Never: always draw the greatest number.
    case fixed
    /// When no completion of the remaining draws changes the winner.
    case exact
    /// Under a bound that holds for every score law.
    case guaranteed
    /// Under a bound that holds as far as its model does.
    case predicted
}
