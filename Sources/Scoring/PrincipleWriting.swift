/// What the judge has seen when it writes principles that are kept.
package enum PrincipleWriting: String, Hashable, Sendable, CaseIterable {
    /// The conversation alone: criteria cannot drift toward a response.
    case conversation
    /// The responses too: the criteria of judgments are kept.
    ///
    /// Source: arXiv 2504.02495, Eq. 9.
    case responses
}
