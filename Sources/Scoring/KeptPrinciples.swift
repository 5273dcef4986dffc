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
    private let plan: Plan

    private enum Plan: Hashable, Sendable {
        case drawn(PrinciplePlan)
        /// Of each sample that has one.
        case known([Int: Int])
    }

    /// Plans the use of sets.
    ///
    /// - Parameters:
    ///   - sets: Best first; with none every sample is judged by what it writes.
    ///   - freshShare: Share of the pairs of samples that write their own, in 0...1.
    ///   - seed: The request's seed.
    package init(sets: [Set], freshShare: Double, seed: UInt64) {
        self.sets = sets
        plan = .drawn(PrinciplePlan(setCount: sets.count, freshShare: freshShare, seed: seed))
    }

    /// Repeats a use of sets.
    ///
    /// - Parameters:
    ///   - sets: The sets.
    ///   - places: The place in `sets` for each sample that did not write its own.
    package init(sets: [Set], places: [Int: Int]) {
        precondition(places.values.allSatisfy(sets.indices.contains), "a use of a set")
        self.sets = sets
        plan = .known(places)
    }

    /// No kept set.
    package static let none = KeptPrinciples(sets: [], freshShare: 1, seed: 0)

    /// The place in `sets` of what a sample is judged by; nil where it writes its own.
    package func place(ofSample index: Int) -> Int? {
        switch plan {
        case .known(let places): return places[index]
        case .drawn(let plan):
            guard case .cached(let place) = plan.source(ofSample: index) else { return nil }
            return place
        }
    }
}
