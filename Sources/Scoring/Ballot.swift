/// A judgment as the vote sees it.
///
/// The vote and the rules that stop a run count the same ballots, so that both speak of one
/// decision.
struct Ballot: Hashable, Sendable {
    let index: Int
    /// One for each response; nil where the judgment gave none.
    let scores: [Double]?
    /// How likely the judgment is right; nil where that is not known.
    let metaScore: Double?
}
