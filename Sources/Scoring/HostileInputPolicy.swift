/// What is done with a response that tries to steer the judge.
package enum HostileInputPolicy: String, Hashable, Sendable, CaseIterable {
    /// Judge it and flag it.
    case flag
    /// Give it the lowest score.
    case floor
    /// Refuse the request.
    case reject
}
