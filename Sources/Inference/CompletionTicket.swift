import Synchronization

/// The part of a request that its caller may touch while the engine works on it: a flag that the
/// next step looks at.
package final class CompletionTicket: Sendable {
    private let flag = Atomic(0)
    /// The first samples of the request, that are begun even in a hurry.
    let leastSamples: Int

    /// Nothing is asked for yet.
    ///
    /// - Parameter leastSamples: How many samples, the first ones, are wanted in any case.
    package init(leastSamples: Int = 0) {
        self.leastSamples = leastSamples
    }

    /// Asks for what can be had at once: samples that have not begun are left out, but for the least
    /// that is wanted; running ones end their free text and are marked as truncated.
    package func hurry() {
        // A request that was cancelled stays so.
        _ = flag.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
    }

    /// Asks for nothing any more.
    package func cancel() { flag.store(2, ordering: .relaxed) }

    /// Whether an early end was asked for.
    package var isHurried: Bool { flag.load(ordering: .relaxed) == 1 }
    var isCancelled: Bool { flag.load(ordering: .relaxed) == 2 }
}
