import Synchronization

/// The part of a request that its caller may touch while the engine works on it: a flag that the
/// next step looks at.
package final class CompletionTicket: Sendable {
    private let flag = Atomic(0)

    /// Nothing is asked for yet.
    package init() {}

    /// Asks for what can be had at once: samples that have not begun are left out, running ones end
    /// their free text and are marked as truncated.
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
