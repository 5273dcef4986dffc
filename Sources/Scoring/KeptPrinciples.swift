/// The kept sets of principles of a request, and which sample is judged by which.
package struct KeptPrinciples: Hashable, Sendable {
    /// A kept set.
    package struct Set: Hashable, Sendable {
        package let id: String
        package let principles: [Principle]

        /// Makes a set of at least one principle.
        package init(id: String, principles: [Principle]) {
            precondition(!principles.isEmpty, "a set has principles")
            self.id = id
            self.principles = principles
        }
    }

    /// The sets, best first.
    package let sets: [Set]
    private let plan: PrinciplePlan

    /// Plans the use of sets.
    ///
    /// - Parameters:
    ///   - sets: Best first; with none every sample is judged by what it writes.
    ///   - freshShare: Share of the pairs of samples that write their own, in 0...1.
    ///   - seed: The request's seed.
    package init(sets: [Set], freshShare: Double, seed: UInt64) {
        self.sets = sets
        plan = PrinciplePlan(setCount: sets.count, freshShare: freshShare, seed: seed)
    }

    /// No kept set.
    package static let none = KeptPrinciples(sets: [], freshShare: 1, seed: 0)

    /// The place in `sets` of what a sample is judged by; nil where it writes its own.
    package func place(ofSample index: Int) -> Int? {
        switch plan.source(ofSample: index) {
        case .cached(let place): place
        case .fresh: nil
        }
    }
}
