import Synchronization

/// A number that tasks on several threads change.
///
/// An atomic one, since the thread sanitizer does not see the locks of `Mutex`.
final class Counter: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .acquiring) }

    /// Adds to the number and returns what it was before.
    @discardableResult
    func add(_ change: Int) -> Int {
        number.add(change, ordering: .acquiringAndReleasing).oldValue
    }
}
