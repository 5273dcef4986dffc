/// What time and load allow one request.
package struct Allowance: Sendable {
    /// When the caller stops waiting; nil for never.
    package var deadline: ContinuousClock.Instant?
    /// The greatest number of judgments that load allows now, from k_min and k_max.
    package var limit: @Sendable (Int, Int) async -> Int

    /// Makes an allowance.
    package init(
        deadline: ContinuousClock.Instant? = nil,
        limit: @escaping @Sendable (Int, Int) async -> Int = { _, kMax in kMax }
    ) {
        self.deadline = deadline
        self.limit = limit
    }

    /// All the time and every judgment.
    package static let all = Allowance()

    /// Seconds until the caller stops waiting.
    var secondsLeft: Double? {
        deadline.map { ContinuousClock.now.duration(to: $0) / .seconds(1) }
    }
}
