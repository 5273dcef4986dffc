import Synchronization

/// Has a value that many want at once made by one of them.
///
/// The first to ask for a key makes its value, in its own task; the others wait for it. If making it
/// fails or is cancelled, the one that waits longest makes it instead and the rest go on waiting, so
/// that a failure costs one more attempt and not one for each who waits. Values are not kept: who
/// asks after the value was handed out begins anew.
package final class SingleFlight<Value: Sendable>: Sendable {
    /// What ends a wait.
    private enum Turn: Sendable {
        /// The value was made by another.
        case landed(Value)
        /// It is this one's turn to make it.
        case takeOver
    }

    private struct Waiter: Sendable {
        let number: UInt64
        let continuation: CheckedContinuation<Turn, any Error>
    }

    private struct Flights: Sendable {
        /// Who waits for each key that is being made, longest first.
        var waiters: [String: [Waiter]] = [:]
        var lastNumber: UInt64 = 0
    }

    private let flights = Mutex(Flights())

    /// Nothing is being made.
    package init() {}

    /// How many wait for a key, its maker not counted.
    package func waiterCount(of key: String) -> Int {
        flights.withLock { $0.waiters[key]?.count ?? 0 }
    }

    /// The value of `key`, made by `make` here or by whoever asked before.
    ///
    /// - Throws: What this caller's own `make` threw, or `CancellationError` at once if its task is
    ///   cancelled while it waits; never the failure of another's.
    package func run(_ key: String, _ make: () async throws -> Value) async throws -> Value {
        switch try await turn(key) {
        case .landed(let value): return value
        case .takeOver: break
        }
        do {
            let value = try await make()
            land(key, value)
            return value
        } catch {
            handOn(key)
            throw error
        }
    }

    /// Becomes the maker at once if nobody is, or waits.
    private func turn(_ key: String) async throws -> Turn {
        let number = flights.withLock { flights -> UInt64? in
            guard flights.waiters[key] != nil else {
                flights.waiters[key] = []
                return nil
            }
            flights.lastNumber += 1
            return flights.lastNumber
        }
        guard let number else { return .takeOver }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(key, Waiter(number: number, continuation: continuation))
            }
        } onCancel: {
            leave(key, number)
        }
    }

    private func wait(_ key: String, _ waiter: Waiter) {
        let isMaker = flights.withLock { flights in
            // The value may have landed since; then this one begins anew.
            guard flights.waiters[key] != nil else {
                flights.waiters[key] = []
                return true
            }
            flights.waiters[key]?.append(waiter)
            return false
        }
        if isMaker { waiter.continuation.resume(returning: .takeOver) }
        // A cancellation before the append found nobody to wake.
        if Task.isCancelled { leave(key, waiter.number) }
    }

    private func leave(_ key: String, _ number: UInt64) {
        let waiter = flights.withLock { flights -> Waiter? in
            guard let place = flights.waiters[key]?.firstIndex(where: { $0.number == number })
            else { return nil }
            return flights.waiters[key]?.remove(at: place)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func land(_ key: String, _ value: Value) {
        let waiters = flights.withLock { $0.waiters.removeValue(forKey: key) ?? [] }
        for waiter in waiters { waiter.continuation.resume(returning: .landed(value)) }
    }

    /// Gives the work to the one that waits longest; a cancelled one gives it on in its turn.
    private func handOn(_ key: String) {
        let next = flights.withLock { flights -> Waiter? in
            guard let first = flights.waiters[key]?.first else {
                flights.waiters[key] = nil
                return nil
            }
            flights.waiters[key]?.removeFirst()
            return first
        }
        next?.continuation.resume(returning: .takeOver)
    }
}
